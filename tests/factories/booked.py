"""Factories of the catalogue and of bookings."""

import datetime
from typing import Any

import factory

from bookings.actions import (
    add_event_date,
    book_appointment,
    book_places,
    cancel_booking,
    create_event,
    create_facilitator,
    create_media,
    create_service,
    sell_media,
)
from bookings.models import (
    Booking,
    Event,
    EventDate,
    Facilitator,
    Media,
    MediaPurchase,
    PricingOption,
    Service,
    Transaction,
)
from config.tenancy.actors import Actor
from customers.models import Customer

from .owed import ACustomer
from .people import Through

# A morning in the far future, when no facilitator is busy.
MORNING = datetime.datetime(2099, 6, 1, 9, 30, tzinfo=datetime.UTC)


class AService(Through):
    """A massage of an hour for 60.00, plus 20 % tax."""

    class Meta:
        model = Service

    action = staticmethod(create_service)
    name = "Massage"
    duration = 60
    price = 6_000
    tax_rate = 20


class AFacilitator(Through):
    class Meta:
        model = Facilitator

    action = staticmethod(create_facilitator)
    name = factory.Faker("name")


class AnEvent(Through):
    """A yoga class, paid with 15.00 or with a visit of a pass."""

    class Meta:
        model = Event

    name = "Yoga"
    price = 1_500
    visits = 1

    @classmethod
    def act(cls, actor: Actor, price: int, visits: int, **fields: Any) -> Event:
        option = PricingOption(name="Drop-in", price=price, visits=visits)
        return create_event(Event(**fields), pricing_options=[option], actor=actor)


class AnEventDate(Through):
    """A date with ten spaces, of the given `event` or of a new one."""

    class Meta:
        model = EventDate

    action = staticmethod(add_event_date)
    event = factory.LazyAttribute(lambda one: AnEvent(company=one.company))
    starts_at = MORNING
    duration = 60
    capacity = 10


class AnAppointment(Through):
    """An appointment of a `customer`; paid with `means` if given, and cancelled if `cancelled`."""

    class Meta:
        model = Booking

    customer = factory.LazyAttribute(lambda one: ACustomer(company=one.company))
    service = factory.LazyAttribute(lambda one: AService(company=one.company))
    starts_at = MORNING
    means = None
    cancelled = False

    @classmethod
    def act(cls, actor: Actor, means: Any, cancelled: bool, **fields: Any) -> Booking:
        booking = book_appointment(Booking(**fields), means=means, actor=actor)
        if cancelled:
            cancel_booking(booking, actor=actor)
        return booking


class APlace(Through):
    """A customer's place at an `event_date`, bought by that customer or by `purchased_by`."""

    class Meta:
        model = Booking

    customer = factory.LazyAttribute(lambda one: ACustomer(company=one.company))
    event_date = factory.LazyAttribute(lambda one: AnEventDate(company=one.company))
    purchased_by = None
    means = None

    @classmethod
    def act(cls, actor: Actor, means: Any, purchased_by: Customer | None, **fields: Any) -> Booking:
        place = Booking(**fields)
        purchase = Transaction(customer=purchased_by or place.customer)
        book_places(purchase, places=[place], means=means, actor=actor)
        return place


class AMedium(Through):
    """A video for 9.00 that lasts 30 days."""

    class Meta:
        model = Media

    action = staticmethod(create_media)
    name = "Morning stretch"
    price = 900
    valid_for = "P30D"


class AMediaPurchase(Through):
    """A customer's purchase of a medium."""

    class Meta:
        model = MediaPurchase

    customer = factory.LazyAttribute(lambda one: ACustomer(company=one.company))
    media = factory.LazyAttribute(lambda one: AMedium(company=one.company))
    means = None

    @classmethod
    def act(cls, actor: Actor, means: Any = None, **fields: Any) -> MediaPurchase:
        return sell_media(MediaPurchase(**fields), means=means, actor=actor)
