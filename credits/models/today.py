"""The day it is for a company, by the database's clock."""

from typing import Any

from django.db import models
from django.db.models import F, Func


class Today(Func):
    """The local date of the row's company, read again for each row that is looked at.

    An update that waited for a row decides by the clock of the moment at which it got it.
    """

    function = "regulars_today"
    output_field = models.DateField()

    def __init__(self, company_id: Any = None) -> None:
        super().__init__(company_id or F("company_id"))


class TodayOnce(Func):
    """The local date of a company, read once for a whole statement, for lists."""

    template = "(SELECT regulars_today(%(expressions)s))"
    output_field = models.DateField()


class Clock(Func):
    """This very moment, where `now()` would be the beginning of the transaction."""

    template = "clock_timestamp()"
    output_field = models.DateTimeField()
