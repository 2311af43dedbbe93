"""What customers have signed up for: plans, their invoices, and what they grant."""

import datetime
from dataclasses import dataclass

from dateutil.relativedelta import relativedelta

from .batch import Batch, shown
from .calendar import HISTORY, HOUR
from .holdings import Holding, give_credit
from .money import ask
from .offers import Membership
from .people import Person
from .tables import NULL, PAUSE, SUBSCRIPTION

SUBSCRIBERS, OF_ORGANISATIONS = 0.06, 0.2
# How likely each plan is chosen, in the order in which they are offered.
_CHOICES = (0, 0, 0, 0, 0, 0, 1, 1, 2, 3)
_PERKS_AT_MOST = 3
# Of the mandates of those who still come: how many have ended, and rest, in one way or the other.
_ENDED, _RESTS = 0.26, 0.06
# Days for which a mandate runs at least before it ends, and within which it has come to rest.
_A_WHILE = 21
_PERIODS = {
    "P1W": relativedelta(weeks=1),
    "P1M": relativedelta(months=1),
    "P3M": relativedelta(months=3),
    "P6M": relativedelta(months=6),
    "P1Y": relativedelta(years=1),
}


@dataclass(frozen=True)
class _Ends:
    """How a mandate stands: the last day of its periods that turned, and what has happened."""

    day: int
    paused: int | None = None
    suspended: int | None = None
    cancelled: int | None = None

    @property
    def is_active(self) -> bool:
        return self.paused is self.suspended is self.cancelled is None


def subscribe(batch: Batch, person: Person, tax_rate: int) -> list[Holding]:
    """Sign somebody up for a plan or for none; return what the plan has granted lately."""
    likely = OF_ORGANISATIONS if person.is_organisation else SUBSCRIBERS
    latest = person.last - _A_WHILE if person.last < batch.today else batch.today - 1
    if latest < person.since or not batch.chance(likely):
        return []
    plan = batch.offers.plans[batch.some(_CHOICES)]
    day = batch.between(max(person.since, latest - 3 * 365), latest)
    anchor = batch.calendar.dates[day]
    moment = max(person.joined + 180, batch.opening(day))
    ends = _ending(batch, person, plan, day)
    starts = _starts(anchor, plan.billing_period, batch.calendar.dates[ends.day])
    id = _write(batch, person, plan, moment, anchor, ends, len(starts) - 1)
    _bill(batch, person, plan, moment, starts, ends, tax_rate)
    return _grant(batch, id, plan, moment, starts) if ends.is_active else []


def _ending(batch: Batch, person: Person, plan: Membership, first: int) -> _Ends:
    """Decide what became of a mandate; who comes no more has none that runs."""
    fate, last = batch.draw.random(), min(person.last, batch.today - 1)
    comes = person.last >= batch.today
    if comes and (fate >= _ENDED or first > last - _A_WHILE):
        return _Ends(batch.today)
    earliest = batch.calendar.day(_after(batch.calendar.dates[first], plan, plan.minimum_periods))
    if (fate >= _RESTS or not comes) and earliest <= last:
        day = batch.between(max(first + 1, earliest), last)
        return _Ends(day, cancelled=batch.opening(day))
    day = batch.between(last - _A_WHILE + 1, last)
    if fate < _RESTS / 2 and comes:
        return _Ends(day, paused=batch.opening(day))
    return _Ends(day, suspended=batch.opening(day))


def _after(anchor: datetime.date, plan: Membership, count: int) -> datetime.date:
    """Return the date so many periods after another, as the database reckons it."""
    return anchor + _PERIODS[plan.billing_period] * count


def _starts(anchor: datetime.date, period: str, until: datetime.date) -> list[datetime.date]:
    """Return the first days of the periods that have begun, each counted from the anchor."""
    starts, count = [anchor], 1
    while (start := anchor + _PERIODS[period] * count) <= until:
        starts.append(start)
        count += 1
    return starts


def _write(
    batch: Batch,
    person: Person,
    plan: Membership,
    moment: int,
    anchor: datetime.date,
    ends: _Ends,
    turned: int,
) -> str:
    earliest = _after(anchor, plan, plan.minimum_periods) if plan.minimum_periods else NULL
    id = batch.put(
        SUBSCRIPTION,
        moment,
        customer_id=person.id,
        plan_id=plan.id,
        billing_period=plan.billing_period,
        anchor_date=anchor,
        periods_turned=turned,
        grace_days=plan.grace_days,
        earliest_cancellation_date=earliest,
        paused_at=shown(ends.paused, batch.calendar),
        suspended_at=shown(ends.suspended, batch.calendar),
        cancelled_at=shown(ends.cancelled, batch.calendar),
    )
    first = batch.calendar.day_of(moment)
    if ends.day - first > 120 and batch.chance(0.1):
        _write_pause(batch, id, batch.between(first + 30, ends.day - 60))
    return id


def _write_pause(batch: Batch, subscription: str, day: int) -> None:
    """Write that a mandate was paused for some weeks in summer, or when it was."""
    paused, resumed = batch.opening(day), batch.opening(day + batch.between(7, 45))
    batch.put(
        PAUSE,
        resumed,
        subscription_id=subscription,
        paused_at=batch.show(paused),
        resumed_at=batch.show(resumed),
    )


def _bill(
    batch: Batch,
    person: Person,
    plan: Membership,
    moment: int,
    starts: list[datetime.date],
    ends: _Ends,
    tax_rate: int,
) -> None:
    """Issue an invoice for each period that began within the history, early in the morning."""
    net = plan.price * 1_000_000 // (1_000_000 + tax_rate)
    pays = 0.97 if ends.suspended is None else 0.75
    for start in starts:
        day = batch.calendar.day(start)
        if batch.today - HISTORY <= day < batch.today:
            issued = max(moment + 60, batch.calendar.at(day, 6 * 60) + batch.between(0, HOUR))
            ask(batch, person, issued, [(plan.name, 1, net)], tax_rate=tax_rate, pays=pays)


def _grant(
    batch: Batch, subscription: str, plan: Membership, moment: int, starts: list[datetime.date]
) -> list[Holding]:
    """Give what the plan grants for its latest periods, as the background worker does."""
    perk = batch.offers.perk
    if perk is None or perk.plan != plan.id:
        return []
    granted = []
    ends = [*starts[1:], _after(starts[0], plan, len(starts))]
    pairs = list(zip(starts, ends, strict=True))[-_PERKS_AT_MOST:]
    for start, end in pairs:
        if start < perk.since:
            continue
        day = batch.calendar.day(start)
        at = min(batch.calendar.at(day, 0) + batch.between(1, 50), batch.now)
        granted.append(
            give_credit(
                *(batch, perk.coupon, max(moment + 30, at)),
                last=batch.calendar.day(end) - 1,
                reason=f"Granted for the period from {start}",
                subscription_id=subscription,
                rule_id=perk.id,
                period_start=start,
            )
        )
    return granted
