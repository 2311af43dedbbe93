"""When sample customers come, what they book, and how they pay."""

import json
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cache
from typing import Any

from billing.actions.tax import gross_of
from bookings.late_cancellation import FEE, VISIT
from bookings.models import Booking, Event, LateCancellation, MediaPurchase, Service, Transaction
from credits.models import PassProduct

from .batch import Batch, Person, new_id
from .calendar import AHEAD, HISTORY, HOUR, MINUTE
from .holdings import Holding, buy_pass, fits, give_back, use
from .money import ask, gross, pay, tax
from .schedule import Schedule
from .tables import escape
from .words import AUTHORS, CANCELLED_BECAUSE, CANCELLED_BY, WISHES

# How many visits a customer has in the history: some have none, most a few, a few hundreds.
_NEVER, _SCALE, _TAIL, _MOST = 0.18, 1.25, 1.3, 350
# The share of a customer's visits that are to events.
_TASTES = (0.1, 0.3, 0.5, 0.8, 0.95)
_SPACES = (1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 3)
_AT_CUSTOMERS, _DISCOUNTED, _REDUCED = 0.12, 0.03, 0.25
_CANCELLED, _NO_SHOW, _CANCELLED_AHEAD = 0.09, 0.05, 0.05
_PAID_AHEAD, _FAILED, _NOT_REFUNDED = 0.75, 0.02, 0.15
# How many days a customer waits for a class that is already planned.
_LATER = 3
# How many hours before the visit people book.
_LEADS = (1, 2, 5, 12, 24, 24, 48, 72, 100, 170, 170, 340, 500)
# Regular customers buy a pass if they will use a good half of it.
_BUY_PASSES, _VISITS_OF_REGULARS, _WORTH = 0.7, 3, 1.8


@dataclass(slots=True)
class _Visit:
    """A booking while it is made; `visits` is its cost from a pass, `total` its cost in money."""

    id: str
    what: Service | Event
    day: int
    created: int
    starts: int
    ends: int
    status: str
    cancelled: int | None
    visits: int = 1
    total: int = 0

    @property
    def is_over(self) -> bool:
        return self.status in ("completed", "no_show")


def visit(batch: Batch, person: Person, schedule: Schedule) -> None:
    """Add bookings for all visits of a customer."""
    taste = batch.some(_TASTES)
    buys_passes = len(person.days) >= _VISITS_OF_REGULARS and batch.chance(_BUY_PASSES)
    for day in person.days:
        book = _book_place if batch.chance(taste) else _book_appointment
        book(batch, person, schedule, day, buys_passes)


def plan_visits(batch: Batch, person: Person) -> None:
    """Choose the days on which a customer comes: more days for a customer of longer standing."""
    first = max(person.since + 1, batch.today - HISTORY)
    if first > person.last or batch.chance(_NEVER):
        return
    often = _SCALE * ((1 - batch.random()) ** (-1 / _TAIL) - 1)
    count = min(often, _MOST) * batch.calendar.how_busy(first, person.last) + batch.random()
    busy_day, last, draw = batch.calendar.busy_day, person.last, batch.draw
    person.days = sorted({busy_day(first, last, draw) for _ in range(int(count))})


def buy_media(batch: Batch, person: Person, moment: int) -> None:
    """Add the sale of a medium to a customer at a moment."""
    medium = batch.some(batch.media)
    last = batch.calendar.last_day(batch.calendar.day_of(moment), medium.valid_for)
    total = gross_of(medium)
    batch.put(
        MediaPurchase,
        moment,
        customer_id=person.id,
        media_id=medium.pk,
        total=total,
        tax=tax(medium.price, medium.tax_rate, medium.tax_behavior),
        tax_rate=medium.tax_rate,
        tax_behavior=medium.tax_behavior,
        payment_id=pay(batch, person, moment, total) if total else None,
        expires_on=None if last is None else batch.calendar.date(last),
    )


