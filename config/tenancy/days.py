"""Days in a company's time zone, by the database's clock."""

import datetime
import uuid
from datetime import UTC
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from config.times import check_day

from .companies import Company
from .errors import NoSuchTime, TimeTwice

# A day or a moment, as a value or as an expression.
type Day = datetime.date | Combinable
type Moment = datetime.datetime | Combinable


class LocalDay(Func):
    """The date of a moment in a time zone."""

    arg_joiner = " AT TIME ZONE "
    template = "((%(expressions)s)::date)"
    output_field = models.DateField()
    arity = 2


class DayBegins(Func):
    """The first moment of a day in a time zone."""

    arg_joiner = "::date::timestamp AT TIME ZONE "
    template = "(%(expressions)s)"
    output_field = models.DateTimeField()
    arity = 2


class MonthsBefore(Func):
    """The day `months` months before a day, or the last day of that month if it is shorter."""

    template = "(%(expressions)s - make_interval(months => %(months)s))::date"
    output_field = models.DateField()

    def __init__(self, day: Day, months: int) -> None:
        super().__init__(day, months=months)


class TodayOnce(Func):
    """Today's date in a company's time zone, computed once per statement."""

    template = "(SELECT regulars_today(%(expressions)s))"
    output_field = models.DateField()


class NextDay(Func):
    """The day after a day."""

    template = "(%(expressions)s + 1)"
    output_field = models.DateField()


def since_day(moment: str, day: Day) -> Q:
    """Return the condition for moments on a day in the company's time zone, or later."""
    return Q(**{f"{moment}__gte": DayBegins(day, F("company__timezone"))})


def until_day(moment: str, day: Day) -> Q:
    """Return the condition for moments on a day in the company's time zone, or earlier."""
    return Q(**{f"{moment}__lt": DayBegins(NextDay(day), F("company__timezone"))})


def moment_of(wall: datetime.datetime, zone: str) -> datetime.datetime:
    """Convert a local time of a time zone to a moment in UTC.

    Raises NoSuchTime or TimeTwice if a clock change skips or repeats the time, and ValidationError
    if the day is out of range.
    """
    check_day(wall)
    times = {wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    shown = {one for one in times if one.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall}
    if not shown:
        raise NoSuchTime
    if len(shown) > 1:
        raise TimeTwice
    moment = shown.pop()
    check_day(moment)
    return moment


def local_day(company: uuid.UUID, moment: datetime.datetime | None = None) -> datetime.date:
    """Return the date of a moment in the company's time zone, of now by default."""
    at = Now() if moment is None else Value(moment, models.DateTimeField())
    (day,) = Company.objects.filter(pk=company).values_list(LocalDay(at, F("timezone")), flat=True)
    return day


def zone_of(company: uuid.UUID) -> str:
    """Return the name of the company's time zone."""
    return Company.objects.values_list("timezone", flat=True).get(pk=company)
