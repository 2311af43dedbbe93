"""What is accepted for bookings, for what they are paid with, and for media."""

from typing import Any

from rest_framework import serializers

from billing.models import Invoice, Payment
from billing.shapes.accepted import MethodIn, MoneyIn
from config.api.accepting import (
    Accepted,
    DayIn,
    FlagIn,
    KeysIn,
    MomentIn,
    RelatedIn,
    TextIn,
)
from credits.models import Credit, PassPurchase
from credits.shapes.shown import CREDIT, PURCHASE
from customers.models import Address, Customer
from customers.shapes.shown import ADDRESS, CUSTOMER

from ..actions import Means
from ..actions.booking import MOST_PLACES
from ..models import (
    Booking,
    EventDate,
    Media,
    PricingOption,
    Service,
)
from .catalogue import DATE, MEDIA, OPTION, SERVICE
from .offered import FacilitatorIn, MinutesIn, SpacesIn


def _of(model: Any, name: str) -> Any:
    return model._meta.get_field(name)


# --- Paying ---


class MeansIn(Accepted):
    """What something is paid with: one of `pass_id`, `credit_id`, `method` and `invoice`.

    `method` (or `payment_method_id`) records money that came in, or with the status `failed` an
    attempt; `invoice` asks for the money, due on `due_on`.
    """

    pass_id = RelatedIn(PassPurchase.objects, PURCHASE, required=False)
    credit_id = RelatedIn(Credit.objects, CREDIT, required=False)
    method = serializers.ChoiceField(Payment.Method.choices, required=False)
    payment_method_id = MethodIn()
    reference = TextIn(_of(Payment, "reference"))
    status = serializers.ChoiceField(Payment.Status.choices, required=False)
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
                "Name one thing to pay with: pass_id, credit_id, method or invoice."
            )
        if attrs.get("due_on") and not asked:
            raise serializers.ValidationError({"due_on": "Only an invoice is due on a day."})
        if asked:
            return Invoice(due_on=attrs.get("due_on"))
        return attrs.get("pass_id") or attrs.get("credit_id") or Payment(**money)


# --- Bookings ---

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


class NewBooking(Accepted):
    """An appointment (`service_id`, `scheduled_at`) or places at an event (`event_date_id`).

    How long it takes and what it costs are the service's or the event's unless they are given.
    """

    customer_id = RelatedIn(Customer.objects, CUSTOMER, source="customer")
    service_id = RelatedIn(Service.objects, SERVICE, source="service", required=False)
    scheduled_at = MomentIn(source="starts_at", required=False)
    estimated_duration = MinutesIn(source="duration", required=False)
    facilitator_id = FacilitatorIn()
    address_id = RelatedIn(
        Address.objects.live(), ADDRESS, source="address", required=False, allow_null=True
    )
    configuration = KeysIn(required=False)
    event_date_id = RelatedIn(EventDate.objects, DATE, source="event_date", required=False)
    pricing_option_id = RelatedIn(
        PricingOption.objects.live(), OPTION, source="pricing_option", required=False
    )
    spaces = SpacesIn(required=False)
    purchased_by_id = RelatedIn(Customer.objects, CUSTOMER, source="purchased_by", required=False)
    subtotal = MoneyIn(required=False)
    discount = MoneyIn(required=False)
    notes = TextIn(_of(Booking, "notes"))
    payment = MeansIn(required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold what is given against the one of two kinds that it is for."""
        is_place = "event_date" in attrs
        if is_place and "service" in attrs:
            raise serializers.ValidationError("Name a service_id or an event_date_id, not both.")
        missing = {
            public: "Say what is booked and when it is to be, or name an event_date_id."
            for name, public in (("service", "service_id"), ("starts_at", "scheduled_at"))
            if not is_place and name not in attrs
        }
        if missing:
            raise serializers.ValidationError(missing, code="required")
        misplaced = {
            public: "This is for services." if is_place else "This is for events."
            for name, public in (_OF_SERVICES if is_place else _OF_EVENTS).items()
            if attrs.get(name) is not None
        }
        if misplaced:
            raise serializers.ValidationError(misplaced)
        return attrs


class ChangedBooking(Accepted):
    """Where a booking is moved to, who does it, and where; a place takes another date."""

    scheduled_at = MomentIn(source="starts_at", required=False)
    estimated_duration = MinutesIn(source="duration", required=False)
    facilitator_id = FacilitatorIn()
    address_id = RelatedIn(
        Address.objects.live(), ADDRESS, source="address", required=False, allow_null=True
    )
    event_date_id = RelatedIn(EventDate.objects, DATE, source="event_date", required=False)
    configuration = KeysIn(required=False)
    notes = TextIn(_of(Booking, "notes"))


class Cancellation(Accepted):
    """Why something is cancelled; money that was paid goes back unless `refund` is false."""

    reason = TextIn(_of(Booking, "reason"))
    refund = FlagIn(required=False)


class NewPlace(Accepted):
    """Places at an event date, for who bought them or for another customer."""

    event_date_id = RelatedIn(EventDate.objects, DATE, source="event_date")
    pricing_option_id = RelatedIn(
        PricingOption.objects.live(), OPTION, source="pricing_option", required=False
    )
    bought_for_id = RelatedIn(Customer.objects, CUSTOMER, source="customer", required=False)
    spaces = SpacesIn(required=False)


class NewTransaction(Accepted):
    """Event places that a customer buys together."""

    customer_id = RelatedIn(Customer.objects, CUSTOMER, source="customer")
    places = NewPlace(
        many=True,
        allow_empty=False,
        max_length=MOST_PLACES,  # type: ignore[call-arg]
    )
    payment = MeansIn(required=False)


class NewMediaPurchase(Accepted):
    """A medium that a customer buys, until its last day or as long as it is sold to last."""

    media_id = RelatedIn(Media.objects, MEDIA, source="media")
    expires_on = DayIn(required=False, allow_null=True)
    payment = MeansIn(required=False)
