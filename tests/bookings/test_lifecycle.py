"""The lifecycle of a booking: every status and every transition."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from billing.actions import take_payment
from billing.models import Invoice, Payment
from bookings.actions import (
    cancel_booking,
    check_in_booking,
    complete_attended,
    complete_booking,
    miss_booking,
    reopen_booking,
    start_booking,
)
from bookings.errors import BookingNotOpen, TooEarly
from bookings.models import Booking
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import AboveRoleLimit
from config.times import database_now, show_moment
from customers.actions import archive_customer, restore_customer
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import ACustomer, AnAppointment, AnEventDate, APass, APlace, make_staff
from tests.shares import undone

from .support import LONG_AGO, MINUTE, balance, facts, refusal_of

pytestmark = pytest.mark.usefixtures("inside")

Verb = Callable[..., Any]
VERBS: dict[str, Verb] = {
    "start": start_booking,
    "complete": complete_booking,
    "check_in": check_in_booking,
    "miss": miss_booking,
    "reopen": reopen_booking,
    "cancel": cancel_booking,
}
# The status after each action, by the status before; any other transition is refused.
TABLE = {
    ("confirmed", "start"): "in_progress",
    ("confirmed", "complete"): "completed",
    ("confirmed", "check_in"): "completed",
    ("confirmed", "miss"): "no_show",
    ("confirmed", "cancel"): "cancelled",
    ("in_progress", "complete"): "completed",
    ("in_progress", "check_in"): "completed",
    ("in_progress", "reopen"): "confirmed",
    ("completed", "reopen"): "confirmed",
    ("no_show", "reopen"): "confirmed",
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
                moments = {name for name in MOMENTS.values() if after[name]}
                assert moments - {"started_at"} <= {MOMENTS.get(after["status"])}
                assert moments or after["status"] == "confirmed"
                assert after["updated_at"] > before["updated_at"]
            else:
                assert refusal == (BookingNotOpen,), (booking.kind, status, verb)
                assert after == before


def test_nobody_has_missed_what_has_not_begun(booking: Booking, actor: Actor) -> None:
    with pytest.raises(TooEarly):
        miss_booking(booking, actor=actor)
    complete_booking(booking, actor=actor)
    assert facts(booking, "status", "started_at") == ["completed", None]


def test_a_place_is_not_completed_before_its_event_begins(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    in_a_minute = database_now() + MINUTE
    date = AnEventDate(company=studio, starts_at=in_a_minute)
    place = APlace(company=studio, customer=customer, event_date=date)
    for step in ((), (start_booking,)):
        for mark in step:
            mark(place, actor=actor)
        with pytest.raises(TooEarly) as refused:
            complete_booking(place, actor=actor)
        assert show_moment(in_a_minute, studio.timezone) in str(refused.value)
        assert facts(place, "completed_at") == [None]
    assert facts(place, "status") == ["in_progress"]


def test_who_comes_early_is_in_progress_and_completed_once_the_event_is_over(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    own = {"company": studio, "customer": customer}
    now = database_now()
    ahead = APlace(**own, event_date=AnEventDate(company=studio, starts_at=now + MINUTE))
    running = APlace(**own, event_date=AnEventDate(company=studio, starts_at=now - MINUTE))
    massage = AnAppointment(**own, starts_at=now - MINUTE)
    for booking, status in (
        (ahead, "in_progress"),
        (running, "completed"),
        # An appointment that has just begun is not over.
        (massage, "in_progress"),
    ):
        check_in_booking(booking, actor=actor)
        assert facts(booking, "status") == [status]
    assert complete_attended(actor=actor) == 0
    for booking in (ahead.event_date, massage):
        type(booking).objects.filter(pk=booking.pk).update(starts_at=LONG_AGO)
    missed = APlace(**own, event_date=AnEventDate(company=studio, starts_at=LONG_AGO))
    assert complete_attended(actor=actor) == 1
    assert facts(ahead, "status") == ["completed"]
    assert facts(massage, "status") == ["in_progress"], "of an appointment only people say so"
    assert facts(missed, "status") == ["confirmed"]


def test_what_was_marked_by_mistake_is_undone_and_stays_paid(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    date = AnEventDate(company=studio, starts_at=LONG_AGO)
    bought = APass(company=studio, customer=customer)
    place = APlace(company=studio, customer=customer, event_date=date, means=bought)
    before = facts(place, "status", "entry_id", "covered", "started_at", "missed_at")
    for mark in (start_booking, complete_booking, check_in_booking, miss_booking):
        mark(place, actor=actor)
        reopen_booking(place, actor=actor)
        assert facts(place, "status", "entry_id", "covered", "started_at", "missed_at") == before
        assert balance(bought) == 9
        assert facts(date, "spaces_taken") == [1]


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
            refuses = {"start": (CustomerArchived,), "reopen": (CustomerArchived,)}
            assert refusal == refuses.get(verb, ()), verb
            assert Booking.objects.get(pk=booking.pk).is_open is (verb in refuses)
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


@pytest.mark.parametrize("is_invoiced", [False, True])
def test_front_desk_cancels_what_has_begun_unpaid_up_to_its_limit(
    studio: Company, customer: Customer, actor: Actor, is_invoiced: bool
) -> None:
    desk = make_staff(studio, email="d@studio.example").actor_in(studio, "front_desk")
    company = Company.objects.filter(pk=studio.pk)
    company.update(refund_limit=7_199)
    own: dict[str, Any] = {"company": studio, "customer": customer}
    past = AnAppointment(**own, starts_at=LONG_AGO, means=Invoice() if is_invoiced else None)
    complete_booking(past, actor=desk)
    reopen_booking(past, actor=desk)
    assert refusal_of(cancel_booking, past, actor=desk) == (AboveRoleLimit,)
    cancel_booking(AnAppointment(**own), actor=desk)
    if is_invoiced:
        part = Payment(invoice=Invoice.objects.get(), amount=1, method="cash")
        take_payment(part, actor=actor)
    else:
        company.update(refund_limit=7_200)
    cancel_booking(past, actor=desk)
    assert facts(past, "status") == ["cancelled"]
    paid = AnAppointment(**own, starts_at=LONG_AGO, means=APass(**own))
    company.update(refund_limit=0)
    cancel_booking(paid, actor=desk)
