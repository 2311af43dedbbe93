"""Subscriptions of sample customers, with their invoices and the credits they grant."""

import datetime
from itertools import pairwise
from typing import Any

from billing.models import Plan, Subscription
from config.durations import last_day

from .batch import Batch, Person
from .calendar import HISTORY, HOUR, MINUTE
from .holdings import give_credit
from .money import ask

SUBSCRIBERS, OF_ORGANISATIONS = 0.06, 0.2
# The index of a plan in the catalogue; a plan is chosen as often as it is listed.
_CHOICES = (0, 0, 0, 0, 0, 0, 1, 1, 2, 3)
_PERKS_AT_MOST = 3
# Shares of all subscriptions: ended by now, and paused or suspended now.
_ENDED, _RESTS = 0.26, 0.06
# A subscription ends after at least this many days; it was paused or suspended within them.
_A_WHILE = 21


def subscribe(batch: Batch, person: Person) -> None:
    """Subscribe some customers to a plan, with invoices and with credits of recent periods."""
    comes = person.last >= batch.today
    latest = batch.today - 1 if comes else person.last - _A_WHILE
    likely = OF_ORGANISATIONS if person.is_organisation else SUBSCRIBERS
    if latest < person.since or not batch.chance(likely):
        return
    plan, dates = batch.plans[batch.some(_CHOICES)], batch.calendar.dates
    first = batch.between(max(person.since, latest - 3 * 365), latest)
    moment = max(person.joined + 3 * MINUTE, batch.opening(first))
    earliest = period_start(dates[first], plan.billing_period, plan.minimum_periods)
    ended, last = _end(batch, first, min(person.last, batch.today - 1), comes, earliest)
    starts = [dates[first]]
    while starts[-1] <= dates[last]:
        starts.append(period_start(dates[first], plan.billing_period, len(starts)))
    begun = starts[:-1]
    id = batch.put(
        Subscription,
        moment,
        customer_id=person.id,
        plan_id=plan.pk,
        billing_period=plan.billing_period,
        anchor_date=dates[first],
        periods_turned=len(begun) - 1,
        grace_days=plan.grace_days,
        earliest_cancellation_date=earliest if plan.minimum_periods else None,
        **ended,
    )
    _bill(batch, person, plan, moment, begun, pays=0.75 if "suspended_at" in ended else 0.97)
    rule = batch.catalogue.rule
    if not ended and rule is not None and rule.plan_id == plan.pk:
        for start, end in list(pairwise(starts))[-_PERKS_AT_MOST:]:
            if start >= batch.catalogue.ruled_on:
                _grant(batch, person, start, end, moment, subscription_id=id, rule_id=rule.pk)


def period_start(anchor: datetime.date, period: str, count: int) -> datetime.date:
    """Return the first day of the period after `count` periods.

    The database computes it as `billing_date_after`, which is too slow to call for every row.
    """
    end = last_day(anchor, f"P{int(period[1:-1]) * count}{period[-1]}") if count else None
    return anchor if end is None else end + datetime.timedelta(days=1)


def _end(
    batch: Batch, first: int, last: int, comes: bool, earliest: datetime.date
) -> tuple[dict[str, Any], int]:
    """Decide how a subscription ended or rests, if at all; return the column and its last day."""
    fate = batch.random()
    if comes and (fate >= _ENDED or first > last - _A_WHILE):
        return {}, batch.today
    if (fate >= _RESTS or not comes) and earliest <= batch.calendar.dates[last]:
        day = batch.between(max(first + 1, batch.calendar.day(earliest)), last)
        return {"cancelled_at": batch.opening(day)}, day
    day = batch.between(last - _A_WHILE + 1, last)
    rests = "paused_at" if fate < _RESTS / 2 and comes else "suspended_at"
    return {rests: batch.opening(day)}, day


def _bill(
    batch: Batch,
    person: Person,
    plan: Plan,
    moment: int,
    starts: list[datetime.date],
    *,
    pays: float,
) -> None:
    """Issue an invoice for each period of the history, early on its first day."""
    taxed = {"tax_rate": plan.tax_rate, "tax_behavior": plan.tax_behavior}
    terms: dict[str, Any] = {**taxed, "pays": pays}
    for day in map(batch.calendar.day, starts):
        if batch.today - HISTORY <= day < batch.today:
            early = batch.calendar.at(day, 6 * 60) + batch.between(0, HOUR)
            issued = max(moment + MINUTE, early)
            ask(batch, person, issued, plan.name, plan.price, **terms)


def _grant(
    batch: Batch,
    person: Person,
    start: datetime.date,
    end: datetime.date,
    moment: int,
    **columns: Any,
) -> None:
    """Issue the credit of one period, as the daily task does."""
    day, last = batch.calendar.day(start), batch.calendar.day(end) - 1
    begins = min(batch.calendar.at(day, 0) + batch.between(1, 50), batch.now)
    issued = max(moment + 30, begins)
    columns |= {"period_start": start, "reason": f"Granted for the period from {start}"}
    person.holdings.append(give_credit(batch, batch.catalogue.perk, issued, last=last, **columns))
