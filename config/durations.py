"""Durations in whole days, weeks, months or years, as ISO 8601 writes them."""

import datetime
import re
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext_lazy as _

from config.errors import Invalid
from config.times import LAST_DAY

_FORM = re.compile(r"P([1-9][0-9]{0,3})([DWMY])\Z")
_UNITS = {
    "D": relativedelta(days=1),
    "W": relativedelta(weeks=1),
    "M": relativedelta(months=1),
    "Y": relativedelta(years=1),
}

# 50 years, which is the longest duration, in each unit.
_MOST = {"D": 18_263, "W": 2_609, "M": 600, "Y": 50}
# The latest day whose end can be computed in every time zone.
_LATEST = datetime.date(9999, 12, 29)


class NotADuration(Invalid, code="not_a_duration"):
    message = _("Write P30D, P8W, P6M or P1Y, at most 50 years, or leave it empty for no end.")
    advice = "Send a whole number of days, weeks, months or years in ISO 8601, at most 50 years."
    field = "valid_for"

    def __init__(self, text: str) -> None:
        wrong = _("“%(text)s” is not a duration of at most 50 years.") % {"text": text}
        super().__init__(f"{wrong} {self.message}")


def check_duration(text: str) -> None:
    """Raise NotADuration unless the text is a duration, such as P30D, of at most 50 years."""
    number, unit = _read(text)
    if number > _MOST[unit]:
        raise NotADuration(text)


def _read(text: str) -> tuple[int, str]:
    found = _FORM.match(text)
    if found is None:
        raise NotADuration(text)
    return int(found[1]), found[2]


def last_day(start: datetime.date, valid_for: str) -> datetime.date | None:
    """Return the last day of a duration that begins on `start`, None if it has no end.

    A month from 31 January ends on 28 February; a duration of one day ends on the day it begins. A
    duration that was stored before the limit of 50 years may end on the last day of the calendar.
    """
    if not valid_for:
        return None
    number, unit = _read(valid_for)
    try:
        day = start + _UNITS[unit] * number - datetime.timedelta(days=1)
    except (ValueError, OverflowError):
        return LAST_DAY
    return min(day, LAST_DAY)


def end_of_day(day: datetime.date, zone: str) -> datetime.datetime:
    """Return the end of a day, 23:59:59 in a time zone, as a moment in UTC.

    If the clocks show that time twice, it is the later one.
    """
    wall = datetime.datetime.combine(min(day, _LATEST), datetime.time(23, 59, 59), ZoneInfo(zone))
    return max(wall.replace(fold=fold).astimezone(datetime.UTC) for fold in (0, 1))
