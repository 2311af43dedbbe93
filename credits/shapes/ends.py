"""The input fields for the end of credits and passes."""

import datetime
import re
from typing import Any

from config.api.input_fields import MomentIn
from config.api.problems import quoted
from config.durations import end_of_day
from config.times import check_day


class LastDayIn(MomentIn):
    """A day; it means the moment at which the day ends in the company's time zone."""

    default_error_messages = {"moment": "Must be a date such as 2026-01-31; got {given}."}
    written = re.compile(MomentIn.day)
    example = "2026-01-31"

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or not LastDayIn.written.fullmatch(data):
            return super().to_internal_value(data)
        try:
            day = datetime.date.fromisoformat(data)
        except ValueError:
            self.fail("moment", given=quoted(data))
        check_day(day)
        return end_of_day(day, self.zone)


class EndIn(LastDayIn):
    """A moment, or a day, which means the end of that day."""

    default_error_messages = {
        "moment": "Must be a date-time such as 2026-01-31T09:30:00Z or 2026-01-31T09:30, or a date "
        "such as 2026-01-31; got {given}."
    }
    written = re.compile(f"{MomentIn.day}({MomentIn.time})?")
    example = MomentIn.example
