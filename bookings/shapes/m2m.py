"""Shapes of bookings and media on the M2M surface (contract, section 1)."""

from typing import Any

from django.db.models import Case, Value, When

from config.api.shapes import (
    At,
    Day,
    Fixed,
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
from customers.shapes.outputs import Person

from ..models import (
    APPOINTMENT,
    OPTION_OF_PLACE,
    PLACE,
    Booking,
    Event,
    EventDate,
    Media,
    Service,
    Transaction,
)
from .catalogue import FacilitatorName
from .outputs import is_past
from .payments import payment_of_appointment, payment_of_booking, payment_of_media

# One booking is shown by each surface with a prefix of its own.

# --- Places at events ---


class WhenOfPlace(Shape):
    """When an event is, by the company's clocks; for how many minutes."""

    id = Id(EventDate.id_prefix, "event_date_id")
    type = Fixed("event_date")
    datetime = WallClock("starts_at")
    tz = Text("company__timezone")
    duration = Number()


class EventOfPlace(Shape):
    """The event of a place."""

    id = Id(Event.id_prefix, "event_date__event_id")
    type = Fixed("event")
    name = Text("event_date__event__name")
    date = Part(WhenOfPlace)


class OptionOfPlace(Shape):
    """The pricing option of a place."""

    id = Id(OPTION_OF_PLACE, "pricing_option_id")


class EventBooking(Shape):
    """Places at an event for one customer."""

    needs = ("with_payment",)

    id = Id(PLACE)
    type = Fixed("event-booking")
    is_cancelled = IsSet("cancelled_at")
    is_refunded = Flag()
    spaces = Number()
    purchased_by = One(Person, via="transaction__customer")
    bought_for = One(Person, via="customer")
    event = Part(EventOfPlace)
    pricing_option = Part(OptionOfPlace)
    payment = payment_of_booking()


class EventTransaction(Shape):
    """Event places that a customer bought together; its date is by the company's clocks."""

    id = Id(Transaction.id_prefix)
    type = Fixed("event-booking")
    purchase_date = WallClock("purchased_at")
    bookings = Many(EventBooking, Booking.objects.all, "transaction_id", "id")


# --- Appointments ---


class FacilitatorOfService(FacilitatorName):
    """The person who does a service."""

    type = Fixed("facilitator")


class ServiceOfAppointment(Shape):
    """An appointment: its service, its time in the company's time zone, and its facilitator."""

    id = Id(Service.id_prefix, "service_id")
    type = Fixed("service")
    name = Text("service__name")
    datetime = WallClock("starts_at")
    tz = Text("company__timezone")
    duration_minutes = Number("duration")
    facilitator = One(FacilitatorOfService, via="facilitator", allow_null=True)


_SAID = {
    Booking.Status.COMPLETED: "COMPLETED",
    Booking.Status.NO_SHOW: "NO_SHOW",
    Booking.Status.CANCELLED: "CANCELLED",
}


def _said(at: At) -> Any:
    """The status in this surface's words: what is in progress is confirmed."""
    said = [When(**{at("status").name: status}, then=Value(word)) for status, word in _SAID.items()]
    return Case(*said, default=Value("CONFIRMED"))


class Appointment(Shape):
    """An appointment with its service and facilitator."""

    needs = ("with_payment",)

    id = Id(APPOINTMENT)
    type = Fixed("appointment")
    status = OneOf(_said, choices=["CONFIRMED", *_SAID.values()])
    notes = Text()
    created_at = Instant()
    service = Part(ServiceOfAppointment)
    payment = payment_of_appointment()


# --- Media ---


class MediaName(Shape):
    """A medium as it is sold."""

    id = Id(Media.id_prefix)
    type = Fixed("media")
    name = Text()


def _is_expired(at: At) -> Any:
    return Case(When(is_past(at), then=Value(True)), default=Value(False))


class CustomerMedia(Shape):
    """A video or another medium that a customer bought."""

    needs = ("with_payment",)

    id = Id(Media.id_prefix)
    type = Fixed("video_purchase")
    media = One(MediaName, via="media")
    created = Instant("purchased_at")
    expires_on = Day(allow_null=True)
    is_cancelled = IsSet("cancelled_at")
    is_refunded = Flag()
    is_expired = Flag(_is_expired)
    payment = payment_of_media()
