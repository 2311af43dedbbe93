"""Things that are paid for with money, a pass or a credit."""

import datetime
from abc import abstractmethod
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from billing.models.invoices import Invoice
from billing.models.payments import Payment
from config.tenancy.models import TenantForeignKey, TenantModel, UpdatedAt, check, once
from config.tenancy.money_fields import CurrencyField, MoneyField
from config.tenancy.scoping import TenantQuerySet
from credits.models.entries import Entry

PAID, PENDING, FAILED = "PAID", "PENDING", "FAILED"
# The condition of the indexes of unpaid rows.
UNPAID = Q(cancelled_at__isnull=True, payment__isnull=True, covered__lt=F("total"))


def _given_back(by: str, key: str) -> Subquery:
    refunds = Payment.objects.given_back().order_by().filter(**{by: OuterRef(key)})
    return Subquery(refunds.values(by).values(total=Sum("amount")))


class PayableQuerySet[M: models.Model](TenantQuerySet[M]):
    """Rows with a price."""

    # The condition that the row's invoice counts. A void invoice neither pays nor refunds, unless
    # the row was cancelled with it.
    invoice_counts = Q(invoice__voided_at__isnull=True) | Q(cancelled_at__isnull=False)
    # The condition that the invoice has paid for the row; a payment of its own counts separately.
    settled = Q(invoice__paid_at__isnull=False) & invoice_counts
    # The condition that no invoice charges for the row.
    uninvoiced = Q(invoice__isnull=True) | Q(invoice__voided_at__isnull=False)
    # For each kind of payment: the paid amount, the key in its refunds, the key here that they
    # refer to, and the condition that they count.
    money: tuple[tuple[str, str, str, Q], ...] = (
        ("payment__amount", "refunds_id", "payment_id", Q()),
        ("invoice__total", "invoice_id", "invoice_id", invoice_counts),
    )

    def with_payment(self) -> Self:
        """Annotate `standing` (PAID, PENDING or FAILED) and `is_refunded`.

        A row that was paid stays PAID after a refund.
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
                    When(Q(**{f"{paid}__lte": _given_back(by, key)}) & counts, then=Value(True))
                    for paid, by, key, counts in self.money
                ),
                default=Value(False),
                output_field=models.BooleanField(),
            ),
        )

    def with_balance(self) -> Self:
        """Annotate as `with_payment` does, and `paid_on_invoice` and the amount `left_to_pay`.

        `paid_on_invoice` is the amount that payments and credits paid of an invoice that is not
        void; refunds do not lower it.
        """
        taken = Payment.objects.taken().order_by().filter(invoice_id=OuterRef("invoice_id"))
        sums = taken.values("invoice_id").values(total=Sum("amount"))
        paid = Coalesce(Subquery(sums), Value(0)) + F("invoice__covered")
        owed = F("invoice__total") - F("invoice__reduced") - F("paid_on_invoice")
        number = models.BigIntegerField()
        return (
            self.with_payment()
            .annotate(
                paid_on_invoice=Case(
                    When(self.uninvoiced, then=Value(0)), default=paid, output_field=number
                )
            )
            .annotate(
                left_to_pay=Case(
                    When(self.uninvoiced, then=F("total") - F("covered")),
                    default=owed,
                    output_field=number,
                )
            )
        )

    def to_pay(self) -> Self:
        """Rows that are neither cancelled, nor paid, nor on an invoice; annotates the `balance`."""
        unpaid = Q(payment__isnull=True) | Q(payment__status=Payment.Status.FAILED)
        rows = self.filter(self.uninvoiced, unpaid, cancelled_at__isnull=True)
        return rows.filter(covered__lt=F("total")).annotate(balance=F("total") - F("covered"))

    def paid(self) -> Self:
        """Rows that are paid in full."""
        return self.with_payment().filter(Q(standing=PAID))


class Payable(TenantModel):
    """A row with a price, in the smallest unit of its currency, and how it was paid.

    `entry` is the use of a pass or a credit that paid `covered` of the `total`; `payment` is the
    money for the rest, and `refund` its refund. `invoice` charges for a row that is paid later, in
    parts or by several means. `reason` is the reason of the cancellation.
    """

    id_prefix: ClassVar[str]
    invoice: Invoice | None
    invoice_id: UUID | None

    total = MoneyField(_("total"), editable=False)
    currency = CurrencyField(_("currency"), editable=False)
    covered = MoneyField(_("covered by a pass or credit"), default=0, editable=False)
    entry = TenantForeignKey("credits.Entry", null=True, editable=False, related_name="+")
    payment = TenantForeignKey("billing.Payment", null=True, editable=False, related_name="+")
    refund = TenantForeignKey("billing.Payment", null=True, editable=False, related_name="+")
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)
    cancelled_by = models.CharField(_("cancelled by"), max_length=255, blank=True, editable=False)
    reason = models.CharField(_("cancelled because"), max_length=500, blank=True, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    class Meta(TenantModel.Meta):
        abstract = True
        constraints = [
            *TenantModel.Meta.constraints,
            check(
                "%(app_label)s_%(class)s_covered",
                Q(covered__gte=0, covered__lte=F("total"))
                & (Q(covered=0) | Q(entry__isnull=False)),
            ),
            once("%(app_label)s_%(class)s_entry", "entry", condition=Q(entry__isnull=False)),
        ]

    @property
    def due(self) -> int:
        """Return the amount left to pay with money."""
        return self.total - self.covered

    # Model classes need Django's metaclass, so only mypy checks that subclasses define this.
    @property
    @abstractmethod
    def offering(self) -> str:
        """The name of the service, event or medium, to which passes and credits may be limited."""

    @property
    def visits(self) -> int:
        """How many visits of a pass pay for the row."""
        return 1

    @property
    def usable_from(self) -> datetime.datetime | None:
        """The start of the booking, None for now: a pass or credit must not end before it."""
        return None

    @property
    def open_invoice(self) -> Invoice | None:
        """The invoice that charges for the row and is not void."""
        is_open = self.invoice is not None and self.invoice.voided_at is None
        return self.invoice if is_open else None
