"""What the database holds by itself, whoever writes to it and however (threats 2, 13, 21).

Everything here goes past the actions, in plain SQL.
"""

import datetime
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, connections, transaction

from billing.models import Invoice
from bookings.actions import cancel_booking, move_event_date
from bookings.models import Booking, Engagement, EventDate, Facilitator
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.models import Customer
from tests.factories import (
    MORNING,
    ACredit,
    ACustomer,
    AFacilitator,
    AMediaPurchase,
    AMedium,
    AnAddress,
    AnAppointment,
    AnEvent,
    AnEventDate,
    AnInvoice,
    APass,
    APayment,
    APlace,
    AService,
    make_company,
)

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
CANCELLED = {"status": "cancelled", "cancelled_at": MORNING}
OPEN = {"status": "confirmed", "cancelled_at": None}


def plain(value: Any) -> Any:
    return getattr(value, "pk", value)


def copy(row: Any, using: str = "default", **changes: Any) -> uuid.UUID:
    """Write a copy of a row with some columns changed; return its id."""
    changes = {"id": uuid.uuid4(), **{name: plain(value) for name, value in changes.items()}}
    table = row._meta.db_table
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} SELECT (jsonb_populate_record(one, %s)).*"
            f" FROM {table} one WHERE id = %s",
            [json.dumps(changes, default=str), row.pk],
        )
    return changes["id"]


def write(row: Any, using: str = "default", **changes: Any) -> None:
    """Write columns of a row."""
    named = ", ".join(f"{name} = %s" for name in changes)
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"UPDATE {row._meta.db_table} SET {named} WHERE id = %s",
            [*map(plain, changes.values()), plain(row)],
        )
        assert cursor.rowcount == 1


@contextmanager
def looked_at(using: str) -> Iterator[None]:
    """Have the database look at what is done here before the transaction ends."""
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@contextmanager
def refused(constraint: str, using: str = "default") -> Iterator[None]:
    """Hold that what is done here breaks a constraint."""
    with pytest.raises(IntegrityError) as error, looked_at(using):
        yield
    broken = error.value.__cause__.diag.constraint_name  # type: ignore[union-attr]
    assert broken == constraint


@pytest.fixture
def facilitator(studio: Company) -> Facilitator:
    return AFacilitator(company=studio)


@pytest.fixture
def booking(inside: None, studio: Company, facilitator: Facilitator) -> Booking:
    """An appointment of an hour with the facilitator."""
    return AnAppointment(company=studio, facilitator=facilitator)


@pytest.fixture
def date(inside: None, studio: Company) -> EventDate:
    """An event date with ten spaces."""
    return AnEventDate(company=studio)


@pytest.fixture
def place(studio: Company, date: EventDate) -> Booking:
    """Four spaces at the date."""
    return APlace(company=studio, event_date=date, spaces=4)


BUSY = "facilitator_one_at_a_time"
FULL = "event_date_capacity"


# --- Nobody is double-booked ---


@pytest.mark.parametrize("minutes", [-59, -30, 0, 30, 59])
@pytest.mark.parametrize("duration", [60, 1_440])
def test_two_appointments_of_one_facilitator_never_overlap(
    booking: Booking, minutes: int, duration: int
) -> None:
    with refused(BUSY):
        copy(booking, starts_at=MORNING + datetime.timedelta(minutes=minutes), duration=duration)


def test_neighbours_others_and_nobody_do(
    booking: Booking, studio: Company, facilitator: Facilitator
) -> None:
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


@pytest.mark.parametrize("which", ["booking", "date"])
def test_cancelled_ones_are_excepted_and_do_not_come_back_over_others(
    studio: Company, inside: None, facilitator: Facilitator, which: str
) -> None:
    if which == "booking":
        row, off, on = AnAppointment(company=studio, facilitator=facilitator), CANCELLED, OPEN
    else:
        row = AnEventDate(company=studio, facilitator=facilitator)
        off, on = {"cancelled_at": MORNING}, {"cancelled_at": None}
    with refused(BUSY):
        copy(row)
    write(row, **off)
    assert not Engagement.objects.exists()
    copy(row)
    copy(row, **on)
    with refused(BUSY):
        write(row, **on)


@pytest.mark.parametrize("status", ["in_progress", "completed", "no_show"])
def test_what_was_not_cancelled_keeps_its_time(booking: Booking, status: str) -> None:
    moments = {"in_progress": "started_at", "completed": "completed_at", "no_show": "missed_at"}
    write(booking, status=status, **{moments[status]: MORNING})
    with refused(BUSY):
        copy(booking, started_at=None, completed_at=None, missed_at=None, **OPEN)


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
    with refused("bookings_engagement_pkey"):
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


