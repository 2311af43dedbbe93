"""One facilitator and two dates of an event, driven at random against a small model (threat 21).

600 steps in the suite; `CALENDAR_STEPS=10000 uv run pytest tests/bookings/test_calendar_machine.py`
takes more.
"""

import datetime
import itertools
import os
from dataclasses import dataclass
from typing import Any, ClassVar

from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bookings.actions import (
    add_event_date,
    book_appointment,
    book_places,
    cancel_booking,
    cancel_event_date,
    change_booking,
    complete_booking,
    move_event_date,
)
from bookings.models import (
    Booking,
    Engagement,
    Event,
    EventDate,
    Facilitator,
    Service,
    Transaction,
)
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from config.errors import Refusal
from customers.models import Customer
from tests.factories import MORNING, ACustomer, AFacilitator, AnEvent, AService

STEPS = int(os.environ.get("CALENDAR_STEPS", "600"))
STEPS_AT_ONCE = 50

# What the database counts beside what there is: both must be the same at every moment.
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
    """An appointment or a date as it ought to be; times in half hours."""

    start: int
    minutes: int
    is_led: bool
    is_date: bool = False
    capacity: int = 0
    status: str = "confirmed"

    @property
    def is_busy(self) -> bool:
        return self.is_led and self.status != "cancelled"

    def overlaps(self, start: int, minutes: int) -> bool:
        return (
            self.start * 30 < start * 30 + minutes and start * 30 < self.start * 30 + self.minutes
        )


@dataclass
class Seat:
    """Spaces at a date."""

    date: Any
    spaces: int
    status: str = "confirmed"


