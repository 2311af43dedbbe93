"""The inputs for the payment of bookings and media."""

from typing import Any, ClassVar

from rest_framework import serializers

from billing.models import Invoice, Payment
from billing.shapes.descriptions import DUE_ON, NEVER_DUE
from billing.shapes.money_inputs import (
    DueOnIn,
    MethodIn,
    MethodOfMoneyIn,
    PaymentStatusIn,
    ReferenceIn,
)
from config.api.input_fields import Accepted, FlagIn, RelatedField
from credits.models import Credit, PassPurchase
from credits.shapes.descriptions import KEEP_EXCESS
from credits.shapes.paying import MOST_PARTS, Paying, PaymentPartOrPass


class PaymentMeans(Accepted):
    """A means of payment: one of `pass_id`, `credit_id`, `method` and `invoice`.

    `method` (or `payment_method_id`) records money that came in, or with the status `failed` an
    attempt; `invoice` asks for the money, due on `due_on`.
    """

    needs_one_of: ClassVar[tuple[tuple[str, ...], ...]] = tuple(
        (name,) for name in ("pass_id", "credit_id", "method", "payment_method_id", "invoice")
    )

    pass_id = RelatedField(
        PassPurchase.objects,
        required=False,
        help_text="A pass of the customer who pays, which pays for all of it.",
    )
    credit_id = RelatedField(
        Credit.objects,
        required=False,
        help_text="A credit of the customer who pays. It pays for all of it, or as much as it can.",
    )
    method = MethodOfMoneyIn()
    payment_method_id = MethodIn()
    reference = ReferenceIn()
    status = PaymentStatusIn()
    invoice = FlagIn(
        required=False, help_text="Whether an invoice asks for the money. Default: false."
    )
    due_on = DueOnIn(help_text=f"{DUE_ON} Send it only with an invoice. {NEVER_DUE}")

    def validate(self, attrs: dict[str, Any]) -> PassPurchase | Credit | Payment | Invoice:
        """Return the one means of payment."""
        money = {
            name: attrs[name]
            for name in ("method", "payment_method", "reference", "status")
            if attrs.get(name)
        }
        asked = attrs.get("invoice", False)
        given = [bool(attrs.get("pass_id")), bool(attrs.get("credit_id")), bool(money), asked]
        if sum(given) != 1:
            raise serializers.ValidationError(
                "Send exactly one thing to pay with: pass_id, credit_id, method or invoice."
            )
        if attrs.get("due_on") and not asked:
            sentence = "Only an invoice is due on a day. Send it with invoice, or leave it out."
            raise serializers.ValidationError({"due_on": sentence})
        if asked:
            return Invoice(due_on=attrs.get("due_on"))
        return attrs.get("pass_id") or attrs.get("credit_id") or Payment(**money)


class PaymentOrParts(PaymentMeans):
    """The payment for a booking or a medium: one means for the whole rest, or several `payments`.

    An invoice, due on `due_on`, asks for the amount that the `payments` do not cover.
    """

    needs_one_of = (*PaymentMeans.needs_one_of, ("payments",))

    payments = PaymentPartOrPass(
        many=True,
        required=False,
        allow_empty=False,
        max_length=MOST_PARTS,  # type: ignore[call-arg]
        help_text="What pays, in this order. An invoice asks for what is left.",
    )
    keep_excess_as_credit = FlagIn(
        required=False, help_text=f"{KEEP_EXCESS} Send it only with `payments`."
    )

    def validate(self, attrs: dict[str, Any]) -> Any:
        """Collect the means of payment under `means`."""
        parts, due_on = attrs.pop("payments", None), attrs.get("due_on")
        if parts is None:
            if "keep_excess_as_credit" in attrs:
                sentence = "Send it with payments, or leave it out."
                raise serializers.ValidationError({"keep_excess_as_credit": sentence})
            return {"means": super().validate(attrs)}
        beside = {*PaymentMeans().fields} - {"due_on"}
        if given := sorted(beside & self.initial_data.keys()):
            sentence = "Leave it out with payments, or leave payments out."
            raise serializers.ValidationError(dict.fromkeys(given, sentence))
        keeps = attrs.get("keep_excess_as_credit", False)
        asked = [Invoice(due_on=due_on)] if due_on else []
        return {"means": [*parts, *asked], "keep_excess_as_credit": keeps}


class PayingInParts(Paying):
    """The payment of a sale: one `payment`, several `payments`, or none to pay later."""

    payment = PaymentMeans(
        required=False,
        help_text="The one means that pays for all of it. Not together with `payments`.",
    )
    payments = PaymentPartOrPass(
        many=True,
        required=False,
        max_length=MOST_PARTS,  # type: ignore[call-arg]
        help_text="What pays at once, in this order. An invoice asks for what is left.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Collect the means of payment under `means`."""
        whole = attrs.pop("payment", None)
        parts = {"payments", "pay_later", "due_on", "keep_excess_as_credit"} & attrs.keys()
        if whole is None:
            return super().validate(attrs)
        if parts:
            sentence = "Leave it out with payment, which pays for all of it, or send payments."
            raise serializers.ValidationError(dict.fromkeys(sorted(parts), sentence))
        return {**attrs, "means": whole}

    def domain_names(self) -> dict[str, str]:
        """Report an error in `payment` under the field name that the caller used."""
        names, part = super().domain_names(), self.fields["payment"]
        if "payment" not in self.initial_data or not isinstance(part, Accepted):
            return names
        inner = part.domain_names().items()
        return names | {name: f"payment.{public}" for name, public in inner}