def test_cancelled_places_take_no_space_until_they_come_back(
    place: Booking, date: EventDate
) -> None:
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


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE bookings_eventdate SET spaces_taken = 0",
        "UPDATE bookings_eventdate SET event_id = event_id",
        "DELETE FROM bookings_eventdate",
        "INSERT INTO bookings_engagement SELECT * FROM bookings_engagement",
        "UPDATE bookings_engagement SET during = during",
        "DELETE FROM bookings_engagement",
        "TRUNCATE bookings_engagement",
        "DELETE FROM bookings_booking",
        "TRUNCATE bookings_booking",
        "UPDATE bookings_transaction SET customer_id = customer_id",
        "DELETE FROM bookings_transaction",
        "DELETE FROM bookings_mediapurchase",
        "DELETE FROM bookings_service",
        "ALTER TABLE bookings_booking DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
    ],
)
def test_the_runtime_role_writes_neither_counts_nor_engagements_and_removes_nothing(
    booking: Booking, place: Booking, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


# --- A place is when its date is ---


def test_a_place_has_no_time_of_its_own(place: Booking, date: EventDate, actor: Actor) -> None:
    for change in ({"starts_at": MORNING + HOUR}, {"duration": 90}):
        with refused("booking_moves_with_its_event_date"):
            write(place, **change)
        with refused("booking_moves_with_its_event_date"):
            copy(place, **change)
    write(date, starts_at=MORNING + HOUR, duration=90)
    place.refresh_from_db()
    assert (place.starts_at, place.duration) == (MORNING + HOUR, 90)


# --- What a booking is ---


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "event"},
        {"kind": "place"},
        {"service_id": None},
        {"spaces": 2},
        {"event_date_id": "date"},
        {"pricing_option_id": "option"},
        {"transaction_id": "transaction"},
    ],
)
def test_an_appointment_is_a_service_and_nothing_of_an_event(
    booking: Booking, place: Booking, change: dict[str, Any]
) -> None:
    parts = {
        "date": place.event_date_id,
        "option": place.pricing_option_id,
        "transaction": place.transaction_id,
    }
    with refused("booking_is_of_a_kind"):
        write(booking, **{name: parts.get(value, value) for name, value in change.items()})


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "appointment"},
        {"service_id": "service"},
        {"facilitator_id": "facilitator"},
        {"address_id": "address"},
        {"event_date_id": None},
        {"pricing_option_id": None},
        {"transaction_id": None},
        {"spaces": 0},
    ],
)
def test_a_place_is_at_an_event_and_nothing_of_a_service(
    booking: Booking, place: Booking, studio: Company, change: dict[str, Any]
) -> None:
    parts = {
        "service": booking.service_id,
        "facilitator": booking.facilitator_id,
        "address": AnAddress(company=studio, customer=place.customer).pk,
    }
    with refused("booking_is_of_a_kind"):
        write(place, **{name: parts.get(value, value) for name, value in change.items()})


@pytest.mark.parametrize(
    ("status", "moments"),
    [
        ("confirmed", "started_at"),
        ("confirmed", "completed_at"),
        ("confirmed", "missed_at"),
        ("confirmed", "cancelled_at"),
        ("in_progress", ""),
        ("in_progress", "started_at completed_at"),
        ("in_progress", "started_at cancelled_at"),
        ("completed", "started_at"),
        ("completed", "completed_at missed_at"),
        ("completed", "completed_at cancelled_at"),
        ("no_show", ""),
        ("no_show", "missed_at completed_at"),
        ("no_show", "missed_at cancelled_at"),
        ("cancelled", "started_at"),
        ("cancelled", "cancelled_at completed_at"),
        ("cancelled", "cancelled_at missed_at"),
        ("away", ""),
    ],
)
def test_a_status_has_its_moment_and_no_other(booking: Booking, status: str, moments: str) -> None:
    with refused("booking_status_has_its_moment"):
        write(booking, status=status, **dict.fromkeys(moments.split(), MORNING))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"duration": 0}, "booking_duration"),
        ({"duration": 10_081}, "booking_duration"),
        ({"discount": -1}, "booking_discount"),
        ({"discount": 6_001}, "booking_discount"),
        ({"tax": 1_201}, "booking_tax"),
        ({"tax_rate": 101}, "booking_tax"),
        ({"subtotal": 6_001}, "booking_total"),
        ({"total": 7_201}, "booking_total"),
        ({"covered": 1}, "bookings_booking_covered"),
        ({"covered": -1}, "bookings_booking_covered"),
    ],
)
def test_what_a_booking_comes_to_adds_up(
    booking: Booking, change: dict[str, int], constraint: str
) -> None:
    with refused(constraint):
        write(booking, **change)


def test_what_covers_a_booking_covers_no_more_and_no_other(
    inside: None, studio: Company, customer: Customer
) -> None:
    ten = APass(company=studio, customer=customer)
    booking = AnAppointment(company=studio, customer=customer, means=ten)
    with refused("bookings_booking_covered"):
        write(booking, covered=7_201)
    other = AnAppointment(company=studio, customer=customer)
    with refused("bookings_booking_entry"):
        write(other, entry_id=booking.entry_id)
    bought = AMediaPurchase(company=studio, customer=customer, means=ten)
    with refused("bookings_mediapurchase_covered"):
        write(bought, covered=901)
    with refused("bookings_mediapurchase_entry"):
        copy(bought)


