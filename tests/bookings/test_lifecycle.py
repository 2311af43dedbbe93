"""The lifecycle of a booking: every status and every change between them."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from bookings.actions import cancel_booking, complete_booking, miss_booking, start_booking
from bookings.errors import BookingNotOpen, TooEarly
from bookings.models import Booking
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from customers.actions import archive_customer, restore_customer
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import ACustomer, AnAppointment, AnEventDate, APass, APlace
from tests.shares import undone

from .support import LONG_AGO, balance, facts, refusal_of

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


@pytest.fixture
def bookings(studio: Company, customer: Customer) -> list[Booking]:
    """A booking of either kind that has begun."""
    date = AnEventDate(company=studio, starts_at=LONG_AGO)
    own = {"company": studio, "customer": customer}
    return [AnAppointment(**own, starts_at=LONG_AGO), APlace(**own, event_date=date)]


def test_a_booking_goes_its_known_ways_and_no_other(bookings: list[Booking], actor: Actor) -> None:
    for booking, status, verb in itertools.product(bookings, WAYS, VERBS):
        with undone():
            for step in WAYS[status]:
                step(booking, actor=actor)
            rows = Booking.objects.filter(pk=booking.pk)
            before = rows.values().get()
            refusal = refusal_of(VERBS[verb], booking, actor=actor)
            after = rows.values().get()
            if (status, verb) in TABLE:
                assert refusal == (), (booking.kind, status, verb)
                assert after["status"] == TABLE[status, verb]
                assert after[MOMENTS[after["status"]]] is not None
                assert after["updated_at"] > before["updated_at"]
            else:
                assert refusal == (BookingNotOpen,), (booking.kind, status, verb)
                assert after == before


def test_nobody_has_missed_what_has_not_begun(booking: Booking, actor: Actor) -> None:
    with pytest.raises(TooEarly):
        miss_booking(booking, actor=actor)
    complete_booking(booking, actor=actor)
    assert facts(booking, "status", "started_at") == ["completed", None]


def test_who_cancelled_and_why_is_kept(bookings: list[Booking], actor: Actor) -> None:
    for booking in bookings:
        cancel_booking(booking, reason="Ill", actor=actor)
        assert facts(booking, "reason", "cancelled_by") == ["Ill", "manage.py"]


def test_an_archived_customers_booking_is_brought_to_its_end_and_starts_no_more(
    bookings: list[Booking], customer: Customer, actor: Actor
) -> None:
    archive_customer(customer, actor=actor)
    for booking, verb in itertools.product(bookings, VERBS):
        with undone():
            refusal = refusal_of(VERBS[verb], booking, actor=actor)
            assert refusal == ((CustomerArchived,) if verb == "start" else ()), verb
            assert Booking.objects.get(pk=booking.pk).is_open is (verb == "start")
    restore_customer(customer, actor=actor)
    for booking in bookings:
        start_booking(booking, actor=actor)


def test_who_comes_is_served_and_gets_out_although_who_paid_was_archived(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    payer = ACustomer(company=studio)
    date = AnEventDate(company=studio, starts_at=LONG_AGO)
    bought = APass(company=studio, customer=payer)
    place = APlace(
        company=studio, customer=customer, purchased_by=payer, event_date=date, means=bought
    )
    archive_customer(payer, actor=actor)
    for verb, left in (("start", 9), ("complete", 9), ("miss", 9), ("cancel", 10)):
        with undone():
            VERBS[verb](place, actor=actor)
            assert facts(place, "status") != ["confirmed"]
            assert balance(bought) == left, verb


def test_all_but_cancelled_counts(studio: Company, customer: Customer, actor: Actor) -> None:
    for status, steps in WAYS.items():
        booking = AnAppointment(company=studio, customer=customer, starts_at=LONG_AGO, notes=status)
        for step in steps:
            step(booking, actor=actor)
    counted = Booking.objects.counted().values_list("notes", flat=True)
    assert set(counted) == set(WAYS) - {"cancelled"}
    still = Booking.objects.open().values_list("notes", flat=True)
    assert set(still) == {"confirmed", "in_progress"}
