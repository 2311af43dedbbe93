"""The effects of cancelling a booking on v1: the forecast, and the result afterwards."""

from typing import Any

from rest_framework import serializers

from billing.models import Invoice, Payment
from config.api.shapes import CURRENCY
from config.tenancy.actors import Actor
from config.tenancy.ids import show_id
from config.times import show_instant
from credits.models import Entry

from ..late_cancellation import FEE, NOTHING, VISIT, forecast_cancellation
from ..models import Booking, LateCancellation
from ..models.late import WAIVED


class Cancellation(serializers.Serializer):
    """What cancelling a booking gives back; of a cancelled one, what it gave back."""

    schema_name = "Cancellation"

    status = serializers.ChoiceField(
        ["forecast", "cancelled"],
        help_text="`forecast`: what would happen if the booking were cancelled now. `cancelled`: "
        "what happened.",
    )
    late = serializers.BooleanField(
        help_text="Whether the cancellation is late by the company's rule of late cancellation."
    )
    late_from_at = serializers.DateTimeField(
        allow_null=True,
        help_text="The time from which a cancellation is late; null if the company has no rule, "
        "or if the booking is cancelled.",
    )
    keeps = serializers.ChoiceField(
        [NOTHING, VISIT, FEE, WAIVED],
        help_text="What the company keeps. `nothing`: no money, visit or credit. `visit`: all that "
        "was paid, with money, visits of a pass or credits. `fee`: a fee. `waived`: nothing, "
        "because staff or the API client waived it.",
    )
    money_kept = serializers.IntegerField(
        help_text="The money that was paid and is kept, in the smallest unit of `currency`."
    )
    money_returned = serializers.IntegerField(
        help_text="The money that goes back, in the smallest unit of `currency`."
    )
    holding_returned = serializers.BooleanField(
        help_text="Whether the visits or the credit that paid for it go back, if the pass or "
        "credit has not ended."
    )
    fee = serializers.IntegerField(
        help_text="What a new invoice asks for, in the smallest unit of `currency`; 0 for no "
        "invoice."
    )
    fee_invoice_id = serializers.CharField(
        allow_null=True,
        help_text="The invoice that asks for the fee; null if there is none, or before the "
        "cancellation.",
    )
    currency = serializers.CharField(help_text=CURRENCY)


def described(booking: Booking, *, actor: Actor) -> dict[str, Any]:
    """Return the effects of cancelling a booking, in the shape of `Cancellation`."""
    if booking.cancelled_at is None:
        return _forecast(booking, actor)
    rows = LateCancellation.objects.visible_to(actor)
    late = rows.filter(booking=booking).first()
    keeps = late.keeps if late else NOTHING
    return {
        "status": "cancelled",
        "late": late is not None,
        "late_from_at": None,
        "keeps": keeps,
        "money_kept": late.kept if late else 0,
        "money_returned": _returned(booking, actor),
        "holding_returned": keeps != VISIT and _has_returned(booking, actor),
        "fee": late.fee if late else 0,
        "fee_invoice_id": late and late.invoice_id and show_id(Invoice.id_prefix, late.invoice_id),
        "currency": booking.currency,
    }


def _returned(booking: Booking, actor: Actor) -> int:
    """Return the refunded money: the refunds of the invoice, or the refund of the payment."""
    if booking.refund is None:
        return 0
    if booking.refund.invoice_id is None:
        return booking.refund.amount
    refunds = Payment.objects.visible_to(actor).given_back()
    return refunds.filter(invoice_id=booking.refund.invoice_id).amount_in_all()


def _has_returned(booking: Booking, actor: Actor) -> bool:
    """Whether a pass, a credit, or the credits of its invoice had paid for a cancelled booking."""
    if booking.entry_id is not None or booking.invoice is None:
        return booking.entry_id is not None
    uses = Entry.objects.visible_to(actor).paying_for(booking.invoice)
    return uses.given_back().exists()


def _returns(booking: Booking, actor: Actor) -> bool:
    """Whether a pass or a credit, or credits for its invoice, paid for a booking."""
    if booking.entry_id is not None or booking.open_invoice is None:
        return booking.entry_id is not None
    uses = Entry.objects.visible_to(actor).paying_for(booking.open_invoice)
    return uses.returnable().exists()


def _forecast(booking: Booking, actor: Actor) -> dict[str, Any]:
    forecast = forecast_cancellation(booking, actor=actor)
    late_from = forecast.late_from
    return {
        "status": "forecast",
        "late": forecast.is_late,
        "late_from_at": late_from and show_instant(late_from),
        "keeps": forecast.keeps,
        "money_kept": forecast.kept,
        "money_returned": forecast.refund,
        "holding_returned": forecast.returns_entry and _returns(booking, actor),
        "fee": forecast.fee,
        "fee_invoice_id": None,
        "currency": booking.currency,
    }
