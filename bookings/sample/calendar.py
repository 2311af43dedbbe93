"""The days of a sample on the company's own calendar: seasons, opening hours, moments."""

import datetime
import random
from bisect import bisect_right
from itertools import accumulate
from math import exp
from zoneinfo import ZoneInfo

# Days before the reference day: from the first customer on, and from the first booking on.
OPENED = 5 * 365
HISTORY = 2 * 365
# Days after it for which there are bookings.
AHEAD = 56
_DAYS_UNTIL_HALF_BOOKED = 14

MINUTE, HOUR = 60, 3600
# Hours of opening, and minutes of a day.
OPENS, CLOSES = 8 * 60, 21 * 60 + 30

# How much is going on: in January everybody begins, in August nobody is there.
_MONTHS = (1.6, 1.25, 1.1, 1.0, 0.95, 0.9, 0.75, 0.5, 1.15, 1.1, 1.0, 0.7)
_WEEKDAYS = (1.1, 1.15, 1.15, 1.1, 1.0, 0.8, 0.35)


class Calendar:
    """Days are numbers from the company's first one on, moments are seconds since 1970.

    `today` is the reference day and `now` its beginning: what lies before it has happened.
    """

    def __init__(self, zone: str, until: datetime.date) -> None:
        self.today = OPENED
        self.last = OPENED + AHEAD
        first = until - datetime.timedelta(days=OPENED)
        self.dates = [first + datetime.timedelta(days=day) for day in range(self.last + 30)]
        self._texts = [date.isoformat() for date in self.dates]
        self._hours = [
            int(datetime.datetime.combine(date, datetime.time(hour), ZoneInfo(zone)).timestamp())
            for date in self.dates
            for hour in range(24)
        ]
        self._midnights = self._hours[::24]
        self.now = self._midnights[self.today]
        self._busy = list(accumulate(map(self._going_on, range(self.last + 1)), initial=0.0))
        self._sign_ups = list(accumulate(map(self._signing_up, range(self.today)), initial=0.0))
        self._show_day: dict[int, str] = {}

    def at(self, day: int, minute: int) -> int:
        """Return the moment of a minute of a day, as the company's clocks show it."""
        return self._hours[day * 24 + minute // 60] + minute % 60 * MINUTE

    def day_of(self, moment: int) -> int:
        """Return the day that a moment falls on."""
        return bisect_right(self._midnights, moment) - 1

    def day(self, date: datetime.date) -> int:
        """Return the number of a date."""
        return (date - self.dates[0]).days

    def busy_day(self, first: int, last: int, draw: random.Random) -> int:
        """Return a day from one to another, the busier the likelier."""
        busy = self._busy
        low, high = busy[first], busy[last + 1]
        return min(last, bisect_right(busy, low + draw.random() * (high - low)) - 1)

    def how_busy(self, first: int, last: int) -> float:
        """Return how much was going on from one day to another, as a part of all the history."""
        busy = self._busy
        return (busy[last + 1] - busy[first]) / (busy[self.today] - busy[self.today - HISTORY])

    def sign_up_day(self, quantile: float) -> int:
        """Return the day by which this part of all customers, from 0 to 1, have signed up."""
        share = quantile * self._sign_ups[-1]
        return min(self.today - 1, bisect_right(self._sign_ups, share) - 1)

    def date(self, day: int) -> str:
        """Return a day as PostgreSQL reads it, those that lie far ahead too."""
        if day < len(self._texts):
            return self._texts[day]
        return (self.dates[0] + datetime.timedelta(days=day)).isoformat()

    def show(self, moment: int) -> str:
        """Return a moment as PostgreSQL reads it."""
        day, second = divmod(moment, 24 * HOUR)
        text = self._show_day.get(day)
        if text is None:
            text = datetime.datetime.fromtimestamp(moment, datetime.UTC).date().isoformat()
            self._show_day[day] = text
        return f"{text} {_CLOCK[second]}"

    def _going_on(self, day: int) -> float:
        date = self.dates[day]
        weight = _MONTHS[date.month - 1] * _WEEKDAYS[date.weekday()]
        ahead = max(0, day - self.today)
        return weight * exp(-ahead / _DAYS_UNTIL_HALF_BOOKED)

    def _signing_up(self, day: int) -> float:
        date = self.dates[day]
        growth = 1 + day / self.today
        return growth * _MONTHS[date.month - 1] * _WEEKDAYS[date.weekday()]


_CLOCK = [
    f"{second // HOUR:02}:{second // MINUTE % 60:02}:{second % 60:02}+00"
    for second in range(24 * HOUR)
]
