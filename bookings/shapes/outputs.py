"""Shapes of bookings and of media that customers bought, on v1 (contract, section 2)."""

from typing import Any

from django.db.models import Case, F, Func, JSONField, Q, Value, When
from django.db.models.functions import Coalesce

from billing.models import Invoice
from billing.shapes.prices import behavior_shown, rate_shown
from config.api.shapes import (
    At,
    Currency,
    Day,
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
from config.tenancy.days import TodayOnce
from config.tenancy.tax_fields import TaxBehavior
from customers.models import Address, Customer

from ..models import (
    Booking,
    Event,
    EventDate,
    Media,
    MediaPurchase,
    PricingOption,
    Service,
    Transaction,
)
from .catalogue import FacilitatorName
from .payments import (
    BookingPayment,
    MediaPayment,
    amount_paid_field,
    payment_field,
    payment_status_field,
)


class BookingCustomer(Shape):
    """The customer of a booking."""

    id = Id(Customer.id_prefix)
    name = TextOrNull("display_name")
    email = TextOrNull()


class BookingService(Shape):
    """The service or the event that is booked."""

    name = Text(lambda at: Coalesce(at("service__name"), at("event_date__event__name")))
    configuration = Keys()


class BookingAddress(Shape):
    """The address of a booking."""

    street = TextOrNull()
    city = TextOrNull()
    state = TextOrNull()
    zip = TextOrNull("postal_code")


class BookingPricing(Shape):
    """The price of a booking, in the currency's smallest unit; tax is of the discounted sum."""

    subtotal = Number(help_text="The price as it was given, with tax or without.")
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    tax = Number(help_text="The tax in or on the price, after the discount.")
    discount = Number()
    total = Number(help_text="What the customer pays.")


class BuildArray(Func):
    """`json_build_array(…)`."""

    function = "json_build_array"
    output_field = JSONField()


class Assigned(Part):
    """The facilitator of an appointment, or of the event date of a place; null where none is."""

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
    """Everybody who is assigned to a booking; nobody is an empty list."""

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

    id = Id(Booking.id_prefix)
    kind = OneOf(
        _kind,
        choices=["appointment", "event"],
        help_text="appointment: of a service. event: places at a date of an event.",
    )
    status = OneOf(choices=Booking.Status.values)
    customer = One(BookingCustomer, via="customer")
    service = Part(BookingService)
    service_id = Id(
        Service.id_prefix,
        "service_id",
        allow_null=True,
        help_text="The service of an appointment; null of places at an event.",
    )
    event_id = Id(
        Event.id_prefix,
        "event_date__event_id",
        allow_null=True,
        help_text="The event of places; null of an appointment.",
    )
    event_date_id = Id(
        EventDate.id_prefix,
        "event_date_id",
        allow_null=True,
        help_text="The date of the event; null of an appointment.",
    )
    pricing_option_id = Id(
        PricingOption.id_prefix,
        "pricing_option_id",
        allow_null=True,
        help_text="The price that places were booked at; null of an appointment.",
    )
    transaction_id = Id(
        Transaction.id_prefix,
        "transaction_id",
        allow_null=True,
        help_text="The purchase that places belong to; null of an appointment.",
    )
    scheduled_at = Instant("starts_at", help_text="When it begins.")
    estimated_duration = Number("duration", help_text="How long it takes, in minutes.")
    spaces = Number(help_text="How many people come; 1 of an appointment.")
    facilitator = Assigned(
        FacilitatorName,
        allow_null=True,
        help_text="Who does the appointment or leads the event date; null for nobody.",
    )
    assigned_crew = Crew(FacilitatorName)
    address = One(BookingAddress, via="address", allow_null=True)
    address_id = Id(
        Address.id_prefix,
        "address_id",
        allow_null=True,
        help_text="The customer's address at which an appointment takes place; null where none is.",
    )
    notes = TextOrNull(help_text="What staff or the client noted about the booking.")
    pricing = Part(BookingPricing)
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
        help_text="The invoice that asks for the price; null where there is none.",
    )
    cancelled_at = Instant(allow_null=True, help_text="When it was cancelled; null if it was not.")
    cancellation_reason = TextOrNull(
        "reason", help_text="Why it was cancelled; null where nobody said."
    )
    created_at = Instant()
    updated_at = UpdatedAt()


class BookedTogether(Shape):
    """Places at events that a customer bought together."""

    schema_name = "Transaction"

    id = Id(Transaction.id_prefix)
    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer who bought them.")
    purchased_at = Instant(help_text="When they were bought.")
    bookings = Many(CustomerBooking, Booking.objects.all, "transaction_id", "id")


def is_past(at: At) -> Q:
    """Choose purchases of media whose last day is over."""
    return Q(**{at("expires_on").name + "__lt": TodayOnce(at("company_id"))})


def _purchase_status(at: At) -> Any:
    return Case(
        When(Q(**{f"{at('cancelled_at').name}__isnull": False}), then=Value("cancelled")),
        When(is_past(at), then=Value("expired")),
        default=Value("active"),
    )


class MediaBought(Shape):
    """A video or another medium that a customer bought."""

    schema_name = "MediaPurchase"

    needs = ("with_payment",)

    id = Id(MediaPurchase.id_prefix)
    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer who bought it.")
    media_id = Id(Media.id_prefix, "media_id", help_text="The medium for sale that was bought.")
    name = Text("media__name", help_text="The name of the medium.")
    status = OneOf(
        _purchase_status,
        choices=["active", "expired", "cancelled"],
        help_text="expired: the day of `expires_on` is over.",
    )
    price = Number(
        "total",
        help_text="The price that it was bought at, tax included, in the smallest unit of "
        "`currency`.",
    )
    tax_rate = rate_shown()
    tax_behavior = OneOf(
        choices=TaxBehavior.values,
        help_text="Whether the price for sale included the tax; `price` does in either case.",
    )
    tax = Number(help_text="The tax in `price`.")
    currency = Currency()
    amount_paid = amount_paid_field("`price`")
    payment_status = payment_status_field()
    payment = payment_field(MediaPayment, "How it is paid; null while it is not.")
    invoice_id = Id(
        Invoice.id_prefix,
        "invoice_id",
        allow_null=True,
        help_text="The invoice that asks for its price; null where there is none.",
    )
    expires_on = Day(
        allow_null=True, help_text="The last day on which it can be used; null for no end."
    )
    purchased_at = Instant(help_text="When it was bought.")
    cancelled_at = Instant(allow_null=True, help_text="When it was cancelled; null if it was not.")
    cancellation_reason = TextOrNull(
        "reason", help_text="Why it was cancelled; null where nobody said."
    )
    updated_at = UpdatedAt()
