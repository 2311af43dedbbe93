"""The periods of the home page, as dates in the company's time zone."""

import datetime
from collections.abc import Sequence

from dateutil.relativedelta import relativedelta

DAY = datetime.timedelta(days=1)

# The first and the last day of a period.
Period = tuple[datetime.date, datetime.date]


def last_weeks(today: datetime.date) -> list[Period]:
    """Return the last twelve weeks, Monday to Sunday, oldest first; the last week ends today."""
    monday = today - today.weekday() * DAY
    mondays = [monday - 7 * weeks * DAY for weeks in reversed(range(12))]
    return [(first, min(first + 6 * DAY, today)) for first in mondays]


def last_months(today: datetime.date) -> list[Period]:
    """Return the last six months, oldest first; the last month ends today."""
    firsts = [today.replace(day=1) - relativedelta(months=back) for back in reversed(range(6))]
    return [(first, min(first + relativedelta(day=31), today)) for first in firsts]


def days_of(period: Period) -> list[datetime.date]:
    first, last = period
    return [first + days * DAY for days in range((last - first).days + 1)]


def span(periods: Sequence[Period]) -> Period:
    """Return the first and the last day of consecutive periods."""
    return periods[0][0], periods[-1][1]
