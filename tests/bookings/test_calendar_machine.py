"""Random operations on one facilitator and two event dates, compared with a model (threat 21).

The suite takes 550 steps; `CALENDAR_STEPS=10000 uv run pytest
tests/bookings/test_calendar_machine.py` takes more.
"""

import datetime
import os
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import connection
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, invariant, multiple, rule

from bookings import actions
from bookings.models import Booking, Engagement, Event, EventDate, Facilitator, Service, Transaction
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.factories import MORNING, ACustomer, AFacilitator, AnEvent, AService
from tests.machines import Machine, run

STEPS = int(os.environ.get("CALENDAR_STEPS", "550"))

# Stored counts that differ from the rows they count; there must be none at any moment.
COUNTED = """
SELECT date.id FROM bookings_eventdate date
 WHERE spaces_taken <> (SELECT COALESCE(sum(spaces), 0) FROM bookings_booking
                         WHERE event_date_id = date.id AND status <> 'cancelled')
"""
ENGAGED = """
SELECT id, facilitator_id, starts_at, duration FROM bookings_booking
 WHERE facilitator_id IS NOT NULL AND status <> 'cancelled'
UNION ALL
SELECT id, facilitator_id, starts_at, duration FROM bookings_eventdate
 WHERE facilitator_id IS NOT NULL AND cancelled_at IS NULL
"""

half_hours = st.integers(0, 11)
lengths = st.sampled_from([30, 60, 90])
spaces = st.integers(1, 3)


def at(half_hour: int) -> datetime.datetime:
    return MORNING + datetime.timedelta(minutes=30 * half_hour)


@dataclass
class Slot:
    """The expected state of an appointment or a date; times are in half hours."""

    start: int
    minutes: int
    is_led: bool
    is_date: bool = False
    capacity: int = 0
    status: str = "confirmed"

    @property
    def is_open(self) -> bool:
        return self.status == "confirmed"

    def is_busy(self, start: int, minutes: int) -> bool:
        begins, other = self.start * 30, start * 30
        overlaps = begins < other + minutes and other < begins + self.minutes
        return self.is_led and self.status != "cancelled" and overlaps


@dataclass
class Seat:
    """Spaces at a date."""

    date: Any
    spaces: int
    status: str = "confirmed"


