"""Shapes of bookings and of media that customers bought, on v1 (contract, section 2)."""

from typing import Any

from django.db.models import Case, F, Func, JSONField, Q, Value, When
from django.db.models.functions import Coalesce

from billing.models import Invoice
from billing.shapes.descriptions import own_id
from billing.shapes.prices import behavior_shown, rate_shown
from config.api.shapes import (
    At,
    CreatedAt,
    Currency,
    Id,
    Instant,
    Keys,
    Many,
    Number,
    One,
    OneOf,
    Part,
    Shape,
    Text,
    TextOrNull,
    UpdatedAt,
)
from customers.models import Address, Customer

from ..models import Booking, Event, EventDate, PricingOption, Service, Transaction
from .catalogue import FacilitatorName
from .descriptions import CONFIGURATION
from .payments import BookingPayment, amount_paid_field, payment_field, payment_status_field


class BookingCustomer(Shape):
    """The customer of a booking."""

    id = own_id(Customer)
    name = TextOrNull(
        "display_name", help_text="The customer's name as it is now; null if there is none."
    )
    email = TextOrNull(
        help_text="The customer's e-mail address as it is now; null if there is none."
    )


class BookingService(Shape):
    """The service or the event that is booked."""

    name = Text(
        lambda at: Coalesce(at("service__name"), at("event_date__event__name")),
        help_text="The name of the service or of the event, as it is now.",
    )
    configuration = Keys(help_text=f"{CONFIGURATION} It is empty for places at an event.")


class BookingAddress(Shape):
    """The address of a booking."""

    street = TextOrNull(help_text="The street and the house number; null if there is none.")
    city = TextOrNull(help_text="The city or town; null if there is none.")
    state = TextOrNull(
        help_text="The state, province or region as it was typed; null if there is none."
    )
    zip = TextOrNull(
        "postal_code", help_text="The postal code as it was typed; null if there is none."
    )


class BookingPricing(Shape):
    """The price of a booking; the tax is computed after the discount."""

    subtotal = Number(
        help_text="The price before the discount, with or without tax, in the smallest unit of "
        "the booking's `currency`."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    tax = Number(
        help_text="The tax on the price less the discount, in the smallest unit of the booking's "
        "`currency`."
    )
    discount = Number(
        help_text="What is taken off `subtotal`, in the smallest unit of the booking's "
        "`currency`; 0 for no discount."
    )
    total = Number(
        help_text="What the customer pays, tax included, in the smallest unit of the booking's "
        "`currency`."
    )


class BuildArray(Func):
    """The SQL function `json_build_array(…)`."""

    function = "json_build_array"
    output_field = JSONField()


class Assigned(Part):
    """The facilitator of an appointment, or of the event date of a place; null if there is none."""

    nobody: Any = Value(None)

    def expression(self, at: At) -> Any:
        keys = (at("facilitator").name, at("event_date__facilitator").name)
        return Case(*map(self._through, keys), default=self.nobody, output_field=JSONField())

    def _through(self, key: str) -> When:
        person = self.shape.document(lambda name: F(f"{key}__{name}"))
        return When(**{f"{key}__isnull": False}, then=self.shown(person))

    def shown(self, person: Any) -> Any:
        return person


class Crew(Assigned):
    """The facilitators of a booking; an empty list if there is none."""

    many = True
    nobody = BuildArray()

    def shown(self, person: Any) -> Any:
        return BuildArray(person)


def _kind(at: At) -> Any:
    is_place = Q(**{at("kind").name: Booking.Kind.PLACE})
    return Case(When(is_place, then=Value("event")), default=Value("appointment"))


class CustomerBooking(Shape):
    """An appointment, or places at an event."""

    schema_name = "Booking"

    needs = ("with_payment",)

    id = own_id(Booking)
    kind = OneOf(
        _kind,
        choices=["appointment", "event"],
        help_text="`appointment`: a service for one customer. `event`: places at a date of an "
        "event.",
    )
    status = OneOf(
        choices=Booking.Status.values,
        help_text="`confirmed`: it is booked. `in_progress`: the customer has come. `completed`: "
        "it took place. `no_show`: the customer did not come. `cancelled`: it was cancelled.",
    )
    customer = One(
        BookingCustomer, via="customer", help_text="The customer who comes, whoever pays."
    )
    service = Part(
        BookingService, help_text="The service of an appointment, or the event of a place."
    )
    service_id = Id(
        Service.id_prefix,
        "service_id",
        allow_null=True,
        help_text="The service of an appointment; null for places at an event.",
    )
    event_id = Id(
        Event.id_prefix,
        "event_date__event_id",
        allow_null=True,
        help_text="The event of the places; null for an appointment.",
    )
    event_date_id = Id(
        EventDate.id_prefix,
        "event_date_id",
        allow_null=True,
        help_text="The date of the event; null for an appointment.",
    )
    pricing_option_id = Id(
        PricingOption.id_prefix,
        "pricing_option_id",
        allow_null=True,
        help_text="The pricing option of the places; null for an appointment.",
    )
    transaction_id = Id(
        Transaction.id_prefix,
        "transaction_id",
        allow_null=True,
        help_text="The transaction that the places were bought in; null for an appointment.",
    )
    scheduled_at = Instant("starts_at", help_text="When the appointment or the event begins.")
    estimated_duration = Number(
        "duration", help_text="How long the appointment or the event takes, in minutes."
    )
    spaces = Number(help_text="How many people come; 1 for an appointment.")
    facilitator = Assigned(
        FacilitatorName,
        allow_null=True,
        help_text="The person who does the appointment or leads the event date; null if nobody is "
        "chosen yet.",
    )
    assigned_crew = Crew(
        FacilitatorName,
        help_text="The people who do the booking: a list with the `facilitator`, empty if nobody "
        "is chosen yet.",
    )
    address = One(
        BookingAddress,
        via="address",
        allow_null=True,
        help_text="The address at which an appointment takes place; null if none was chosen.",
    )
    address_id = Id(
        Address.id_prefix,
        "address_id",
        allow_null=True,
        help_text="The customer's address at which an appointment takes place; null if none was "
        "chosen.",
    )
    notes = TextOrNull(
        help_text="What staff or the client noted about the booking; null if nothing was noted."
    )
    pricing = Part(BookingPricing, help_text="The price of the booking and its parts.")
    currency = Currency()
    amount_paid = amount_paid_field("`pricing.total`")
    payment_status = payment_status_field()
    payment = payment_field(
        BookingPayment, "How the booking is paid; null while nothing pays for it."
    )
    invoice_id = Id(
        Invoice.id_prefix,
        "invoice_id",
        allow_null=True,
        help_text="The invoice that asks for the price; null if there is none.",
    )
    cancelled_at = Instant(
        allow_null=True, help_text="When the booking was cancelled; null if it was not."
    )
    cancellation_reason = TextOrNull(
        "reason", help_text="Why the booking was cancelled; null if no reason was given."
    )
    created_at = CreatedAt()
    updated_at = UpdatedAt()


class BookedTogether(Shape):
    """Places at events that a customer bought together."""

    schema_name = "Transaction"

    id = own_id(Transaction)
    customer_id = Id(
        Customer.id_prefix, "customer_id", help_text="The customer who bought the places."
    )
    purchased_at = Instant(help_text="When the places were bought.")
    bookings = Many(
        CustomerBooking,
        Booking.objects.all,
        "transaction_id",
        "id",
        help_text="The bookings that were bought together, one for each place or group of places.",
    )
