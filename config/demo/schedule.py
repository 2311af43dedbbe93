"""Assign a facilitator and a time to each sample booking, without double bookings."""

from collections import defaultdict
from dataclasses import dataclass

from bookings.models import Event, EventDate, Facilitator

from .batch import Batch
from .calendar import CLOSES, HISTORY, HOUR
from .offers import HOURS

# Start times of the classes in one room, in minutes of a day; at weekends in the morning.
_EVENINGS = (17 * 60 + 15, 18 * 60 + 45, 20 * 60 + 10)
_MORNINGS = (9 * 60 + 15, 10 * 60 + 45, 12 * 60 + 15)
_PAUSES = (0, 5, 10, 10, 15, 30)
# Event dates are published this many days ahead.
_PUBLISHED = 90


@dataclass(slots=True)
class Class:
    """An event date, and how many free spaces it has."""

    id: str
    event: Event
    day: int
    starts: int
    duration: int
    left: int


class Schedule:
    """Facilitators and event dates, added as the customers of one batch need them.

    Batches share none of these rows, so that they can be written in parallel without waiting.
    """

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._facilitators: list[str] = []
        self._leaders: list[str] = []
        self._taken_until: dict[int, list[int]] = defaultdict(list)
        self._classes: dict[int, list[Class]] = defaultdict(list)
        self._events: dict[tuple[int, int], Event] = {}

    def take(self, day: int, duration: int) -> tuple[str, int]:
        """Book the first facilitator who is free on a day; return their id and the moment."""
        until = self._taken_until[day]
        free = (place for place, minute in enumerate(until) if minute + duration <= CLOSES)
        place = next(free, len(until))
        if place == len(until):
            until.append(self._batch.between(8, 13) * 60)
        starts = self._batch.calendar.at(day, until[place])
        until[place] += duration + self._batch.some(_PAUSES)
        return self._hire(self._facilitators, place), starts

    def find(self, days: list[int], spaces: int) -> Class:
        """Return a class with enough free spaces on one of some days, else on the first day."""
        for day in days:
            for one in self._classes[day]:
                if one.left >= spaces:
                    return one
        one = self._hold(days[0], len(self._classes[days[0]]))
        self._classes[days[0]].append(one)
        return one

    def _hold(self, day: int, place: int) -> Class:
        """Add a class on a day; its event, time and facilitator are the same every week."""
        batch, weekday = self._batch, self._batch.calendar.dates[day].weekday()
        room, slot = divmod(place, len(_EVENINGS))
        if (weekday, place) not in self._events:
            self._events[weekday, place] = batch.some(batch.events)
        event = self._events[weekday, place]
        starts = batch.calendar.at(day, (_EVENINGS if weekday < 5 else _MORNINGS)[slot])
        duration, capacity = HOURS[event.name]
        capacity += batch.between(0, 4)
        id = batch.put(
            EventDate,
            starts - _PUBLISHED * 24 * HOUR,
            event_id=event.pk,
            facilitator_id=self._hire(self._leaders, room),
            starts_at=starts,
            duration=duration,
            capacity=capacity,
        )
        return Class(id, event, day, starts, duration, capacity - batch.between(0, 4))

    def _hire(self, staff: list[str], place: int) -> str:
        """Return the facilitator at an index; a missing one is hired before all bookings."""
        batch, home = self._batch, self._batch.run.home
        while place >= len(staff):
            first, last = batch.some(home.first_names), batch.some(home.last_names)
            moment = batch.opening(batch.between(0, batch.today - HISTORY - _PUBLISHED))
            name, email = f"{first.text} {last.text}", f"{first.slug}.{last.slug}@example.org"
            staff.append(batch.put(Facilitator, moment, name=name, email=email))
        return staff[place]
