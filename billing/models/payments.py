from typing import Self

from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext_lazy as _

from config.money import show_money
from config.tenancy.merging import Moves
from config.tenancy.models import TenantForeignKey, TenantModel, check, index
from config.tenancy.money_fields import CurrencyField, MoneyField
from config.tenancy.personal import BOOKS, Personal
from config.tenancy.recording import CREATED, EventRule, Recorded
from config.tenancy.scoping import TenantQuerySet

from .invoices import Invoice
from .payment_methods import PaymentMethod


class PaymentQuerySet(TenantQuerySet["Payment"]):
    """Payments and refunds."""

    def taken(self) -> Self:
        """Payments that succeeded."""
        return self.filter(kind=Payment.Kind.PAYMENT, status=Payment.Status.SUCCEEDED)

    def given_back(self) -> Self:
        """Refunds that succeeded."""
        return self.filter(kind=Payment.Kind.REFUND, status=Payment.Status.SUCCEEDED)

    def succeeded(self) -> Self:
        """Payments and refunds that succeeded."""
        return self.filter(status=Payment.Status.SUCCEEDED)

    def with_left(self) -> Self:
        """Annotate `left`: how much of a payment that succeeded has not been refunded."""
        refunds = Payment.objects.given_back().order_by().filter(refunds_id=OuterRef("pk"))
        gone = Subquery(refunds.values("refunds_id").values(total=Sum("amount")))
        is_payment = Q(kind=Payment.Kind.PAYMENT, status=Payment.Status.SUCCEEDED)
        return self.annotate(
            left=Case(
                When(is_payment, then=F("amount") - Coalesce(gone, Value(0))),
                default=Value(0),
                output_field=models.BigIntegerField(),
            )
        )

    def not_given_back(self) -> Self:
        """Payments that are not fully refunded."""
        return self.with_left().filter(Q(left__gt=0))

    def amount_in_all(self) -> int:
        """Return the sum of the amounts; refunds count as positive."""
        return self.aggregate(total=Sum("amount"))["total"] or 0

    def update(self, **kwargs: object) -> int:
        raise TypeError("A payment is never changed: refund it.")


class Payment(TenantModel):
    """A payment or a refund. Rows are never changed, and are the only record of money.

    A refund is a row of its own: `refunds` names its payment, and it has a `reason`. Refunds never
    exceed their payment. `signed_amount` is what the row adds to the customer's total spending.
    """

    id_prefix = "pay_"
    recorded = Recorded(
        "payment",
        (
            EventRule("failed", "status", "failed", CREATED),
            EventRule("refunded", "kind", "refund", CREATED),
        ),
        created="succeeded",
    )
    merging = {"customer": Moves()}

    personal = Personal(erase=("reason",), keep={"reference": BOOKS})

    class Kind(models.TextChoices):
        PAYMENT = "payment", _("payment")
        REFUND = "refund", _("refund")

    class Status(models.TextChoices):
        SUCCEEDED = "succeeded", _("succeeded")
        FAILED = "failed", _("failed")

    class Method(models.TextChoices):
        CARD = "card", _("card")
        CASH = "cash", _("cash")
        BANK_TRANSFER = "bank_transfer", _("bank transfer")
        DIRECT_DEBIT = "direct_debit", _("direct debit")
        OTHER = "other", _("other")

    customer = TenantForeignKey("customers.Customer", related_name="payments")
    invoice = TenantForeignKey(Invoice, null=True, blank=True, related_name="payments")
    refunds = TenantForeignKey(
        "self", null=True, blank=True, editable=False, related_name="refunded_by"
    )
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices, editable=False)
    status = models.CharField(
        _("status"), max_length=9, choices=Status.choices, default=Status.SUCCEEDED
    )
    amount = MoneyField(_("amount"))
    currency = CurrencyField(_("currency"), editable=False)
    method = models.CharField(_("paid by"), max_length=13, choices=Method.choices)
    payment_method = TenantForeignKey(
        PaymentMethod, verbose_name=_("payment method"), null=True, blank=True, related_name="+"
    )
    reference = models.CharField(_("processor's reference"), max_length=255, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="", db_default="")
    taken_at = models.DateTimeField(_("taken at"), db_default=Now(), editable=False)
    signed_amount = models.GeneratedField(
        expression=Case(
            When(~Q(status="succeeded"), then=Value(0)),
            When(kind="refund", then=Value(0) - F("amount")),
            default=F("amount"),
            output_field=models.BigIntegerField(),
        ),
        output_field=MoneyField(_("signed amount")),
        db_persist=True,
    )

    objects = PaymentQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        constraints = [
            *TenantModel.Meta.constraints,
            check("payment_amount", Q(amount__gt=0)),
            check(
                "payment_kind",
                Q(kind="payment", refunds__isnull=True) | Q(kind="refund", refunds__isnull=False),
            ),
            check("payment_status", Q(status__in=["succeeded", "failed"])),
        ]
        indexes = (
            index("payment_of_customer", "customer", "taken_at", include=("signed_amount",)),
            index("payment_of_invoice", "invoice"),
            index("payment_by_time", "taken_at", "id"),
            index("payment_refunds", "refunds"),
            index("payment_failed", "customer", condition=Q(status="failed")),
            index("payment_reference", "reference", condition=~Q(reference="")),
            index(
                "payment_by_day",
                "taken_at",
                include=("currency", "signed_amount"),
                condition=Q(status="succeeded"),
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {show_money(self.amount, self.currency)}"
