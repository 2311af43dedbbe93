"""What can be paid for by money, by a pass or by a credit."""

from typing import Any

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.utils.translation import gettext_lazy as _

from billing.models import Payment
from billing.models.money import CurrencyField, MoneyField
from config.access.models import TenantForeignKey, TenantModel
from config.access.tenancy import TenantQuerySet
from credits.models import Entry

PAID, PENDING, FAILED = "PAID", "PENDING", "FAILED"


def _given_back(by: str, key: str) -> Subquery:
    refunds = Payment.objects.given_back().order_by().filter(**{by: OuterRef(key)})
    return Subquery(refunds.values(by).values(total=Sum("amount")))


class PayableQuerySet[M: models.Model](TenantQuerySet[M]):
    """What is paid for."""

    # What else, besides a payment of its own, shows that it has been paid.
    settled: Q = Q()
    # What was paid, and by which of its keys the refunds of that are found.
    money: tuple[tuple[str, str, str], ...] = (("payment__amount", "refunds_id", "payment_id"),)

    def with_payment(self) -> Any:
        """With `standing` (PAID, PENDING or FAILED) and `is_refunded`: it was given back.

        What was paid stays PAID when it is given back.
        """
        entry_reversed = Exists(Entry.objects.filter(reverses_id=OuterRef("entry_id")))
        return self.annotate(
            standing=Case(
                When(Q(covered__gte=F("total")) | self.settled, then=Value(PAID)),
                When(payment__status=Payment.Status.SUCCEEDED, then=Value(PAID)),
                When(payment__status=Payment.Status.FAILED, then=Value(FAILED)),
                default=Value(PENDING),
                output_field=models.CharField(),
            ),
            is_refunded=Case(
                When(Q(refund__isnull=False), then=Value(True)),
                When(entry_reversed, then=Value(True)),
                *(
                    When(**{f"{paid}__lte": _given_back(by, key)}, then=Value(True))
                    for paid, by, key in self.money
                ),
                default=Value(False),
                output_field=models.BooleanField(),
            ),
        )


class Payable(TenantModel):
    """Something with a price, in the smallest unit of its currency, and how it was paid.

    `entry` is the use of a pass or a credit that `covered` so much of the `total`; `payment` is the
    money for the rest, and `refund` is what went back of that.
    """

    total = MoneyField(_("total"), editable=False)
    currency = CurrencyField(_("currency"), editable=False)
    covered = MoneyField(_("covered by a pass or credit"), default=0, editable=False)
    entry = TenantForeignKey(Entry, null=True, editable=False, related_name="+")
    payment = TenantForeignKey(Payment, null=True, editable=False, related_name="+")
    refund = TenantForeignKey(Payment, null=True, editable=False, related_name="+")

    class Meta(TenantModel.Meta):
        abstract = True
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_covered",
                condition=Q(covered__gte=0, covered__lte=F("total"))
                & (Q(covered=0) | Q(entry__isnull=False)),
            ),
            models.UniqueConstraint(
                fields=("company", "entry"),
                condition=Q(entry__isnull=False),
                name="%(app_label)s_%(class)s_entry",
            ),
        ]

    @property
    def due(self) -> int:
        """What is left to pay with money."""
        return self.total - self.covered
