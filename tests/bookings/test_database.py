"""Rules that the database enforces for every writer (threats 2, 13, 21).

The tests write in plain SQL, without actions.
"""

import datetime
import itertools
import uuid

import pytest
from django.db import ProgrammingError, connection, transaction

from bookings.models import Booking, Engagement, EventDate, Facilitator, LateCancellation
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from tests.factories import MORNING, AFacilitator, AnAppointment, AnEventDate, APlace
from tests.shares import undone

from .support import DAY, HOUR
from .written import BUSY, CANCELLED, FULL, OPEN, copy, refused, write

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def booking(studio: Company, facilitator: Facilitator) -> Booking:
    """An appointment of an hour with the facilitator."""
    return AnAppointment(company=studio, facilitator=facilitator)


@pytest.fixture
def place(studio: Company, date: EventDate) -> Booking:
    """Four spaces at the date."""
    return APlace(company=studio, event_date=date, spaces=4)


# --- Nobody is double-booked ---


def test_two_appointments_of_one_facilitator_never_overlap(
    booking: Booking, studio: Company, facilitator: Facilitator
) -> None:
    for minutes, duration in itertools.product((-59, -30, 0, 30, 59), (60, 1_440)):
        at = MORNING + datetime.timedelta(minutes=minutes)
        with refused(BUSY, case=(minutes, duration)):
            copy(booking, starts_at=at, duration=duration)
    # Adjacent appointments, other facilitators, and none at all do not conflict.
    copy(booking, starts_at=MORNING + HOUR)
    copy(booking, starts_at=MORNING - HOUR)
    copy(booking, facilitator_id=AFacilitator(company=studio))
    copy(booking, facilitator_id=None)
    assert Engagement.objects.filter(facilitator=facilitator).count() == 3


def test_an_appointment_and_an_event_date_never_overlap(
    booking: Booking, date: EventDate, facilitator: Facilitator
) -> None:
    with refused(BUSY):
        write(date, facilitator_id=facilitator)
    write(date, facilitator_id=facilitator, starts_at=MORNING + HOUR)
    with refused(BUSY):
        write(booking, duration=61)
    with refused(BUSY):
        write(date, starts_at=MORNING)
    with refused(BUSY):
        copy(date, starts_at=MORNING + HOUR / 2)


def test_cancelled_ones_are_excepted_and_do_not_come_back_over_others(
    studio: Company, facilitator: Facilitator
) -> None:
    for make, off, on in (
        (AnAppointment, CANCELLED, OPEN),
        (AnEventDate, {"cancelled_at": MORNING}, {"cancelled_at": None}),
    ):
        with undone():
            row = make(company=studio, facilitator=facilitator)
            with refused(BUSY):
                copy(row)
            write(row, **off)
            assert not Engagement.objects.exists()
            copy(row)
            copy(row, **on)
            with refused(BUSY):
                write(row, **on)


def test_what_was_not_cancelled_keeps_its_time(booking: Booking) -> None:
    none = dict.fromkeys(("started_at", "completed_at", "missed_at"))
    for status, moment in zip(("in_progress", "completed", "no_show"), none, strict=True):
        write(booking, **none | {"status": status, moment: MORNING})
        with refused(BUSY, case=status):
            copy(booking, **none, **OPEN)


def test_whoever_takes_over_is_taken(
    booking: Booking, studio: Company, facilitator: Facilitator
) -> None:
    other = AFacilitator(company=studio)
    second = copy(booking, facilitator_id=other)
    with refused(BUSY):
        write(booking, facilitator_id=other)
    write(booking, facilitator_id=None)
    write(booking, facilitator_id=facilitator)
    assert set(Engagement.objects.values_list("pk", "facilitator")) == {
        (booking.pk, facilitator.pk),
        (second, other.pk),
    }


def test_another_id_changes_nothing_about_who_is_taken(booking: Booking) -> None:
    renamed = uuid.uuid4()
    write(booking, id=renamed)
    assert Engagement.objects.get().pk == renamed
    with refused(BUSY):
        copy(Booking.objects.get())
    write(Booking.objects.get(), starts_at=MORNING + HOUR)
    copy(Booking.objects.get(), starts_at=MORNING)