def test_an_invoice_is_for_one_booking(inside: None, studio: Company, customer: Customer) -> None:
    booking = AnAppointment(company=studio, customer=customer, means=Invoice())
    with refused("booking_invoice"):
        copy(booking)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"duration": 0}, "event_date_duration"),
        ({"capacity": -1}, "bookings_eventdate_capacity_check"),
    ],
)
def test_a_date_can_be(date: EventDate, change: dict[str, int], constraint: str) -> None:
    with refused(constraint):
        write(date, **change)


# --- Nothing of another company's ---


def rows_of(company: Company) -> dict[str, Any]:
    """Return a row of every kind that a key can point at, by the name of the key."""
    customer = ACustomer(company=company)
    ten = APass(company=company, customer=customer)
    place = APlace(company=company, customer=customer, means=ten)
    invoice = AnInvoice(company=company, customer=customer)
    payment = APayment(company=company, invoice=invoice, amount=100)
    ACredit(company=company, customer=customer)
    return {
        "customer_id": customer.pk,
        "service_id": AService(company=company).pk,
        "facilitator_id": AFacilitator(company=company).pk,
        "address_id": AnAddress(company=company, customer=customer).pk,
        "event_id": AnEvent(company=company).pk,
        "event_date_id": place.event_date_id,
        "pricing_option_id": place.pricing_option_id,
        "transaction_id": place.transaction_id,
        "entry_id": place.entry_id,
        "invoice_id": invoice.pk,
        "payment_id": payment.pk,
        "refund_id": payment.pk,
        "media_id": AMedium(company=company).pk,
    }


KEYS = {
    "booking": "customer_id service_id facilitator_id address_id invoice_id payment_id refund_id"
    " entry_id",
    "place": "event_date_id pricing_option_id transaction_id",
    "eventdate": "facilitator_id event_id",
    "pricingoption": "event_id",
    "transaction": "customer_id",
    "mediapurchase": "customer_id media_id entry_id payment_id refund_id",
}


@pytest.mark.parametrize(
    ("table", "key"), [(table, key) for table, keys in KEYS.items() for key in keys.split()]
)
def test_no_key_reaches_into_another_company(
    studio: Company, rival: Company, table: str, key: str
) -> None:
    theirs = rows_of(rival)[key]
    with acting_for(studio.id):
        place = APlace(company=studio)
        row: Any = {
            "booking": lambda: AnAppointment(company=studio),
            "place": lambda: place,
            "eventdate": lambda: place.event_date,
            "pricingoption": lambda: place.pricing_option,
            "transaction": lambda: place.transaction,
            "mediapurchase": lambda: AMediaPurchase(company=studio),
        }[table]()
        name = f"{row._meta.db_table}_{key}_same_company"
        more = {"covered": 0} if key == "entry_id" else {}
        if key == "event_date_id":
            # Of two guards the one without the company is the first to look.
            date = EventDate.objects.get(pk=place.event_date_id)
            more = {"starts_at": date.starts_at, "duration": date.duration}
        with refused(name):
            copy(row, **{key: theirs}, **more)


def test_engagements_of_another_company_are_not_seen(studio: Company, rival: Company) -> None:
    AnAppointment(company=rival, facilitator=AFacilitator(company=rival))
    with acting_for(studio.id):
        assert not Engagement.objects.exists()
    with acting_for(rival.id):
        assert Engagement.objects.count() == 1


# --- Whoever writes ---


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_owner_is_held_to_it_too(studio: Company, actor: Actor) -> None:
    facilitator = AFacilitator(company=studio)
    booking = AnAppointment(company=studio, facilitator=facilitator)
    date = AnEventDate(company=studio, facilitator=facilitator, starts_at=MORNING + HOUR)
    place = APlace(company=studio, event_date=date, spaces=4)
    stranger = ACustomer(company=make_company("Rival Spa", slug="rival"))
    with refused(BUSY, "owner"):
        copy(booking, "owner")
    with refused(BUSY, "owner"):
        copy(date, "owner", starts_at=MORNING)
    with refused(FULL, "owner"):
        copy(place, "owner", spaces=7)
    with refused("booking_moves_with_its_event_date", "owner"):
        write(place, "owner", starts_at=MORNING)
    with refused("bookings_booking_customer_id_same_company", "owner"):
        write(booking, "owner", customer_id=stranger)
    write(place, "owner", spaces=10)
    with acting_for(studio.id):
        move_event_date(date, changes={"starts_at": MORNING + DAY}, actor=actor)
        cancel_booking(place, actor=actor)
        assert EventDate.objects.get().spaces_taken == 0
