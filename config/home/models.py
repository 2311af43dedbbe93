from django.db import models

from config.tenancy.models import TenantModel, once
from config.tenancy.personal import NOBODYS
from config.tenancy.scoping import TenantQuerySet


class Tally(TenantModel):
    """Stored counts of the cards that have too many rows to count on each view of the home page.

    `figures` is `{"cards": {name of a card: its counts}}`; figures of earlier releases are ignored.
    """

    counted_at = models.DateTimeField()
    personal = NOBODYS

    figures = models.JSONField(default=dict)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        constraints = [*TenantModel.Meta.constraints, once("tally_of_company")]

    def __str__(self) -> str:
        return f"{self.counted_at:%Y-%m-%d %H:%M}"
