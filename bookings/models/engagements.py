from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Value
from django.utils.translation import gettext_lazy as _

from config.tenancy.models import TenantForeignKey, TenantModel
from config.tenancy.personal import NOBODYS
from config.tenancy.scoping import TenantQuerySet

from .catalogue import Facilitator


class JustThis(Func):
    """The range that contains exactly one id.

    PostgreSQL can index overlapping ranges without an extension, but not equal ids.
    """

    function = "bookings_uuidrange"

    def __init__(self, name: str) -> None:
        super().__init__(F(name), F(name), Value("[]"))


class Engagement(TenantModel):
    """A time at which an appointment or an event date occupies a facilitator; it has its id.

    The database creates these rows for bookings and event dates that are not cancelled, so that no
    code can book a facilitator twice.
    """

    personal = NOBODYS

    id = models.UUIDField(primary_key=True, editable=False)
    facilitator = TenantForeignKey(Facilitator, related_name="engagements")
    during = DateTimeRangeField(_("during"))

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("engagement")
        verbose_name_plural = _("engagements")
        constraints = [
            *TenantModel.Meta.constraints,
            ExclusionConstraint(
                name="facilitator_one_at_a_time",
                expressions=[
                    (JustThis("facilitator"), RangeOperators.OVERLAPS),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.facilitator}: {self.during}"
