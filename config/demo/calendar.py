"""The days of a run on the company's calendar: seasons, opening hours, moments."""

import datetime
import random
from bisect import bisect_right
from itertools import accumulate
from math import exp
from zoneinfo import ZoneInfo

from config.durations import end_of_day, last_day

# Days before the reference day: since the first customer, and since the first booking.
OPENED = 5 * 365
HISTORY = 2 * 365
# Days after it that have bookings.
AHEAD = 56
_DAYS_UNTIL_HALF_BOOKED = 14

MINUTE, HOUR = 60, 3600
# Opening hours, in minutes of a day.
OPENS, CLOSES = 8 * 60, 21 * 60 + 30

# How busy each month and each weekday is: January is the fullest, August the emptiest.
_MONTHS = (1.6, 1.25, 1.1, 1.0, 0.95, 0.9, 0.75, 0.5, 1.15, 1.1, 1.0, 0.7)
_WEEKDAYS = (1.1, 1.15, 1.15, 1.1, 1.0, 0.8, 0.35)
_CLOCK = [
    f"{second // HOUR:02}:{second // MINUTE % 60:02}:{second % 60:02}+00"
    for second in range(24 * HOUR)
]


class Calendar:
    """Converts between days, which are numbers from the company's first day, and moments.

    Moments are seconds since 1970. `today` is the reference day and `now` is its beginning:
    everything before it has happened.
    """

    def __init__(self, zone: str, until: datetime.date) -> None:
        self.today, self.last = OPENED, OPENED + AHEAD
        first = until - datetime.timedelta(days=OPENED)
        self.dates = [first + datetime.timedelta(days=day) for day in range(self.last + 30)]
        self._zone = zone
        self._hours = [
            int(datetime.datetime.combine(date, datetime.time(hour), ZoneInfo(zone)).timestamp())
            for date in self.dates
            for hour in range(24)
        ]
        self._midnights = self._hours[::24]
        self.now = self._midnights[self.today]
        weights = [_MONTHS[one.month - 1] * _WEEKDAYS[one.weekday()] for one in self.dates]
        busy = (
            weights[day] * exp(-max(0, day - self.today) / _DAYS_UNTIL_HALF_BOOKED)
            for day in range(self.last + 1)
        )
        self._busy = list(accumulate(busy, initial=0.0))
        growing = (weights[day] * (1 + day / self.today) for day in range(self.today))
        self._sign_ups = list(accumulate(growing, initial=0.0))
        self._shown_days: dict[int, str] = {}
        self._ends: dict[int, int] = {}
        self._last_days: dict[tuple[int, str], int | None] = {}

    def at(self, day: int, minute: int) -> int:
        """Return the moment of a minute of a day, in the company's time zone."""
        return self._hours[day * 24 + minute // 60] + minute % 60 * MINUTE

    def day_of(self, moment: int) -> int:
        """Return the day of a moment."""
        return bisect_right(self._midnights, moment) - 1

    def day(self, date: datetime.date) -> int:
        """Return the day of a date."""
        return (date - self.dates[0]).days

    def date(self, day: int) -> datetime.date:
        """Return the date of a day, also of days beyond the calendar."""
        return self.dates[0] + datetime.timedelta(days=day)

    def busy_day(self, first: int, last: int, draw: random.Random) -> int:
        """Return a random day from `first` to `last`; busier days are more likely."""
        low, high = self._busy[first], self._busy[last + 1]
        return min(last, bisect_right(self._busy, low + draw.random() * (high - low)) - 1)

    def how_busy(self, first: int, last: int) -> float:
        """Return the share of all visits of the history that fall between two days."""
        busy = self._busy
        return (busy[last + 1] - busy[first]) / (busy[self.today] - busy[self.today - HISTORY])

    def sign_up_day(self, quantile: float) -> int:
        """Return the day by which a share of all customers, from 0 to 1, have signed up."""
        found = bisect_right(self._sign_ups, quantile * self._sign_ups[-1])
        return min(self.today - 1, found - 1)

    def last_day(self, first: int, valid_for: str) -> int | None:
        """Return the last day of a validity that begins on a day, None if it has no end."""
        key = (first, valid_for)
        if key not in self._last_days:
            last = last_day(self.dates[first], valid_for)
            self._last_days[key] = None if last is None else self.day(last)
        return self._last_days[key]

    def end_of(self, day: int) -> int:
        """Return the end of a day, as the moment at which a pass or credit ends."""
        if day not in self._ends:
            self._ends[day] = int(end_of_day(self.date(day), self._zone).timestamp())
        return self._ends[day]

    def show(self, moment: int) -> str:
        """Return a moment in the form that PostgreSQL reads."""
        day, second = divmod(moment, 24 * HOUR)
        text = self._shown_days.get(day)
        if text is None:
            text = datetime.datetime.fromtimestamp(moment, datetime.UTC).date().isoformat()
            self._shown_days[day] = text
        return f"{text} {_CLOCK[second]}"
