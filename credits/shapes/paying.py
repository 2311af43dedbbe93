"""The inputs for the payment of a sale or an invoice: in parts, by several means, or later."""

from typing import Any, ClassVar

from rest_framework import serializers

from billing.models import Invoice, Payment
from billing.shapes.inputs import PlanWanted
from billing.shapes.money_inputs import DueOnIn, MethodIn, MethodOfMoneyIn, MoneyIn, ReferenceIn
from config.api.input_fields import Accepted, FlagIn, RelatedField

from ..actions import CreditPart, InvoiceMeans
from ..models import Credit, PassPurchase
from .descriptions import KEEP_EXCESS
from .pass_inputs import PassWanted

MOST_PARTS = 20
# The fields of a sale about its payment.
PAYING = ("means", "keep_excess_as_credit")


class PaymentPart(Accepted):
    """A part of what is to be paid: money that came in, or a credit of the customer.

    Without `amount` it is all that is left, or all that the credit holds.
    """

    needs_one_of: ClassVar[tuple[tuple[str, ...], ...]] = (
        ("credit_id",),
        ("method",),
        ("payment_method_id",),
    )

    amount = MoneyIn(
        min_value=1,
        required=False,
        allow_null=True,
        help_text="How much this part pays, in the smallest unit of the currency of what is paid. "
        "Absent or null: all that is left to pay, or all that the credit holds.",
    )
    credit_id = RelatedField(
        Credit.objects, required=False, help_text="A credit of the customer who pays."
    )
    method = MethodOfMoneyIn(label="Means of payment")
    payment_method_id = MethodIn()
    reference = ReferenceIn()

    def validate(self, attrs: dict[str, Any]) -> InvoiceMeans:
        """Return the one means of payment."""
        names = ("method", "payment_method", "reference")
        money = {name: attrs[name] for name in names if attrs.get(name)}
        amount, credit = attrs.get("amount"), attrs.get("credit_id")
        if bool(money) == bool(credit):
            raise serializers.ValidationError(
                "Send exactly one thing to pay with: credit_id, method or payment_method_id."
            )
        if isinstance(credit, Credit):
            return credit if amount is None else CreditPart(credit, amount)
        return Payment(**money) if amount is None else Payment(**money, amount=amount)


class PaymentPartOrPass(PaymentPart):
    """A part of what is to be paid: money that came in, a credit or a pass of the customer.

    A pass pays for what it is good for. Without `amount` it is all that is left, or all that the
    credit holds.
    """

    needs_one_of = (("pass_id",), *PaymentPart.needs_one_of)

    pass_id = RelatedField(
        PassPurchase.objects,
        required=False,
        help_text="A pass of the customer who pays; send it without an amount.",
    )

    def validate(self, attrs: dict[str, Any]) -> Any:
        """Return the one means of payment."""
        used = attrs.pop("pass_id", None)
        if used is None:
            return super().validate(attrs)
        if any(attrs.values()):
            raise serializers.ValidationError("Send pass_id alone, without an amount.")
        return used


class Paying(Accepted):
    """The payment of a sale. An invoice charges for the rest."""

    # Whether a sale without payment fields is invoiced.
    always_asks: ClassVar[bool] = False

    payments = PaymentPart(
        many=True,
        required=False,
        max_length=MOST_PARTS,  # type: ignore[call-arg]
        help_text="What pays at once, in this order.",
    )
    pay_later = FlagIn(
        required=False,
        help_text="Whether an invoice asks for what is not paid at once. Default: false, but a "
        "pass and a sale are always invoiced.",
    )
    due_on = DueOnIn()
    keep_excess_as_credit = FlagIn(required=False, help_text=KEEP_EXCESS)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Collect the means of payment under `means`."""
        means = list(attrs.pop("payments", []))
        is_later, due_on = attrs.pop("pay_later", False), attrs.pop("due_on", None)
        if self.always_asks or means or is_later or due_on:
            attrs["means"] = [*means, Invoice(due_on=due_on)]
        return attrs


class NewPass(Paying, PassWanted):
    """A pass that a customer buys, and what pays for it: without a payment it is paid later.

    Its price is put on an invoice, which the payments pay; what they leave is to be paid later.
    """

    always_asks = True


class NewSubscription(Paying, PlanWanted):
    """A plan to subscribe a customer to, from today or from an earlier day.

    With `payments`, `pay_later` or `due_on`, the present period is put on an invoice, which the
    payments pay; what they leave is to be paid later. Leave out all three only for a subscription
    that another system bills: no invoice is written and no money is asked for.
    """


class InvoicePayment(Accepted):
    """What pays for an invoice, in parts and by several means."""

    payments = PaymentPart(
        source="means",
        many=True,
        allow_empty=False,
        max_length=MOST_PARTS,  # type: ignore[call-arg]
        help_text="What pays for the invoice, in this order.",
    )
    keep_excess_as_credit = FlagIn(required=False, help_text=KEEP_EXCESS)
