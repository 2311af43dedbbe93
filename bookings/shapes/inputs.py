"""The inputs for bookings and media purchases."""

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers

from billing.shapes.money_inputs import MoneyIn
from config.api.input_fields import (
    Accepted,
    DayIn,
    FlagIn,
    KeysIn,
    MomentIn,
    RelatedField,
    TextField,
)
from customers.models import Address, Customer

from ..actions.booking import MOST_PLACES
from ..models import Booking, EventDate, Media, PricingOption, Service
from .descriptions import (
    APPOINTMENT_ADDRESS,
    APPOINTMENT_BEGIN,
    CONFIGURATION,
    LAST_DAY_OF_MEDIA,
    LIMITS,
    NOTES,
    OPTION,
    SPACES,
)
from .offered import FacilitatorIn, MinutesIn, SpacesIn
from .paying import PayingInParts

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

    customer_id = RelatedField(
        Customer.objects, source="customer", help_text="The customer who comes."
    )
    service_id = RelatedField(
        Service.objects,
        source="service",
        required=False,
        help_text="The service of an appointment, which must not be archived.",
    )
    scheduled_at = MomentIn(source="starts_at", required=False, help_text=APPOINTMENT_BEGIN)
    estimated_duration = MinutesIn(
        source="duration",
        required=False,
        help_text="How long an appointment takes, in minutes, at most a week. Default: the "
        "duration of the service.",
    )
    facilitator_id = FacilitatorIn("does the appointment")
    address_id = RelatedField(
        Address.objects.live(),
        source="address",
        required=False,
        allow_null=True,
        help_text=APPOINTMENT_ADDRESS,
    )
    configuration = KeysIn(
        required=False,
        help_text=f"{CONFIGURATION} Keys that are left out have the value of the service. {LIMITS}",
    )
    event_date_id = RelatedField(
        EventDate.objects,
        source="event_date",
        required=False,
        help_text="The date of the event at which places are booked.",
    )
    pricing_option_id = RelatedField(
        PricingOption.objects.live(), source="pricing_option", required=False, help_text=OPTION
    )
    spaces = SpacesIn(required=False, help_text=SPACES)
    purchased_by_id = RelatedField(
        Customer.objects,
        source="purchased_by",
        required=False,
        help_text="The customer who buys places at an event. Default: the customer who comes.",
    )
    subtotal = MoneyIn(
        required=False,
        help_text="The price before the discount, in the smallest unit of the currency. Default: "
        "the price of the service, or of the pricing option times `spaces`.",
    )
    discount = MoneyIn(
        required=False,
        help_text="What is taken off the price, in the smallest unit of the currency; at most the "
        "price. Default: 0.",
    )
    notes = TextField(Booking.notes.field, help_text=NOTES)

    def find_missing(self, given: Mapping[str, Any]) -> dict[str, str]:
        """Require a service and a time, unless the booking is for places at an event."""
        sentence = "Send service_id and scheduled_at, or event_date_id."
        wanted = () if "event_date_id" in given else ("service_id", "scheduled_at")
        return {name: sentence for name in wanted if name not in given}

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check that the given fields belong to one kind of booking."""
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

    scheduled_at = MomentIn(source="starts_at", required=False, help_text=APPOINTMENT_BEGIN)
    estimated_duration = MinutesIn(
        source="duration",
        required=False,
        help_text="How long an appointment takes, in minutes, at most a week.",
    )
    facilitator_id = FacilitatorIn("does the appointment")
    address_id = RelatedField(
        Address.objects.live(),
        source="address",
        required=False,
        allow_null=True,
        help_text=APPOINTMENT_ADDRESS,
    )
    event_date_id = RelatedField(
        EventDate.objects,
        source="event_date",
        required=False,
        allow_null=True,
        help_text="Another date of the same event, for places; null for an appointment.",
    )
    configuration = KeysIn(
        required=False, help_text=f"{CONFIGURATION} It replaces what is stored. {LIMITS}"
    )
    notes = TextField(Booking.notes.field, help_text=NOTES)


class CancellationReason(Accepted):
    """Why something is cancelled; money that was paid goes back unless `refund` is false."""

    reason = TextField(
        Booking.reason.field, help_text="Why it is cancelled; null or empty if no reason is given."
    )
    refund = FlagIn(
        required=False,
        help_text="Whether money that was paid goes back. Default: true. It does not concern "
        "visits and credits.",
    )


class BookingCancellation(CancellationReason):
    """Why a booking is cancelled, and whether the rule of late cancellation is waived."""

    waive_fee = FlagIn(
        required=False,
        help_text="Whether everything goes back although the booking is cancelled late. Default: "
        "false; true needs a `reason`.",
    )


class NewPlace(Accepted):
    """Places at an event date, for the customer who buys them or for another one."""

    event_date_id = RelatedField(
        EventDate.objects, source="event_date", help_text="The event date that the places are for."
    )
    pricing_option_id = RelatedField(
        PricingOption.objects.live(), source="pricing_option", required=False, help_text=OPTION
    )
    bought_for_id = RelatedField(
        Customer.objects,
        source="customer",
        required=False,
        help_text="The customer who comes. Default: the customer who buys.",
    )
    spaces = SpacesIn(required=False, help_text=SPACES)


class NewTransaction(PayingInParts):
    """Event places that a customer buys together."""

    customer_id = RelatedField(
        Customer.objects,
        source="customer",
        help_text="The customer who buys the places and pays for them.",
    )
    places = NewPlace(
        many=True,
        allow_empty=False,
        max_length=MOST_PLACES,  # type: ignore[call-arg]
        help_text=f"The places to book, 1 to {MOST_PLACES} entries; each becomes a booking.",
    )


class NewMediaPurchase(PayingInParts):
    """A medium that a customer buys, with its last day and what pays for it."""

    media_id = RelatedField(
        Media.objects, source="media", help_text="The medium to buy, which must not be archived."
    )
    expires_on = DayIn(required=False, allow_null=True, help_text=LAST_DAY_OF_MEDIA)
