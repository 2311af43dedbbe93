from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from billing.models import Subscription
from config.access.models import TenantForeignKey
from customers.models import Customer

from .coupons import Coupon, CreditRule, Terms, terms_hold
from .holdings import Holding, HoldingQuerySet
from .today import TodayOnce


class CreditQuerySet(HoldingQuerySet["Credit"]):
    """Credits of customers."""

    def including(
        self, *, redeemed: bool = False, expired: bool = False, revoked: bool = False
    ) -> Self:
        """Live credits and, where they are asked for, those that have ended in one way or other.

        A credit whose last day is over counts as expired before the ledger says so.
        """
        is_past = Q(expiry_date__lt=TodayOnce(F("company_id")))
        unfinished = Q(redeemed_at__isnull=True, revoked_at__isnull=True, expired_at__isnull=True)
        wanted = unfinished & (Q(expiry_date__isnull=True) | ~is_past)
        if redeemed:
            wanted |= Q(redeemed_at__isnull=False)
        if revoked:
            wanted |= Q(revoked_at__isnull=False)
        if expired:
            wanted |= Q(expired_at__isnull=False) | (unfinished & is_past)
        return self.filter(wanted)


class Credit(Terms, Holding):
    """A coupon issued to one customer, with the terms that the coupon had then.

    The balance of an amount counts money; that of the others is 1 while they can be used.
    `revenue` is what the company was paid for it, in the smallest unit of its currency.
    """

    coupon = TenantForeignKey(Coupon, related_name="credits")
    customer = TenantForeignKey(Customer, related_name="credits")
    subscription = TenantForeignKey(Subscription, related_name="credits", null=True, blank=True)
    rule = TenantForeignKey(CreditRule, related_name="credits", null=True, editable=False)
    period_start = models.DateField(_("for the period from"), null=True, editable=False)
    revenue = models.PositiveBigIntegerField(_("revenue"), null=True, blank=True)

    objects = CreditQuerySet.as_manager()

    class Meta(Holding.Meta):
        verbose_name = _("credit")
        verbose_name_plural = _("credits")
        constraints = [
            *Holding.Meta.constraints,
            terms_hold("credit_terms"),
            models.UniqueConstraint(
                fields=("company", "rule", "subscription", "period_start"),
                name="credit_once_a_period",
            ),
            models.CheckConstraint(
                name="credit_rule_has_period",
                condition=Q(rule__isnull=True, period_start__isnull=True)
                | Q(rule__isnull=False, period_start__isnull=False, subscription__isnull=False),
            ),
        ]
        indexes = (
            models.Index(fields=("company", "customer", "id"), name="credit_of_customer"),
            models.Index(fields=("company", "expiry_date", "id"), name="credit_by_last_day"),
            models.Index(
                fields=("company", "expiry_date"),
                include=("entitlement", "currency", "balance"),
                name="credit_outstanding",
                condition=Q(redeemed_at__isnull=True, revoked_at__isnull=True)
                & Q(expired_at__isnull=True),
            ),
            models.Index(
                fields=("company", "customer"),
                name="credit_unfinished",
                condition=Q(redeemed_at__isnull=True, revoked_at__isnull=True)
                & Q(expired_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.coupon} ({self.customer})"

    @property
    def opening_balance(self) -> int:
        """What it holds when it is issued."""
        return (self.amount or 0) if self.is_amount else 1

    def cost_of(self, amount: int | None) -> int:
        """Return what a use takes from the balance: the amount, one, or nothing of a multi-use."""
        if self.is_amount:
            return amount or 0
        return 0 if self.multi_use else 1


def terms_of(coupon: Coupon) -> dict[str, Any]:
    """Return a coupon's terms, to be copied onto a credit."""
    names = ("entitlement", "amount", "percentage", "offering", "multi_use", "currency")
    return {name: getattr(coupon, name) for name in names}
