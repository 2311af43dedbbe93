"""Days as a company's own calendar has them; the clock is the database's."""

import datetime
import uuid
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Now

from .errors import NoSuchTime, TimeTwice
from .models import Company


class LocalDay(Func):
    """The date that a moment falls on in a time zone."""

    arg_joiner = " AT TIME ZONE "
    template = "((%(expressions)s)::date)"
    output_field = models.DateField()

    def __init__(self, moment: Any, zone: Any, **extra: Any) -> None:
        super().__init__(moment, zone, **extra)


class DayBegins(Func):
    """The moment at which a day begins in a time zone."""

    arg_joiner = "::date::timestamp AT TIME ZONE "
    template = "(%(expressions)s)"
    output_field = models.DateTimeField()

    def __init__(self, day: Any, zone: Any, **extra: Any) -> None:
        super().__init__(day, zone, **extra)


class MonthsBefore(Func):
    """The day so many months before a day; of a shorter month, its last day."""

    template = "(%(expressions)s - make_interval(months => %(months)s))::date"
    output_field = models.DateField()

    def __init__(self, day: Any, months: int, **extra: Any) -> None:
        super().__init__(day, months=months, **extra)


class NextDay(Func):
    """The day after a day."""

    template = "(%(expressions)s + 1)"
    output_field = models.DateField()


def moment_of(wall: datetime.datetime, zone: str) -> datetime.datetime:
    """Return the moment at which the clocks of a zone show a time, in UTC.

    Raises NoSuchTime for a time that they skip, TimeTwice for one that they show twice.
    """
    times = {wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    shown = {one for one in times if one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall}
    if not shown:
        raise NoSuchTime
    if len(shown) > 1:
        raise TimeTwice
    return shown.pop()


def local_day(company: uuid.UUID, moment: datetime.datetime | None = None) -> datetime.date:
    """Return the date of a moment in the company's time zone, today's without one."""
    at = Now() if moment is None else Value(moment, models.DateTimeField())
    (day,) = Company.objects.filter(pk=company).values_list(LocalDay(at, F("timezone")), flat=True)
    return day


def zone_of(company: uuid.UUID) -> str:
    """Return the name of the company's time zone."""
    return Company.objects.values_list("timezone", flat=True).get(pk=company)
