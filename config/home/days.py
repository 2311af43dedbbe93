"""The days that the home page tells of, by the calendar of the company at work."""

import datetime
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from django.utils import timezone

WEEKS, MONTHS = 12, 6
# Within so many days something expires soon.
SOON = 30
DAY = datetime.timedelta(days=1)

Span = tuple[datetime.date, datetime.date]


@dataclass(frozen=True)
class Days:
    """Days as the company's clocks have them at the moment `now`; spans hold both their ends."""

    now: datetime.datetime

    @cached_property
    def today(self) -> datetime.date:
        return timezone.localdate(self.now)

    @property
    def this_month(self) -> Span:
        """From the first of the month until today."""
        return self.today.replace(day=1), self.today

    @property
    def last_month(self) -> Span:
        """All of the month before."""
        last = self.today.replace(day=1) - DAY
        return last.replace(day=1), last

    @property
    def same_days(self) -> Span:
        """As many days of the month before as this month has had; all of it where it is shorter."""
        first, last = self.last_month
        return first, min(last, first + (self.today.day - 1) * DAY)

    @property
    def two_months(self) -> list[datetime.date]:
        """Every day from the first of last month until today."""
        first = self.last_month[0]
        return [first + number * DAY for number in range((self.today - first).days + 1)]

    @property
    def weeks(self) -> list[Span]:
        """The last weeks from Monday to Sunday, oldest first; this one ends today."""
        monday = self.today - self.today.weekday() * DAY
        mondays = [monday - 7 * back * DAY for back in range(WEEKS - 1, -1, -1)]
        return [(first, min(first + 6 * DAY, self.today)) for first in mondays]

    @property
    def months(self) -> list[Span]:
        """The last months, oldest first; this one ends today."""
        firsts = [self.today.replace(day=1)]
        for _ in range(MONTHS - 1):
            firsts.insert(0, (firsts[0] - DAY).replace(day=1))
        ends = [after - DAY for _, after in pairwise(firsts)]
        return list(zip(firsts, [*ends, self.today], strict=True))
