"""Shapes of bookings and media on the M2M surface (contract, section 1)."""

from typing import Any

from django.db.models import Case, Value, When

from billing.shapes.descriptions import NAME, own_id, own_type
from config.api.shapes import (
    At,
    CreatedAt,
    Day,
    Flag,
    Id,
    Instant,
    IsSet,
    Many,
    Number,
    One,
    OneOf,
    Part,
    Shape,
    Text,
    WallClock,
)
from credits.shapes.descriptions import LAST_DAY
from customers.shapes.outputs import Person

from ..models import (
    APPOINTMENT,
    OPTION_OF_PLACE,
    PLACE,
    Booking,
    Event,
    EventDate,
    Media,
    MediaPurchase,
    Service,
    Transaction,
)
from .catalogue import FacilitatorName
from .descriptions import IS_REFUNDED, LOCAL_BEGIN, TIME_ZONE
from .media import is_past
from .payments import payment_of_appointment, payment_of_booking, payment_of_media

# Each surface shows the id of a booking with its own prefix.

# --- Places at events ---


class WhenOfPlace(Shape):
    """A date of an event, in the company's time zone."""

    id = own_id(EventDate, "event_date_id")
    type = own_type("event_date")
    datetime = WallClock("starts_at", help_text=LOCAL_BEGIN)
    tz = Text("company__timezone", help_text=TIME_ZONE)
    duration = Number(help_text="How long the event takes, in minutes.")


class EventOfPlace(Shape):
    """The event of a place."""

    id = own_id(Event, "event_date__event_id")
    type = own_type("event")
    name = Text("event_date__event__name", help_text=NAME)
    date = Part(WhenOfPlace, help_text="The date of the event that the place is for.")


class OptionOfPlace(Shape):
    """The pricing option of a place."""

    id = Id(
        OPTION_OF_PLACE,
        "pricing_option_id",
        help_text="The id of the pricing option that was chosen.",
    )


class EventBooking(Shape):
    """Places at an event for one customer."""

    needs = ("with_payment",)

    id = own_id(Booking, prefix=PLACE)
    type = own_type("event-booking")
    is_cancelled = IsSet("cancelled_at", help_text="Whether the booking is cancelled.")
    is_refunded = Flag(help_text=IS_REFUNDED)
    spaces = Number(help_text="How many people come.")
    purchased_by = One(
        Person, via="transaction__customer", help_text="The customer who bought the place."
    )
    bought_for = One(
        Person, via="customer", help_text="The customer who comes; may be another one."
    )
    event = Part(EventOfPlace, help_text="The event, with the date that was booked.")
    pricing_option = Part(OptionOfPlace, help_text="The pricing option that the customer chose.")
    payment = payment_of_booking()


class EventTransaction(Shape):
    """Event places that a customer bought together."""

    id = own_id(Transaction)
    type = own_type("event-booking")
    purchase_date = WallClock(
        "purchased_at",
        help_text="When the places were bought, in the company's time zone and without an offset.",
    )
    bookings = Many(
        EventBooking,
        Booking.objects.all,
        "transaction_id",
        "id",
        help_text="The bookings that were bought together, one for each place or group of places.",
    )


# --- Appointments ---


class FacilitatorOfService(FacilitatorName):
    """The person who does a service."""

    type = own_type("facilitator")


class ServiceOfAppointment(Shape):
    """An appointment: its service, its time in the company's time zone, and its facilitator."""

    id = own_id(Service, "service_id")
    type = own_type("service")
    name = Text("service__name", help_text=NAME)
    datetime = WallClock("starts_at", help_text=LOCAL_BEGIN)
    tz = Text("company__timezone", help_text=TIME_ZONE)
    duration_minutes = Number("duration", help_text="How long the appointment takes, in minutes.")
    facilitator = One(
        FacilitatorOfService,
        via="facilitator",
        allow_null=True,
        help_text="The person who does the service; null if nobody is chosen yet.",
    )


_SAID = {
    Booking.Status.COMPLETED: "COMPLETED",
    Booking.Status.NO_SHOW: "NO_SHOW",
    Booking.Status.CANCELLED: "CANCELLED",
}


def _said(at: At) -> Any:
    """The status on this surface, which shows bookings in progress as confirmed."""
    said = [When(**{at("status").name: status}, then=Value(word)) for status, word in _SAID.items()]
    return Case(*said, default=Value("CONFIRMED"))


class Appointment(Shape):
    """An appointment with its service and facilitator."""

    needs = ("with_payment",)

    id = own_id(Booking, prefix=APPOINTMENT, noun="appointment")
    type = own_type("appointment")
    status = OneOf(
        _said,
        choices=["CONFIRMED", *_SAID.values()],
        help_text="`CONFIRMED`: it is booked or in progress. `COMPLETED`: it took place. "
        "`NO_SHOW`: the customer did not come. `CANCELLED`: it was cancelled.",
    )
    notes = Text(
        help_text='What staff or the client noted about the appointment; "" if nothing was noted.'
    )
    created_at = CreatedAt()
    service = Part(ServiceOfAppointment, help_text="What is done, when and by whom.")
    payment = payment_of_appointment()


# --- Media ---


class MediaName(Shape):
    """The medium that was bought."""

    id = own_id(Media)
    type = own_type("media")
    name = Text(help_text=NAME)


def _is_expired(at: At) -> Any:
    return Case(When(is_past(at), then=Value(True)), default=Value(False))


class CustomerMedia(Shape):
    """A video or another medium that a customer bought."""

    needs = ("with_payment",)

    id = own_id(MediaPurchase)
    type = own_type("video_purchase")
    media = One(MediaName, via="media", help_text="The video or other medium that was bought.")
    created = Instant("purchased_at", help_text="When the customer bought the medium.")
    expires_on = Day(allow_null=True, help_text=LAST_DAY)
    is_cancelled = IsSet("cancelled_at", help_text="Whether the purchase is cancelled.")
    is_refunded = Flag(help_text=IS_REFUNDED)
    is_expired = Flag(
        _is_expired, help_text="Whether the day `expires_on` is over by the company's calendar."
    )
    payment = payment_of_media()