class Calendar(RuleBasedStateMachine):
    """The actions beside the model: each must say yes and no together, and hold the same."""

    company: ClassVar[Company]
    facilitator: ClassVar[Facilitator]
    service: ClassVar[Service]
    event: ClassVar[Event]
    customer: ClassVar[Customer]
    appointments = Bundle("appointments")
    dates = Bundle("dates")
    places = Bundle("places")

    def __init__(self) -> None:
        super().__init__()
        self.scope = transaction.atomic()
        self.scope.__enter__()
        self.within = acting_for(self.company.id)
        self.within.__enter__()
        self.actor = Actor.command(self.company)
        self.numbers = itertools.count()
        self.slots: dict[Any, Slot] = {}
        self.seats: dict[Any, Seat] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.within.__exit__(None, None, None)
        self.scope.__exit__(None, None, None)

    def agree(self, expected: bool, act: Any) -> Any:
        try:
            with transaction.atomic():
                done = act()
        except Refusal:
            assert not expected, "the model allows what was refused"
            return None
        assert expected, "the model refuses what was done"
        return True if done is None else done

    def is_free(self, start: int, minutes: int, but: Any = None) -> bool:
        return not any(
            slot.is_busy and slot.overlaps(start, minutes)
            for key, slot in self.slots.items()
            if key != but
        )

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
        expected = not is_led or self.is_free(start, minutes)
        if self.agree(expected, lambda: book_appointment(booking, actor=self.actor)) is None:
            return None
        self.slots[booking.pk] = Slot(start, minutes, is_led)
        return booking

    @rule(booking=appointments, start=half_hours, minutes=lengths)
    def move(self, booking: Booking | None, start: int, minutes: int) -> None:
        if booking is None:
            return
        slot = self.slots[booking.pk]
        free = not slot.is_led or self.is_free(start, minutes, booking.pk)
        changes = {"starts_at": at(start), "duration": minutes}
        expected = slot.status == "confirmed" and free
        if self.agree(expected, lambda: change_booking(booking, changes=changes, actor=self.actor)):
            slot.start, slot.minutes = start, minutes

    @rule(booking=appointments, is_led=st.booleans())
    def reassign(self, booking: Booking | None, is_led: bool) -> None:
        if booking is None:
            return
        slot = self.slots[booking.pk]
        free = not is_led or self.is_free(slot.start, slot.minutes, booking.pk)
        changes = {"facilitator": self.led_by(is_led)}
        expected = slot.status == "confirmed" and free
        if self.agree(expected, lambda: change_booking(booking, changes=changes, actor=self.actor)):
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
        expected = not is_led or self.is_free(start, minutes)
        if self.agree(expected, lambda: add_event_date(date, actor=self.actor)) is None:
            return None
        self.slots[date.pk] = Slot(start, minutes, is_led, True, capacity)
        return date

    @rule(date=dates, start=half_hours, is_led=st.booleans())
    def move_date(self, date: EventDate | None, start: int, is_led: bool) -> None:
        if date is None:
            return
        slot = self.slots[date.pk]
        free = not is_led or self.is_free(start, slot.minutes, date.pk)
        changes = {"starts_at": at(start), "facilitator": self.led_by(is_led)}
        expected = slot.status == "confirmed" and free
        if self.agree(expected, lambda: move_event_date(date, changes=changes, actor=self.actor)):
            slot.start, slot.is_led = start, is_led

    @rule(date=dates, capacity=st.integers(1, 5))
    def resize(self, date: EventDate | None, capacity: int) -> None:
        if date is None:
            return
        slot = self.slots[date.pk]
        expected = slot.status == "confirmed" and capacity >= self.taken(date.pk)
        changes = {"capacity": capacity}
        if self.agree(expected, lambda: move_event_date(date, changes=changes, actor=self.actor)):
            slot.capacity = capacity

    @rule(date=dates)
    def cancel_date(self, date: EventDate | None) -> None:
        if date is None:
            return
        slot = self.slots[date.pk]
        here = [seat for seat in self.seats.values() if seat.date == date.pk]
        is_over = any(seat.status == "completed" for seat in here)
        expected = slot.status == "confirmed" and not is_over
        if self.agree(expected, lambda: cancel_event_date(date, actor=self.actor)) is not None:
            slot.status = "cancelled"
            for seat in here:
                seat.status = "cancelled"

    # --- Places ---

    @rule(target=places, date=dates, count=spaces)
    def take(self, date: EventDate | None, count: int) -> Any:
        if date is None:
            return None
        slot = self.slots[date.pk]
        place = Booking(customer=self.customer, event_date=date, spaces=count)
        purchase = Transaction(customer=self.customer)
        expected = slot.status == "confirmed" and self.taken(date.pk) + count <= slot.capacity
        if not self.agree(
            expected, lambda: book_places(purchase, places=[place], actor=self.actor)
        ):
            return None
        self.seats[place.pk] = Seat(date.pk, count)
        return place

    @rule(place=places, date=dates)
    def change_date(self, place: Booking | None, date: EventDate | None) -> None:
        if place is None or date is None:
            return
        seat, slot = self.seats[place.pk], self.slots[date.pk]
        fits = self.taken(date.pk, place.pk) + seat.spaces <= slot.capacity
        expected = seat.status == "confirmed" and slot.status == "confirmed" and fits
        changes = {"event_date": date}
        if self.agree(expected, lambda: change_booking(place, changes=changes, actor=self.actor)):
            seat.date = date.pk

    @rule(booking=appointments | places)
    def cancel(self, booking: Booking | None) -> None:
        self._end(booking, "cancelled", cancel_booking)

    @rule(booking=appointments | places)
    def complete(self, booking: Booking | None) -> None:
        self._end(booking, "completed", complete_booking)

    def _end(self, booking: Booking | None, status: str, verb: Any) -> None:
        if booking is None:
            return
        model: Any = self.slots.get(booking.pk) or self.seats[booking.pk]
        expected = model.status == "confirmed"
        if self.agree(expected, lambda: verb(booking, actor=self.actor)):
            model.status = status

    # --- What holds at every moment ---

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
            assert (date.is_cancelled, date.spaces_taken) == (
                slot.status == "cancelled",
                self.taken(date.pk),
            )

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
    run_state_machine_as_test(
        Calendar,
        settings=settings(
            max_examples=STEPS // STEPS_AT_ONCE,
            stateful_step_count=STEPS_AT_ONCE,
            deadline=None,
            database=None,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    with acting_for(studio.id):
        assert not Booking.objects.exists(), "every run was rolled back"
