"""Moments as people read them, by the clocks of the company at work."""

import datetime

from django.utils import timezone
from django.utils.formats import date_format

# People look for the day of the week first, and a timetable has no noon.
MOMENT = "D j M Y, H:i"
SOON = "D j M, H:i"


def show_moment(moment: datetime.datetime) -> str:
    """Return Fri 20 Nov 2026, 10:00."""
    return date_format(timezone.localtime(moment), MOMENT)


def show_soon(moment: datetime.datetime) -> str:
    """Return Fri 20 Nov, 10:00; the year too where it is another."""
    at = timezone.localtime(moment)
    return date_format(at, SOON if at.year == timezone.localdate().year else MOMENT)


def day_begins(day: datetime.date) -> datetime.datetime:
    """Return the moment at which a day begins by the clocks of the company at work."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
