"""Durations in whole days, weeks, months or years, as ISO 8601 writes them."""

import datetime
import re
from typing import Any

from dateutil.relativedelta import relativedelta

from .errors import NotADuration

_FORM = re.compile(r"P([1-9][0-9]{0,3})([DWMY])\Z")
_UNITS = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}


def read_duration(text: str) -> relativedelta:
    """Return the length of a duration such as P30D; raises NotADuration."""
    found = _FORM.match(text)
    if found is None:
        raise NotADuration
    lengths: dict[str, Any] = {_UNITS[found[2]]: int(found[1])}
    return relativedelta(**lengths)


def last_day(start: datetime.date, valid_for: str) -> datetime.date | None:
    """Return the last day of what lasts so long from a day on, None for ever.

    A month from 31 January ends on 28 February; what lasts a day ends on the day it begins.
    """
    if not valid_for:
        return None
    return start + read_duration(valid_for) - datetime.timedelta(days=1)
