from django.db import models

from config.access.models import TenantModel
from config.access.tenancy import TenantQuerySet


class TallyQuerySet(TenantQuerySet["Tally"]):
    """What was counted before."""


class Tally(TenantModel):
    """What was counted of a company at a moment: only what is too much to count at each look.

    `figures` holds each by its name, in the form in which it is measured.
    """

    counted_at = models.DateTimeField()
    figures = models.JSONField(default=dict)

    objects = TallyQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=("company",), name="tally_of_company"),
        ]

    def __str__(self) -> str:
        return f"{self.counted_at:%Y-%m-%d %H:%M}"
