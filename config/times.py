"""Days and moments: by which clock, which are taken, and how people read them.

Whatever is compared or stored is a time of the database's clock, since web servers and workers
have clocks of their own: `Now()` or `Clock()` within a statement, `database_now()` in Python.
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

# The days that are taken. A spreadsheet writes a day of 1900 for an empty cell, clients write the
# years 1 and 9999 for none, and adding a duration or an offset to those leaves the calendar.
FIRST_DAY, LAST_DAY = datetime.date(1901, 1, 1), datetime.date(2999, 12, 31)
# People look for the day of the week first, and a timetable has no noon.
MOMENT = "D j M Y, H:i"
SOON = "D j M, H:i"


_now: ContextVar[datetime.datetime | None] = ContextVar("regulars_now", default=None)


class Clock(models.Func):
    """The database's clock when a row is written.

    `Now()` is the start of the statement: before the statement waited for a lock.
    """

    template = "clock_timestamp()"
    output_field = models.DateTimeField()


class ClockOnce(models.Func):
    """The database's clock, read once for a whole statement, so that an index can be used."""

    template = "(SELECT clock_timestamp())"
    output_field = models.DateTimeField()


def database_now() -> datetime.datetime:
    """Return the time by the database's clock: of the transaction's start, else asked for."""
    if now := _now.get():
        return now
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]


@contextmanager
def started_at(now: datetime.datetime) -> Iterator[None]:
    """Let `database_now` return the time at which the database started a transaction."""
    token = _now.set(now)
    try:
        yield
    finally:
        _now.reset(token)


def local_today() -> datetime.date:
    """Return today's date in the time zone in use, by the database's clock."""
    return timezone.localdate(database_now())


def check_day(value: datetime.date) -> None:
    """Raise ValidationError for a day or a moment outside the calendar that is taken.

    The day of a moment counts in the moment's own zone and in UTC, in which moments are stored.
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
    """Return Fri 20 Nov 2026, 10:00, in a time zone where one is named."""
    return date_format(timezone.localtime(moment, ZoneInfo(zone) if zone else None), MOMENT)


def show_span(starts_at: datetime.datetime, minutes: int, zone: str = "") -> str:
    """Return Fri 20 Nov 2026, 10:00–11:00; of what ends on another day, its end in full."""
    ends_at = starts_at + datetime.timedelta(minutes=minutes)
    local = ZoneInfo(zone) if zone else None
    first, last = timezone.localtime(starts_at, local), timezone.localtime(ends_at, local)
    if first.date() == last.date():
        return f"{show_moment(starts_at, zone)}–{date_format(last, 'H:i')}"
    return f"{show_moment(starts_at, zone)} – {show_moment(ends_at, zone)}"


def show_soon(moment: datetime.datetime) -> str:
    """Return Fri 20 Nov, 10:00; the year too where it is another."""
    at = timezone.localtime(moment)
    return date_format(at, SOON if at.year == local_today().year else MOMENT)


def day_begins(day: datetime.date) -> datetime.datetime:
    """Return the moment at which a day begins by the clocks of the company at work."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


def show_instant(moment: datetime.datetime) -> str:
    """Return a moment as the API shows it: in UTC, to the microsecond, with Z."""
    text = moment.astimezone(datetime.UTC).isoformat(timespec="microseconds")
    return text.replace("+00:00", "Z")