def test_nothing_borrows_the_time_of_something_with_its_id(
    booking: Booking, date: EventDate, facilitator: Facilitator
) -> None:
    with refused("bookings_engagement_pkey", "bookings_engagement_company"):
        copy(date, id=booking.pk, facilitator_id=facilitator, starts_at=MORNING + DAY)


# --- No date is oversold ---


def test_no_more_spaces_are_booked_than_there_are(place: Booking, date: EventDate) -> None:
    copy(place, spaces=6)
    assert EventDate.objects.get().spaces_taken == 10
    for change in (lambda: copy(place, spaces=1), lambda: write(place, spaces=5)):
        with refused(FULL):
            change()
    with refused(FULL):
        write(date, capacity=9)
    write(date, capacity=11)
    copy(place, spaces=1)


def test_cancelled_places_take_no_space_until_restored(place: Booking, date: EventDate) -> None:
    write(place, **CANCELLED)
    assert EventDate.objects.get().spaces_taken == 0
    copy(place, spaces=10, **OPEN)
    copy(place, spaces=3)
    with refused(FULL):
        write(place, **OPEN)
    write(place, spaces=5)
    assert EventDate.objects.get().spaces_taken == 10


def test_spaces_move_with_a_place(place: Booking, date: EventDate) -> None:
    other = EventDate.objects.get(pk=copy(date, capacity=3))
    with refused(FULL):
        write(place, event_date_id=other)
    write(place, event_date_id=other, spaces=3)
    taken = dict(EventDate.objects.values_list("pk", "spaces_taken"))
    assert taken == {date.pk: 0, other.pk: 3}


def test_a_cancelled_date_takes_nobody(place: Booking, date: EventDate) -> None:
    empty = "event_date_cancelled_is_empty"
    with refused(empty):
        write(date, cancelled_at=MORNING)
    write(place, **CANCELLED)
    write(date, cancelled_at=MORNING)
    for change in (lambda: copy(place, **OPEN), lambda: write(place, **OPEN)):
        with refused(empty):
            change()


def test_the_count_starts_at_nothing_whatever_is_written(place: Booking, date: EventDate) -> None:
    assert EventDate.objects.get(pk=copy(date)).spaces_taken == 0
    assert EventDate.objects.get(pk=copy(date, spaces_taken=9)).spaces_taken == 0


NOT_GIVEN = [
    "UPDATE bookings_eventdate SET spaces_taken = 0",
    "UPDATE bookings_eventdate SET event_id = event_id",
    "DELETE FROM bookings_eventdate",
    "INSERT INTO bookings_engagement SELECT * FROM bookings_engagement",
    "UPDATE bookings_engagement SET during = during",
    "DELETE FROM bookings_engagement",
    "TRUNCATE bookings_engagement",
    "DELETE FROM bookings_booking",
    "TRUNCATE bookings_booking",
    "DELETE FROM bookings_transaction",
    "DELETE FROM bookings_mediapurchase",
    "DELETE FROM bookings_service",
    "ALTER TABLE bookings_booking DISABLE TRIGGER ALL",
    "SET session_replication_role = replica",
]


def test_the_runtime_role_writes_neither_counts_nor_engagements_and_removes_nothing(
    booking: Booking, place: Booking, subtests: pytest.Subtests
) -> None:
    for statement in NOT_GIVEN:
        with (
            subtests.test(statement),
            pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_a_purchase_and_a_late_cancellation_stay_with_their_customer(
    booking: Booking, place: Booking
) -> None:
    late = LateCancellation.objects.create(
        company_id=booking.company_id, booking=booking, customer=booking.customer,
        keeps="visit", currency="GBP", reason="Ill", actor_name="Olive",
    )  # fmt: skip
    for row in (place.transaction, late):
        for customer in (booking.customer, place.customer):
            with refused("bookings_kept"):
                write(row, customer_id=customer)
    with refused("bookings_kept"):
        write(late, reason="Late")
    write(late, reason="")


# --- A place has the time of its date ---


def test_a_place_has_no_time_of_its_own(place: Booking, date: EventDate, actor: Actor) -> None:
    for change in ({"starts_at": MORNING + HOUR}, {"duration": 90}):
        with refused("booking_moves_with_its_event_date"):
            write(place, **change)
        with refused("booking_moves_with_its_event_date"):
            copy(place, **change)
    write(date, starts_at=MORNING + HOUR, duration=90)
    place.refresh_from_db()
    assert (place.starts_at, place.duration) == (MORNING + HOUR, 90)
