"""What becomes of a booking: every status and every way between them."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from bookings.actions import cancel_booking, complete_booking, miss_booking, start_booking
from bookings.errors import BookingNotOpen, TooEarly
from bookings.models import Booking
from config.access.actors import Actor
from config.access.models import Company
from customers.actions import archive_customer, restore_customer
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import MORNING, ACustomer, AnAppointment, AnEventDate, APlace

pytestmark = pytest.mark.usefixtures("inside")

Verb = Callable[..., Any]
VERBS: dict[str, Verb] = {
    "start": start_booking,
    "complete": complete_booking,
    "miss": miss_booking,
    "cancel": cancel_booking,
}
# Where each verb leads from each status; what is not here is refused.
TABLE = {
    ("confirmed", "start"): "in_progress",
    ("confirmed", "complete"): "completed",
    ("confirmed", "miss"): "no_show",
    ("confirmed", "cancel"): "cancelled",
    ("in_progress", "complete"): "completed",
    ("in_progress", "cancel"): "cancelled",
}
WAYS: dict[str, list[Verb]] = {
    "confirmed": [],
    "in_progress": [start_booking],
    "completed": [start_booking, complete_booking],
    "no_show": [miss_booking],
    "cancelled": [cancel_booking],
}
MOMENTS = {
    "in_progress": "started_at",
    "completed": "completed_at",
    "no_show": "missed_at",
    "cancelled": "cancelled_at",
}
LONG_AGO = MORNING - 100 * datetime.timedelta(days=365)


@pytest.fixture(params=["appointment", "place"])
def booking(request: pytest.FixtureRequest, studio: Company, customer: Customer) -> Booking:
    """A booking of either kind that has begun."""
    if request.param == "appointment":
        return AnAppointment(company=studio, customer=customer, starts_at=LONG_AGO)
    date = AnEventDate(company=studio, starts_at=LONG_AGO)
    return APlace(company=studio, customer=customer, event_date=date)


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", WAYS)
def test_a_booking_goes_the_ways_there_are_and_no_others(
    booking: Booking, actor: Actor, status: str, verb: str
) -> None:
    for step in WAYS[status]:
        step(booking, actor=actor)
    before = Booking.objects.filter(pk=booking.pk).values().get()
    if (status, verb) not in TABLE:
        with pytest.raises(BookingNotOpen):
            VERBS[verb](booking, actor=actor)
        assert Booking.objects.filter(pk=booking.pk).values().get() == before
        return
    VERBS[verb](booking, actor=actor)
    booking.refresh_from_db()
    assert booking.status == TABLE[status, verb]
    assert getattr(booking, MOMENTS[booking.status]) is not None
    assert booking.updated_at > before["updated_at"]


def test_nobody_has_missed_what_has_not_begun(studio: Company, actor: Actor) -> None:
    booking = AnAppointment(company=studio)
    with pytest.raises(TooEarly):
        miss_booking(booking, actor=actor)
    complete_booking(booking, actor=actor)
    booking.refresh_from_db()
    assert (booking.status, booking.started_at) == ("completed", None)


def test_who_cancelled_and_why_is_kept(booking: Booking, actor: Actor) -> None:
    cancel_booking(booking, reason="Ill", actor=actor)
    booking.refresh_from_db()
    assert (booking.reason, booking.cancelled_by) == ("Ill", "manage.py")


@pytest.mark.parametrize("verb", VERBS)
def test_an_archived_customers_booking_waits_until_the_customer_is_restored(
    booking: Booking, customer: Customer, actor: Actor, verb: str
) -> None:
    archive_customer(customer, actor=actor)
    with pytest.raises(CustomerArchived):
        VERBS[verb](booking, actor=actor)
    restore_customer(customer, actor=actor)
    VERBS[verb](booking, actor=actor)


@pytest.mark.parametrize("verb", ["start", "complete", "miss"])
def test_who_comes_is_served_although_who_paid_was_archived(
    studio: Company, customer: Customer, actor: Actor, verb: str
) -> None:
    payer = ACustomer(company=studio)
    date = AnEventDate(company=studio, starts_at=LONG_AGO)
    place = APlace(company=studio, customer=customer, purchased_by=payer, event_date=date)
    archive_customer(payer, actor=actor)
    VERBS[verb](place, actor=actor)
    assert Booking.objects.get(pk=place.pk).status != "confirmed"


def test_a_place_is_cancelled_only_while_who_paid_can_be_given_back(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    payer = ACustomer(company=studio)
    place = APlace(company=studio, customer=customer, purchased_by=payer)
    archive_customer(payer, actor=actor)
    with pytest.raises(CustomerArchived):
        cancel_booking(place, actor=actor)


def test_all_but_cancelled_counts(studio: Company, customer: Customer, actor: Actor) -> None:
    for status, steps in WAYS.items():
        booking = AnAppointment(company=studio, customer=customer, starts_at=LONG_AGO, notes=status)
        for step in steps:
            step(booking, actor=actor)
    counted = Booking.objects.counted().values_list("notes", flat=True)
    assert set(counted) == set(WAYS) - {"cancelled"}
    still = Booking.objects.open().values_list("notes", flat=True)
    assert set(still) == {"confirmed", "in_progress"}
