from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Q, Sum, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.access.models import TenantForeignKey, TenantModel
from config.access.tenancy import TenantQuerySet
from config.money import show_money
from customers.models import Customer

from .invoices import Invoice
from .money import CurrencyField, MoneyField
from .payment_methods import PaymentMethod


class PaymentQuerySet(TenantQuerySet["Payment"]):
    """Money that came in and went back."""

    def taken(self) -> Self:
        """Payments that succeeded."""
        return self.filter(kind=Payment.Kind.PAYMENT, status=Payment.Status.SUCCEEDED)

    def given_back(self) -> Self:
        """Refunds that succeeded."""
        return self.filter(kind=Payment.Kind.REFUND, status=Payment.Status.SUCCEEDED)

    def succeeded(self) -> Self:
        """Payments and refunds that succeeded."""
        return self.filter(status=Payment.Status.SUCCEEDED)

    def amount_in_all(self) -> int:
        """Return the sum of the amounts, whichever way they went."""
        return self.aggregate(total=Sum("amount"))["total"] or 0

    def update(self, **kwargs: Any) -> int:
        raise TypeError("A payment is never changed: refund it.")


class Payment(TenantModel):
    """Money that came in, or went back: written once, and the only record of money.

    A refund is a row of its own, which names the payment that it `refunds` and never gives back
    more than that brought. `signed_amount` is what a row adds to what a customer has spent.
    """

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

    customer = TenantForeignKey(Customer, related_name="payments")
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
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_amount"),
            models.CheckConstraint(
                condition=Q(kind="payment", refunds__isnull=True)
                | Q(kind="refund", refunds__isnull=False),
                name="payment_kind",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["succeeded", "failed"]), name="payment_status"
            ),
        ]
        indexes = (
            models.Index(
                fields=("company", "customer", "taken_at"),
                include=("signed_amount",),
                name="payment_of_customer",
            ),
            models.Index(fields=("company", "invoice"), name="payment_of_invoice"),
            models.Index(fields=("company", "taken_at", "id"), name="payment_by_time"),
            models.Index(fields=("company", "refunds"), name="payment_refunds"),
            models.Index(
                fields=("company", "reference"),
                name="payment_reference",
                condition=~Q(reference=""),
            ),
            models.Index(
                fields=("company", "taken_at"),
                include=("currency", "signed_amount"),
                condition=Q(status="succeeded"),
                name="payment_by_day",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {show_money(self.amount, self.currency)}"
