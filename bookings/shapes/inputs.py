"""The inputs for bookings, for how they are paid, and for media."""

from collections.abc import Mapping
from typing import Any, ClassVar

from rest_framework import serializers

from billing.models import Invoice, Payment
from billing.shapes.money_inputs import MethodIn, MoneyIn
from config.api.input_fields import (
    Accepted,
    ChoiceIn,
    DayIn,
    FlagIn,
    KeysIn,
    MomentIn,
    RelatedField,
    TextField,
)
from credits.models import Credit, PassPurchase
from credits.shapes.paying import MOST_PARTS, Paying, PaymentPartOrPass
from customers.models import Address, Customer

from ..actions import Means
from ..actions.booking import MOST_PLACES
from ..models import Booking, EventDate, Media, PricingOption, Service
from .offered import FacilitatorIn, MinutesIn, SpacesIn


class PaymentMeans(Accepted):
    """A means of payment: one of `pass_id`, `credit_id`, `method` and `invoice`.

    `method` (or `payment_method_id`) records money that came in, or with the status `failed` an
    attempt; `invoice` asks for the money, due on `due_on`.
    """

    needs_one_of: ClassVar[tuple[tuple[str, ...], ...]] = tuple(
        (name,) for name in ("pass_id", "credit_id", "method", "payment_method_id", "invoice")
    )

    pass_id = RelatedField(PassPurchase.objects, required=False)
    credit_id = RelatedField(Credit.objects, required=False)
    method = ChoiceIn(Payment.Method.choices, required=False)
    payment_method_id = MethodIn()
    reference = TextField(Payment.reference.field)
    status = ChoiceIn(Payment.Status.choices, required=False)
    invoice = FlagIn(required=False)
    due_on = DayIn(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> Means:
        """Return the one thing that it is paid with."""
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
        help_text="What pays for it, in this order. What is left is put on an invoice.",
    )
    keep_excess_as_credit = FlagIn(
        required=False,
        help_text="Whether money of `payments` above what is owed becomes a credit; else it is "
        "refused.",
    )

    def validate(self, attrs: dict[str, Any]) -> Any:
        """Gather what pays under `means`."""
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
    """What pays for a sale: `payment` for all of it, or several `payments`, or it is paid later."""

    payment = PaymentMeans(required=False)
    payments = PaymentPartOrPass(
        many=True,
        required=False,
        max_length=MOST_PARTS,  # type: ignore[call-arg]
        help_text="What pays for it at once, in this order. What is left is put on an invoice.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Gather what pays under `means`."""
        whole = attrs.pop("payment", None)
        parts = {"payments", "pay_later", "due_on", "keep_excess_as_credit"} & attrs.keys()
        if whole is None:
            return super().validate(attrs)
        if parts:
            sentence = "Leave it out with payment, which pays for all of it, or send payments."
            raise serializers.ValidationError(dict.fromkeys(sorted(parts), sentence))
        return {**attrs, "means": whole}

    def domain_names(self) -> dict[str, str]:
        """Name a refused field of `payment` as the caller did."""
        names, part = super().domain_names(), self.fields["payment"]
        if "payment" not in self.initial_data or not isinstance(part, Accepted):
            return names
        inner = part.domain_names().items()
        return names | {name: f"payment.{public}" for name, public in inner}


_OF_SERVICES = {
    "starts_at": "scheduled_at",
    "duration": "estimated_duration",
    "facilitator": "facilitator_id",
    "address": "address_id",
}
_OF_EVENTS = {
    "pricing_option": "pricing_option_id",
    "spaces": "spaces",
    "purchased_by": "purchased_by_id",
}


class NewBooking(PayingInParts):
    """An appointment (`service_id`, `scheduled_at`) or places at an event (`event_date_id`).

    How long it takes and what it costs are the service's or the event's unless they are given.
    """

    needs_one_of = (("event_date_id",), ("service_id", "scheduled_at"))

    customer_id = RelatedField(Customer.objects, source="customer")
    service_id = RelatedField(Service.objects, source="service", required=False)
    scheduled_at = MomentIn(source="starts_at", required=False)
    estimated_duration = MinutesIn(source="duration", required=False)
    facilitator_id = FacilitatorIn()
    address_id = RelatedField(
        Address.objects.live(), source="address", required=False, allow_null=True
    )
    configuration = KeysIn(required=False)
    event_date_id = RelatedField(EventDate.objects, source="event_date", required=False)
    pricing_option_id = RelatedField(
        PricingOption.objects.live(), source="pricing_option", required=False
    )
    spaces = SpacesIn(required=False)
    purchased_by_id = RelatedField(Customer.objects, source="purchased_by", required=False)
    subtotal = MoneyIn(required=False)
    discount = MoneyIn(required=False)
    notes = TextField(Booking.notes.field)

    def find_missing(self, given: Mapping[str, Any]) -> dict[str, str]:
        """Ask for a service and a time, unless places at an event are booked."""
        sentence = "Send service_id and scheduled_at, or event_date_id."
        wanted = () if "event_date_id" in given else ("service_id", "scheduled_at")
        return {name: sentence for name in wanted if name not in given}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold what is given against the one of two kinds that it is for."""
        attrs = super().validate(attrs)
        is_place = "event_date" in attrs
        if is_place and "service" in attrs:
            both = "Send service_id or event_date_id, not both."
            raise serializers.ValidationError({"service_id": both, "event_date_id": both})
        kind, other = (
            ("service_id", "event_date_id") if is_place else ("event_date_id", "service_id")
        )
        misplaced = {
            public: f"Belongs to a booking with {kind}. Leave it out of one with {other}."
            for name, public in (_OF_SERVICES if is_place else _OF_EVENTS).items()
            if attrs.get(name) is not None
        }
        if misplaced:
            raise serializers.ValidationError(misplaced)
        return attrs


class ChangedBooking(Accepted):
    """The new time, facilitator and address of an appointment, or the new date of a place."""

    shown_as = {"configuration": "service.configuration"}

    scheduled_at = MomentIn(
        source="starts_at", required=False, help_text="The new time of an appointment."
    )
    estimated_duration = MinutesIn(
        source="duration", required=False, help_text="The new length of an appointment."
    )
    facilitator_id = FacilitatorIn()
    address_id = RelatedField(
        Address.objects.live(), source="address", required=False, allow_null=True
    )
    event_date_id = RelatedField(
        EventDate.objects,
        source="event_date",
        required=False,
        allow_null=True,
        help_text="Of places, another date of the same event; null of an appointment.",
    )
    configuration = KeysIn(required=False)
    notes = TextField(Booking.notes.field)


class CancellationReason(Accepted):
    """Why something is cancelled; money that was paid goes back unless `refund` is false."""

    reason = TextField(Booking.reason.field)
    refund = FlagIn(required=False)


class BookingCancellation(CancellationReason):
    """Why a booking is cancelled, and whether the rule of late cancellation is waived."""

    waive_fee = FlagIn(
        required=False,
        help_text="Give everything back although it is cancelled late. Needs a `reason`.",
    )


class NewPlace(Accepted):
    """Places at an event date, for who bought them or for another customer."""

    event_date_id = RelatedField(EventDate.objects, source="event_date")
    pricing_option_id = RelatedField(
        PricingOption.objects.live(), source="pricing_option", required=False
    )
    bought_for_id = RelatedField(Customer.objects, source="customer", required=False)
    spaces = SpacesIn(required=False)


class NewTransaction(PayingInParts):
    """Event places that a customer buys together."""

    customer_id = RelatedField(Customer.objects, source="customer")
    places = NewPlace(
        many=True,
        allow_empty=False,
        max_length=MOST_PLACES,  # type: ignore[call-arg]
    )


class NewMediaPurchase(PayingInParts):
    """A medium that a customer buys, until its last day or as long as it is sold to last."""

    media_id = RelatedField(Media.objects, source="media")
    expires_on = DayIn(required=False, allow_null=True)