class Calendar(Machine):
    """The actions of bookings and event dates, run next to the model."""

    facilitator: ClassVar[Facilitator]
    service: ClassVar[Service]
    event: ClassVar[Event]
    customer: ClassVar[Customer]
    appointments = Bundle("appointments")
    dates = Bundle("dates")
    places = Bundle("places")

    def __init__(self) -> None:
        super().__init__()
        self.slots: dict[Any, Slot] = {}
        self.seats: dict[Any, Seat] = {}

    def is_free(self, is_led: bool, start: int, minutes: int, but: Any = None) -> bool:
        slots = [slot for key, slot in self.slots.items() if key != but]
        return not is_led or not any(slot.is_busy(start, minutes) for slot in slots)

    def taken(self, date: Any, but: Any = None) -> int:
        seats = (seat for key, seat in self.seats.items() if key != but and seat.date == date)
        return sum(seat.spaces for seat in seats if seat.status != "cancelled")

    def led_by(self, is_led: bool) -> Facilitator | None:
        return self.facilitator if is_led else None

    # --- Appointments ---

    @rule(target=appointments, start=half_hours, minutes=lengths, is_led=st.booleans())
    def book(self, start: int, minutes: int, is_led: bool) -> Any:
        booking = Booking(
            customer=self.customer,
            service=self.service,
            starts_at=at(start),
            duration=minutes,
            facilitator=self.led_by(is_led),
        )
        if not self.agree(self.is_free(is_led, start, minutes), actions.book_appointment, booking):
            return multiple()
        self.slots[booking.pk] = Slot(start, minutes, is_led)
        return booking

    @rule(booking=appointments, start=half_hours, minutes=lengths)
    def move(self, booking: Booking, start: int, minutes: int) -> None:
        slot = self.slots[booking.pk]
        is_free = self.is_free(slot.is_led, start, minutes, booking.pk)
        changes = {"starts_at": at(start), "duration": minutes}
        if self.agree(slot.is_open and is_free, actions.change_booking, booking, changes=changes):
            slot.start, slot.minutes = start, minutes

    @rule(booking=appointments, is_led=st.booleans())
    def reassign(self, booking: Booking, is_led: bool) -> None:
        slot = self.slots[booking.pk]
        is_free = self.is_free(is_led, slot.start, slot.minutes, booking.pk)
        changes = {"facilitator": self.led_by(is_led)}
        if self.agree(slot.is_open and is_free, actions.change_booking, booking, changes=changes):
            slot.is_led = is_led

    # --- Dates ---

    @rule(target=dates, start=half_hours, minutes=lengths, is_led=st.booleans(),
          capacity=st.integers(1, 5))  # fmt: skip
    def add_date(self, start: int, minutes: int, is_led: bool, capacity: int) -> Any:
        date = EventDate(
            event=self.event,
            starts_at=at(start),
            duration=minutes,
            capacity=capacity,
            facilitator=self.led_by(is_led),
        )
        if not self.agree(self.is_free(is_led, start, minutes), actions.add_event_date, date):
            return multiple()
        self.slots[date.pk] = Slot(start, minutes, is_led, True, capacity)
        return date

    @rule(date=dates, start=half_hours, is_led=st.booleans())
    def move_date(self, date: EventDate, start: int, is_led: bool) -> None:
        slot = self.slots[date.pk]
        is_free = self.is_free(is_led, start, slot.minutes, date.pk)
        changes = {"starts_at": at(start), "facilitator": self.led_by(is_led)}
        if self.agree(slot.is_open and is_free, actions.move_event_date, date, changes=changes):
            slot.start, slot.is_led = start, is_led

    @rule(date=dates, capacity=st.integers(1, 5))
    def resize(self, date: EventDate, capacity: int) -> None:
        slot = self.slots[date.pk]
        expected = slot.is_open and capacity >= self.taken(date.pk)
        if self.agree(expected, actions.move_event_date, date, changes={"capacity": capacity}):
            slot.capacity = capacity

    @rule(date=dates)
    def cancel_date(self, date: EventDate) -> None:
        slot = self.slots[date.pk]
        here = [seat for seat in self.seats.values() if seat.date == date.pk]
        is_over = any(seat.status == "completed" for seat in here)
        if self.agree(slot.is_open and not is_over, actions.cancel_event_date, date):
            for one in (slot, *here):
                one.status = "cancelled"

    # --- Places ---

    @rule(target=places, date=dates, count=spaces)
    def take(self, date: EventDate, count: int) -> Any:
        slot = self.slots[date.pk]
        place = Booking(customer=self.customer, event_date=date, spaces=count)
        purchase = Transaction(customer=self.customer)
        expected = slot.is_open and self.taken(date.pk) + count <= slot.capacity
        if not self.agree(expected, actions.book_places, purchase, places=[place]):
            return multiple()
        self.seats[place.pk] = Seat(date.pk, count)
        return place

    @rule(place=places, date=dates)
    def change_date(self, place: Booking, date: EventDate) -> None:
        seat, slot = self.seats[place.pk], self.slots[date.pk]
        fits = self.taken(date.pk, place.pk) + seat.spaces <= slot.capacity
        expected = seat.status == "confirmed" and slot.is_open and fits
        if self.agree(expected, actions.change_booking, place, changes={"event_date": date}):
            seat.date = date.pk

    @rule(booking=appointments | places)
    def cancel(self, booking: Booking) -> None:
        self._end(booking, "cancelled", actions.cancel_booking)

    @rule(booking=appointments)
    def complete(self, booking: Booking) -> None:
        self._end(booking, "completed", actions.complete_booking)

    def _end(self, booking: Booking, status: str, verb: Any) -> None:
        model: Any = self.slots.get(booking.pk) or self.seats[booking.pk]
        if self.agree(model.status == "confirmed", verb, booking):
            model.status = status

    # --- Invariants ---

    @invariant()
    def the_record_is_as_the_model(self) -> None:
        stored = {
            booking.pk: (booking.status, booking.starts_at, booking.duration)
            for booking in Booking.objects.all()
        }
        for key, slot in self.slots.items():
            if not slot.is_date:
                assert stored.pop(key) == (slot.status, at(slot.start), slot.minutes)
        for key, seat in self.seats.items():
            slot = self.slots[seat.date]
            assert stored.pop(key) == (seat.status, at(slot.start), slot.minutes)
        assert not stored
        for date in EventDate.objects.all():
            slot = self.slots[date.pk]
            assert date.is_cancelled == (slot.status == "cancelled")
            assert date.spaces_taken == self.taken(date.pk)

    @invariant()
    def what_is_counted_is_what_there_is(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(COUNTED)
            assert cursor.fetchall() == []
            cursor.execute(ENGAGED)
            engaged = {
                (key, who, start, start + datetime.timedelta(minutes=minutes))
                for key, who, start, minutes in cursor.fetchall()
            }
        kept = Engagement.objects.values_list("pk", "facilitator_id", "during")
        assert engaged == {(key, who, hours.lower, hours.upper) for key, who, hours in kept}


def test_the_calendar_does_what_a_small_model_does(studio: Company) -> None:
    Calendar.company = studio
    Calendar.facilitator = AFacilitator(company=studio)
    Calendar.service = AService(company=studio)
    Calendar.event = AnEvent(company=studio)
    Calendar.customer = ACustomer(company=studio)
    run(Calendar, STEPS)
    with acting_for(studio.id):
        assert not Booking.objects.exists(), "every run was rolled back"
