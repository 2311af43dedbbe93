from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.tenancy.companies import Company
from config.tenancy.merging import Moves
from config.tenancy.models import TenantForeignKey, TenantModel, check, once
from config.tenancy.money_fields import CurrencyField, MoneyField
from config.tenancy.personal import Personal
from config.tenancy.recording import Recorded
from config.tenancy.scoping import TenantQuerySet

from .bookings import Booking

WAIVED = "waived"


class LateCancellation(TenantModel):
    """The outcome of a late cancellation: the company keeps money, or staff waive the rule.

    `fee` is the amount of the `invoice`. Money that was paid and kept is the part that was not
    refunded.
    """

    noun = "late cancellation"
    recorded = Recorded("late_cancellation", public=False)
    personal = Personal(erase=("reason",), impersonal=("actor_name",))
    merging = {"customer": Moves()}

    booking = TenantForeignKey(Booking, related_name="+")
    customer = TenantForeignKey("customers.Customer", related_name="+")
    keeps = models.CharField(
        _("what is kept"),
        max_length=6,
        choices=[*Company.Keeps.choices, (WAIVED, _("nothing: it was waived"))],
    )
    kept = MoneyField(_("money kept"), default=0)
    fee = MoneyField(_("fee"), default=0)
    currency = CurrencyField(_("currency"))
    invoice = TenantForeignKey("billing.Invoice", null=True, related_name="+")
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    actor_name = models.CharField(_("by"), max_length=255)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("late cancellation")
        verbose_name_plural = _("late cancellations")
        constraints = [
            *TenantModel.Meta.constraints,
            once("late_cancellation_once", "booking"),
            check("late_cancellation_keeps", Q(keeps__in=("visit", "fee", "waived"))),
            check("late_cancellation_amounts", Q(kept__gte=0, fee__gte=0)),
            check("late_cancellation_fee", Q(fee=0, invoice__isnull=True) | Q(fee__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.booking}: {self.get_keeps_display()}"
