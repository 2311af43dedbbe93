from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.tenancy.merging import Moves
from config.tenancy.models import TenantForeignKey, check, index, once
from config.tenancy.personal import Personal
from config.tenancy.recording import Recorded
from config.times import ClockOnce

from .coupons import Coupon, CreditRule, Terms, terms_hold
from .holdings import ENDING, UNFINISHED, Holding, HoldingQuerySet, has_ended, lasts


def _is(status: str) -> Q:
    """Return the condition of a status: live, redeemed, revoked or expired."""
    return {
        "live": UNFINISHED & lasts(ClockOnce()),
        "redeemed": Q(redeemed_at__isnull=False),
        "revoked": Q(revoked_at__isnull=False),
        "expired": Q(expired_at__isnull=False) | (UNFINISHED & has_ended(ClockOnce())),
    }[status]


class CreditQuerySet(HoldingQuerySet["Credit"]):
    """Credits of customers."""

    def including(
        self, *, redeemed: bool = False, expired: bool = False, revoked: bool = False
    ) -> Self:
        """Live credits, and ended credits of the given kinds.

        A credit counts as expired from its end on, even before the sweep marks it.
        """
        wanted = _is("live")
        ended = {"redeemed": redeemed, "expired": expired, "revoked": revoked}
        for status in (status for status, is_wanted in ended.items() if is_wanted):
            wanted |= _is(status)
        return self.filter(wanted)

    def in_status(self, status: str) -> Self:
        """Credits with a status: live, redeemed, revoked or expired."""
        return self.filter(_is(status))


class Credit(Terms, Holding):
    """A coupon issued to one customer, with the terms of the coupon at that time.

    The balance of an amount is money; the balance of other credits is 1 until they are used.
    `revenue` is what the company was paid for the credit, in the smallest unit of its currency.
    `payment` is the overpayment that the credit represents: a refund of it is deducted from the
    credit.
    """

    id_prefix = "crd_"
    recorded = Recorded("credit", ENDING, created="issued")
    personal = Personal(impersonal=("offering",))
    merging = {"customer": Moves()}

    KINDS = ("single", "multi_use", "amount")
    STATUSES = ("live", "redeemed", "revoked", "expired")

    coupon = TenantForeignKey(Coupon, related_name="credits")
    customer = TenantForeignKey("customers.Customer", related_name="credits")
    subscription = TenantForeignKey(
        "billing.Subscription", related_name="credits", null=True, blank=True
    )
    rule = TenantForeignKey(CreditRule, related_name="credits", null=True, editable=False)
    period_start = models.DateField(_("for the period from"), null=True, editable=False)
    revenue = models.PositiveBigIntegerField(_("revenue"), null=True, blank=True)
    payment = TenantForeignKey(
        "billing.Payment", null=True, editable=False, related_name="+", db_index=False
    )

    objects = CreditQuerySet.as_manager()

    class Meta(Holding.Meta):
        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        constraints = [
            *Holding.Meta.constraints,
            terms_hold("credit_terms"),
            once("credit_once_a_period", "rule", "subscription", "period_start"),
            check(
                "credit_rule_has_period",
                Q(rule__isnull=True, period_start__isnull=True)
                | Q(rule__isnull=False, period_start__isnull=False, subscription__isnull=False),
            ),
        ]
        indexes = (
            index("credit_of_customer", "customer", "id"),
            index("credit_by_end", "expires_at", "id"),
            index("credit_of_payment", "payment", condition=Q(payment__isnull=False)),
            index(
                "credit_unfinished_by_end",
                "expires_at",
                include=("entitlement", "currency", "balance"),
                condition=Q(redeemed_at__isnull=True, revoked_at__isnull=True)
                & Q(expired_at__isnull=True),
            ),
            index(
                "credit_unfinished",
                "customer",
                condition=Q(redeemed_at__isnull=True, revoked_at__isnull=True)
                & Q(expired_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.coupon} ({self.customer})"

    @property
    def opening_balance(self) -> int:
        """The balance of a credit when it is issued."""
        return (self.amount or 0) if self.is_amount else 1

    def cost_of(self, amount: int | None) -> int:
        """Return the amount that a use takes from the balance: the amount, 1, or 0 if multi-use."""
        if self.is_amount:
            return amount or 0
        return 0 if self.multi_use else 1


def terms_of(coupon: Coupon) -> dict[str, object]:
    """Return a copy of a coupon's terms for a credit."""
    names = ("entitlement", "amount", "percentage", "offering", "multi_use", "currency")
    return {name: getattr(coupon, name) for name in names}