def _book_appointment(
    batch: Batch, person: Person, schedule: Schedule, day: int, buys_passes: bool
) -> None:
    service = batch.some(batch.services)
    facilitator, starts = schedule.take(day, service.duration)
    one = _decide(batch, person, service, day, starts, service.duration)
    columns: dict[str, Any] = {
        "subtotal": service.price,
        "discount": service.price // 10 if batch.chance(_DISCOUNTED) else 0,
        "duration": service.duration,
        "configuration": _configuration(service),
        "service_id": service.pk,
        "facilitator_id": facilitator,
        "address_id": person.address if batch.chance(_AT_CUSTOMERS) else None,
    }
    _book(batch, person, one, buys_passes, kind=Booking.Kind.APPOINTMENT, **columns)


def _book_place(
    batch: Batch, person: Person, schedule: Schedule, day: int, buys_passes: bool
) -> None:
    spaces = batch.some(_SPACES)
    later = range(day + 1, min(day + _LATER, person.last) + 1)
    days = [day, *(one for one in later if one not in person.days)]
    found = schedule.find(days, spaces)
    one = _decide(batch, person, found.event, found.day, found.starts, found.duration)
    if one.cancelled is None:
        found.left -= spaces
    option = batch.catalogue.options[found.event.pk][batch.chance(_REDUCED)]
    one.visits = option.visits * spaces
    columns: dict[str, Any] = {
        "subtotal": option.price * spaces,
        "discount": 0,
        "duration": found.duration,
        "spaces": spaces,
        "transaction_id": batch.put(Transaction, one.created, customer_id=person.id),
        "event_date_id": found.id,
        "pricing_option_id": option.pk,
    }
    _book(batch, person, one, buys_passes, kind=Booking.Kind.PLACE, **columns)


def _decide(
    batch: Batch, person: Person, what: Service | Event, day: int, starts: int, duration: int
) -> _Visit:
    """Decide when a visit was booked, and its status."""
    is_past, now = starts < batch.now, batch.now
    created = starts - batch.some(_LEADS) * HOUR - batch.between(0, HOUR)
    if created > now - HOUR:
        created = now - batch.between(HOUR, 20 * 24 * HOUR)
    # The customer did other things in the first minutes.
    created = min(max(created, person.joined + 5 * MINUTE), now - 3 * MINUTE)
    status, cancelled, luck = "completed" if is_past else "confirmed", None, batch.random()
    if luck < (_CANCELLED if is_past else _CANCELLED_AHEAD):
        soonest = created + 2 * MINUTE
        status = "cancelled"
        cancelled = batch.between(soonest, max(soonest, min(starts, now) - 1))
    elif is_past and luck > 1 - _NO_SHOW:
        status = "no_show"
    ends = starts + duration * MINUTE
    return _Visit(new_id(created), what, day, created, starts, ends, status, cancelled)


def _book(batch: Batch, person: Person, one: _Visit, buys_passes: bool, **columns: Any) -> None:
    """Add a booking with its payment and its status."""
    rate, behavior = one.what.tax_rate, one.what.tax_behavior
    amount = columns["subtotal"] - columns["discount"]
    columns |= {"tax": tax(amount, rate, behavior), "tax_behavior": behavior}
    one.total = gross(amount, rate, behavior)
    is_asked = person.is_organisation and "service_id" in columns
    if one.total and not is_asked:
        columns |= _settle(batch, person, one, buys_passes)
    elif one.total and one.is_over:
        terms = {"discount": columns["discount"], "days": 30, "pays": 0.85}
        terms |= {"tax_rate": rate, "tax_behavior": behavior}
        what = (one.ends + 5 * MINUTE, one.what.name, columns["subtotal"])
        columns["invoice_id"], columns["payment_id"] = ask(batch, person, *what, **terms)
    batch.put(
        Booking,
        one.created,
        id=one.id,
        late="invoice_id" in columns,
        customer_id=person.id,
        status=one.status,
        starts_at=one.starts,
        tax_rate=rate,
        total=one.total,
        notes=batch.some(WISHES) if batch.chance(0.05) else "",
        **_moments(batch, one),
        **columns,
    )


