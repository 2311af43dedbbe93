"""Dates and times: whose clock they use, which are accepted, and how people read them.

Times that are compared or stored come from the database's clock, because web servers and workers
have different clocks: `Now()` or `Clock()` in a statement, `database_now()` in Python.
"""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import connection, models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

# The accepted dates. Spreadsheets write a day of 1900 for an empty cell, and clients write the
# years 1 and 9999 for no date; adding a duration or an offset to these exceeds the calendar.
FIRST_DAY, LAST_DAY = datetime.date(1901, 1, 1), datetime.date(2999, 12, 31)
# People look for the day of the week first; timetables use the 24-hour clock.
MOMENT = "D j M Y, H:i"
SOON = "D j M, H:i"


_now: ContextVar[datetime.datetime | None] = ContextVar("regulars_now", default=None)


class Clock(models.Func):
    """The database's clock when a row is written.

    `Now()` is the start of the statement, which is earlier if the statement waited for a lock.
    """

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


class ClockOnce(models.Func):
    """The database's clock, read once for a whole statement, so that an index can be used."""

    template = "(SELECT clock_timestamp())"
    output_field = models.DateTimeField()


def database_now() -> datetime.datetime:
    """Return the database's time: the start of the transaction if known, else the time now."""
    if now := _now.get():
        return now
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@contextmanager
def started_at(now: datetime.datetime) -> Iterator[None]:
    """Make `database_now` return the time at which the database started a transaction."""
    token = _now.set(now)
    try:
        yield
    finally:
        _now.reset(token)


def local_today() -> datetime.date:
    """Return today's date in the time zone in use, by the database's clock."""
    return timezone.localdate(database_now())


def check_day(value: datetime.date) -> None:
    """Raise ValidationError for a date or a moment outside the accepted range.

    A moment is checked by its date in its own zone and in UTC, in which moments are stored.
    """
    if isinstance(value, datetime.datetime):
        check_day(value.date())
        if value.tzinfo is not None:
            check_day(value.astimezone(datetime.UTC).date())
    elif not FIRST_DAY <= value <= LAST_DAY:
        raise ValidationError(
            _("%(day)s is too far away: give a day from %(first)s to %(last)s.")
            % {"day": value, "first": FIRST_DAY, "last": LAST_DAY}
        )


def show_moment(moment: datetime.datetime, zone: str = "") -> str:
    """Return a moment as Fri 20 Nov 2026, 10:00, in a time zone if one is given."""
    return date_format(timezone.localtime(moment, ZoneInfo(zone) if zone else None), MOMENT)


def show_span(starts_at: datetime.datetime, minutes: int, zone: str = "") -> str:
    """Return Fri 20 Nov 2026, 10:00–11:00; an end on another day is shown with its date."""
    ends_at = starts_at + datetime.timedelta(minutes=minutes)
    local = ZoneInfo(zone) if zone else None
    first, last = timezone.localtime(starts_at, local), timezone.localtime(ends_at, local)
    if first.date() == last.date():
        return f"{show_moment(starts_at, zone)}–{date_format(last, 'H:i')}"
    return f"{show_moment(starts_at, zone)} – {show_moment(ends_at, zone)}"


def show_soon(moment: datetime.datetime) -> str:
    """Return Fri 20 Nov, 10:00; with the year if it is not this year."""
    at = timezone.localtime(moment)
    return date_format(at, SOON if at.year == local_today().year else MOMENT)


def day_begins(day: datetime.date) -> datetime.datetime:
    """Return the moment at which a day begins in the time zone in use."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def show_instant(moment: datetime.datetime) -> str:
    """Return a moment as the API shows it: in UTC, to the microsecond, with Z."""
    text = moment.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")
