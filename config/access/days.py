"""Days as a company's own calendar has them; the clock is the database's."""

import datetime
import uuid
from typing import Any

from django.db import models
from django.db.models import F, Func, Value
from django.db.models.functions import Now

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


class NextDay(Func):
    """The day after a day."""

    template = "(%(expressions)s + 1)"
    output_field = models.DateField()


def local_day(company: uuid.UUID, moment: datetime.datetime | None = None) -> datetime.date:
    """Return the date of a moment in the company's time zone, today's without one."""
    at = Now() if moment is None else Value(moment, models.DateTimeField())
    (day,) = Company.objects.filter(pk=company).values_list(LocalDay(at, F("timezone")), flat=True)
    return day
