"""Numbers that lead to what they count, and bars as long as they are."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.http import urlencode

from config.admin.tables import page_name


@dataclass(frozen=True)
class Number:
    """A number as it is read; the list at its address holds so many rows."""

    rows: int
    address: str
    shown: str = ""
    text: Any = ""

    def __str__(self) -> str:
        return self.shown or number_format(self.rows, force_grouping=True)


@dataclass(frozen=True)
class Bars:
    """A row of a plot: numbers, and beside them bars as wide as they are, in percent."""

    label: str
    numbers: Sequence[Number]
    widths: Sequence[float]


@dataclass(frozen=True)
class Card:
    """A part of the home page: what it is about, in numbers, in words and as a plot."""

    name: str
    title: Any
    explains: Any
    numbers: Sequence[Number] = ()
    columns: Sequence[Any] = ()
    label: Any = ""
    bars: Sequence[Bars] = ()
    curve: Any = None
    nothing: Any = ""
    counted_at: datetime.datetime | None = None
    is_missing: bool = False
    also: Sequence[str] = ()


def listed(model: Any, **query: Any) -> str:
    """Return the address of a model's list, narrowed by its filters."""
    return f"{reverse(page_name(model, 'changelist'))}?{urlencode(query)}"


def on_days(moment: str, first: datetime.date, last: datetime.date) -> dict[str, str]:
    """Return what narrows a list to days, both ends included."""
    return {f"{moment}_from": first.isoformat(), f"{moment}_to": last.isoformat()}


def with_bars(rows: Sequence[tuple[str, Sequence[Number]]]) -> list[Bars]:
    """Return rows with bars, the longest of all of them as wide as there is room."""
    most = max((number.rows for _, numbers in rows for number in numbers), default=0) or 1
    return [
        Bars(label, numbers, [round(100 * number.rows / most, 1) for number in numbers])
        for label, numbers in rows
    ]


def short_day(day: datetime.date) -> str:
    """Return 2 Nov."""
    return date_format(day, "j M")