def _moments(batch: Batch, one: _Visit) -> dict[str, Any]:
    """Return the columns with the status of a booking and its times."""
    if one.status == "confirmed":
        return {}
    if one.status == "no_show":
        return {"updated_at": one.ends, "missed_at": one.ends}
    if one.status == "completed":
        started = one.starts if batch.chance(0.4) else None
        return {"updated_at": one.ends, "started_at": started, "completed_at": one.ends}
    return {
        "updated_at": one.cancelled,
        "cancelled_at": one.cancelled,
        "cancelled_by": batch.some(CANCELLED_BY),
        "reason": batch.some(CANCELLED_BECAUSE),
    }


def _settle(batch: Batch, person: Person, one: _Visit, buys_passes: bool) -> dict[str, Any]:
    """Pay for a booking, and refund it if it was cancelled; return its columns."""
    columns: dict[str, Any] = {}
    due, used, is_paid = one.total, None, False
    if holding := _holding(batch, person, one, buys_passes):
        used = use(batch, holding, one.created, due, one.visits, f"bk_{one.id}")
        columns = {"entry_id": used.entry, "covered": used.covered}
        due -= used.covered
    if due and batch.chance(_PAID_AHEAD):
        is_paid = one.is_over or not batch.chance(_FAILED)
        status = "succeeded" if is_paid else "failed"
        columns["payment_id"] = pay(batch, person, one.created + 30, due, status=status)
    elif due and one.status == "completed":
        columns["payment_id"] = pay(batch, person, one.ends + MINUTE, due)
    if one.cancelled is not None:
        keeps = _keeps(batch, one)
        kept = _kept(batch, keeps, due if is_paid else 0)
        if used is not None and keeps != VISIT:
            give_back(batch, used, one.cancelled)
        if is_paid and due > kept and (keeps or not batch.chance(_NOT_REFUNDED)):
            payment = columns["payment_id"]
            columns["refund_id"] = pay(batch, person, one.cancelled, due - kept, refunds=payment)
        if keeps:
            batch.put(
                LateCancellation,
                one.cancelled,
                booking_id=one.id,
                customer_id=person.id,
                keeps=keeps,
                kept=kept,
                actor_name=batch.some(AUTHORS),
            )
    return columns


def _keeps(batch: Batch, one: _Visit) -> str:
    """Return what the company keeps of a late cancelled booking, "" if it was not late."""
    hours = batch.run.company.late_cancellation_hours
    if hours is None or one.cancelled is None or one.cancelled < one.starts - hours * HOUR:
        return ""
    return batch.run.company.late_cancellation_keeps


def _kept(batch: Batch, keeps: str, paid: int) -> int:
    """Return how much of the paid amount the company keeps."""
    if keeps == FEE:
        return min(paid, batch.run.company.late_cancellation_fee)
    return paid if keeps == VISIT else 0


def _holding(batch: Batch, person: Person, one: _Visit, buys_passes: bool) -> Holding | None:
    """Return the pass or credit that pays for a booking; it may be a pass bought just before."""
    for holding in person.holdings:
        if holding.can_pay(one.what.name, one.created, one.day, one.visits):
            return holding
    moment = max(person.joined + 2 * MINUTE, one.created - 3 * MINUTE)
    product = _worth_buying(batch, person, one, moment) if buys_passes else None
    if product is None:
        return None
    if product.price:
        pay(batch, person, moment, gross_of(product))
    person.holdings.append(buy_pass(batch, product, moment))
    return person.holdings[-1]


def _worth_buying(batch: Batch, person: Person, one: _Visit, moment: int) -> PassProduct | None:
    """Return the largest pass of which a customer will use most, None if none is worth it."""
    worth, bought = [], batch.calendar.day_of(moment)
    for product in batch.catalogue.passes.values():
        if product.visits >= one.visits and fits(product, one.what.name):
            ends = batch.calendar.last_day(bought, product.valid_for)
            last = batch.today + AHEAD if ends is None else ends
            uses = bisect_right(person.days, last) - bisect_left(person.days, one.day)
            if uses * _WORTH >= product.visits:
                worth.append(product)
    return max(worth, key=lambda product: product.visits, default=None)


@cache
def _configuration(service: Service) -> str:
    return escape(json.dumps(service.configuration))
