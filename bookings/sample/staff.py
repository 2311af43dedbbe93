"""Who serves the customers of a batch, and when: nobody is taken twice at a time.

Facilitators and event dates belong to one batch, so that batches can be written side by side
without waiting for each other's rows.
"""

from dataclasses import dataclass

from .batch import Batch
from .calendar import HISTORY
from .offers import Event
from .tables import EVENT_DATE, FACILITATOR, NULL

# When the parts of a facilitator's day begin and end, in minutes.
_SHIFTS = ((9 * 60, 12 * 60 + 45), (13 * 60, 16 * 60 + 45), (17 * 60, 20 * 60 + 30))
_PAUSES = (0, 5, 10, 10, 15, 30)
# How many appointments a facilitator has on a full day, on average.
_A_DAY = 6
# How many spaces are taken in a class of a busy week, on average.
_IN_A_CLASS = 11
# When classes begin in one room, by the day of the week: evenings, and mornings at the weekend.
_EVENINGS = (17 * 60 + 15, 18 * 60 + 45, 20 * 60 + 10)
_MORNINGS = (9 * 60 + 15, 10 * 60 + 45, 12 * 60 + 15)
_GRID = [
    (weekday, minute)
    for place in range(3)
    for weekday, minute in (
        *((weekday, _EVENINGS[place]) for weekday in (1, 3, 0, 2, 4)),
        *((weekday, _MORNINGS[place]) for weekday in (5, 6)),
    )
]
_SUNDAY = 6
_CALLED_OFF = 0.01


@dataclass(slots=True)
class Class:
    """An event date and how many spaces it has left."""

    id: str
    event: Event
    starts: int
    left: int


class Diary:
    """The facilitators who give appointments, and until when each is taken in each shift."""

    def __init__(self, batch: Batch, on_a_busy_day: int) -> None:
        self._batch = batch
        count = 1 + on_a_busy_day // _A_DAY if on_a_busy_day else 0
        self._facilitators = [hire(batch) for _ in range(count)]
        self._taken: dict[tuple[int, int, int], int] = {}

    def take(self, day: int, minutes: int) -> tuple[str, int] | None:
        """Return a facilitator who is free on a day, and from when; None where nobody is."""
        weekday = self._batch.calendar.dates[day].weekday()
        if weekday == _SUNDAY:
            return None
        count, shifts = len(self._facilitators), len(_SHIFTS)
        first = self._batch.between(0, count * shifts - 1)
        for place in range(first, first + count * shifts):
            who, shift = place // shifts % count, place % shifts
            # Each of them has another day off besides Sunday.
            if (who + weekday) % _SUNDAY == 0 and count > 1:
                continue
            begins, ends = _SHIFTS[shift]
            begins = self._taken.get((day, who, shift), begins) + self._batch.some(_PAUSES)
            if begins + minutes <= ends:
                self._taken[day, who, shift] = begins + minutes
                return self._facilitators[who], begins
        return None


class Timetable:
    """The classes of a batch: every one of them weekly, as long as somebody comes to them."""

    def __init__(self, batch: Batch, first: int, in_a_busy_week: int) -> None:
        self._batch = batch
        self._days: dict[int, list[Class]] = {}
        if not in_a_busy_week:
            return
        events = batch.offers.events
        rooms: dict[int, list[str]] = {}
        for number in range(1 + in_a_busy_week // _IN_A_CLASS):
            room, place = divmod(number, len(_GRID))
            leaders = rooms.setdefault(room, [hire(batch), hire(batch)])
            self._hold(batch.some(events), *_GRID[place], leaders, first)

    def find(self, day: int, spaces: int) -> Class | None:
        """Return a class of a day with so many spaces left, None where there is none."""
        classes = self._days.get(day, ())
        first = int(self._batch.draw.random() * len(classes))
        for place in range(first, first + len(classes)):
            found = classes[place % len(classes)]
            if found.left >= spaces:
                return found
        return None

    def _hold(
        self, event: Event, weekday: int, minute: int, leaders: list[str], first: int
    ) -> None:
        """Write the dates of a class, every week from a day on."""
        batch, calendar = self._batch, self._batch.calendar
        capacity = event.capacity + batch.between(0, 4)
        # Two share a room, and each leads every other day in it.
        leader = leaders[weekday % 2]
        first += (weekday - calendar.dates[first].weekday()) % 7
        for day in range(first, calendar.last + 1, 7):
            starts = calendar.at(day, minute)
            planned = min(starts - 60 * 86_400, batch.now - 86_400)
            id = batch.ids.at(planned)
            called_off = starts < batch.now and batch.chance(_CALLED_OFF)
            cancelled = starts - 86_400 if called_off else None
            if not called_off:
                self._days.setdefault(day, []).append(Class(id, event, starts, capacity))
            batch.put(
                EVENT_DATE,
                planned,
                id=id,
                updated_at=batch.show(cancelled or planned),
                event_id=event.id,
                facilitator_id=leader,
                starts_at=batch.show(starts),
                duration=event.duration,
                capacity=capacity,
                cancelled_at=NULL if cancelled is None else batch.show(cancelled),
            )


def hire(batch: Batch) -> str:
    """Take somebody on, and return their id."""
    nation = batch.world.home
    first, last = batch.some(nation.first_names), batch.some(nation.last_names)
    day = batch.between(0, batch.today - HISTORY)
    moment = batch.opening(day)
    return batch.put(
        FACILITATOR,
        moment,
        updated_at=batch.show(moment),
        name=f"{first.text} {last.text}",
        email=f"{first.slug}.{last.slug}@example.org",
    )
