"""When customers come, and to what: appointments, and places at events."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from .batch import Batch
from .booked import Booked, Fate, decide, write
from .calendar import HISTORY
from .guests import Guest, Visit
from .offers import Service, tax_on
from .people import Person
from .settling import settle_appointment, settle_places
from .staff import Class, Diary, Timetable
from .tables import NULL, TRANSACTION

# How many visits all of the history brings: nobody to some, a few to most, hundreds to a few.
_NEVER, _SCALE, _TAIL, _MOST = 0.18, 1.25, 1.3, 350
_TASTES = (0.1, 0.3, 0.5, 0.8, 0.95)
# How many days later somebody comes at the latest where a day is full.
_TRIES = 6
_SPACES = (1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3)
_WITH_A_FRIEND, _AT_HOME, _DISCOUNTED, _REDUCED = 0.04, 0.12, 0.03, 0.25


def plan_visits(batch: Batch, person: Person) -> list[Visit]:
    """Decide on which days somebody comes: the longer they are with us the oftener."""
    first = max(person.since + 1, batch.today - HISTORY)
    if first > person.last or batch.chance(_NEVER):
        return []
    often = _SCALE * ((1 - batch.draw.random()) ** (-1 / _TAIL) - 1)
    much = min(often, _MOST) * batch.calendar.how_busy(first, person.last)
    count = int(much + batch.draw.random())
    taste = batch.some(_TASTES)
    busy_day, last, draw = batch.calendar.busy_day, person.last, batch.draw
    days = {busy_day(first, last, draw) for _ in range(count)}
    return [Visit(day, batch.chance(taste)) for day in sorted(days)]


def staff_for(batch: Batch, guests: Sequence[Guest]) -> tuple[Diary, Timetable]:
    """Take on as many people, and hold as many classes, as a busy day and a busy week need."""
    days: Counter[int] = Counter()
    weeks: Counter[int] = Counter()
    for guest in guests:
        for visit in guest.visits:
            if visit.is_place:
                weeks[visit.day // 7] += 1
            else:
                days[visit.day] += 1
    first = min(weeks, default=0) * 7
    return (
        Diary(batch, _busy(days)),
        Timetable(batch, first, _busy(weeks)),
    )


def _busy(counts: Counter[int]) -> int:
    """Return how many come at a time that only few are busier than, 0 where nobody ever comes."""
    ordered = sorted(counts.values())
    return ordered[len(ordered) * 85 // 100] if ordered else 0


def visit(batch: Batch, guest: Guest, diary: Diary, timetable: Timetable) -> None:
    """Book everything that somebody comes for, each thing on a day of its own."""
    taken = {one.day for one in guest.visits}
    for one in guest.visits:
        for day in range(one.day, min(one.day + _TRIES, guest.person.last) + 1):
            if day != one.day and day in taken:
                continue
            book = _book_place if one.is_place else _book_appointment
            if book(batch, guest, day, timetable if one.is_place else diary):
                taken.add(day)
                break


def _book_appointment(batch: Batch, guest: Guest, day: int, diary: Any) -> bool:
    service: Service = batch.some(batch.offers.services)
    found = diary.take(day, service.duration)
    if found is None:
        return False
    facilitator, minute = found
    person = guest.person
    fate = decide(batch, person, batch.calendar.at(day, minute), service.duration)
    discount = service.price // 10 if batch.chance(_DISCOUNTED) else 0
    tax = tax_on(service.price - discount, service.tax_rate)
    booked = Booked(batch.ids.at(fate.created), person, service.name, service.price, discount, tax)
    deal = settle_appointment(batch, guest, booked, fate, service.tax_rate)
    write(
        batch,
        booked,
        fate,
        deal,
        kind="appointment",
        duration=service.duration,
        tax_rate=service.tax_rate,
        configuration=service.configuration,
        service_id=service.id,
        facilitator_id=facilitator,
        address_id=person.address if person.address and batch.chance(_AT_HOME) else NULL,
    )
    return True


def _book_place(batch: Batch, guest: Guest, day: int, timetable: Any) -> bool:
    spaces = batch.some(_SPACES)
    found: Class | None = timetable.find(day, spaces)
    if found is None:
        return False
    fate = decide(batch, guest.person, found.starts, found.event.duration)
    people = [guest.person, *_friend(batch, guest, found, spaces, day, fate)]
    transaction = batch.put(
        TRANSACTION,
        fate.created,
        purchased_at=batch.show(fate.created),
        customer_id=guest.person.id,
    )
    option = found.event.options[batch.chance(_REDUCED)]
    places = [
        _place(batch, found, person, option.price, spaces if person is guest.person else 1, fate)
        for person in people
    ]
    deals = settle_places(batch, guest, places, fate, option.visits)
    for booked, deal in zip(places, deals, strict=True):
        if fate.cancelled is None:
            found.left -= booked.spaces
        write(
            batch,
            booked,
            fate,
            deal,
            kind="place",
            duration=found.event.duration,
            tax_rate=found.event.tax_rate,
            transaction_id=transaction,
            event_date_id=found.id,
            pricing_option_id=option.id,
        )
    return True


def _place(
    batch: Batch, found: Class, person: Person, price: int, spaces: int, fate: Fate
) -> Booked:
    subtotal = price * spaces
    tax = tax_on(subtotal, found.event.tax_rate)
    id = batch.ids.at(fate.created)
    return Booked(id, person, found.event.name, subtotal, 0, tax, spaces)


def _friend(
    batch: Batch, guest: Guest, found: Class, spaces: int, day: int, fate: Fate
) -> list[Person]:
    """Return whom somebody brings along and pays for, or nobody."""
    friend = guest.friend
    if friend is None or found.left <= spaces or not batch.chance(_WITH_A_FRIEND):
        return []
    return [friend] if friend.joined < fate.created and day <= friend.last else []
