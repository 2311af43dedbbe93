"""Moments as people read them, by the clocks of the company at work."""

import datetime

from django.utils import timezone
from django.utils.formats import date_format

# People look for the day of the week first, and a timetable has no noon.
MOMENT = "D j M Y, H:i"


def show_moment(moment: datetime.datetime) -> str:
    """Return Fri 20 Nov 2026, 10:00."""
    return date_format(timezone.localtime(moment), MOMENT)
