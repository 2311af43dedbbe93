"""Cards of counts: one PostgreSQL statement counts them all, and each count links to its rows."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Count, Exists, F, Func, Value
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.http import urlencode

from config.admin.tables import page_name
from config.tenancy.companies import Company
from config.times import day_begins

from .periods import Period, span

# The values that some rows have in common, and under "rows" the number of these rows.
Group = dict[str, Any]


@dataclass(frozen=True)
class Number:
    """A count of rows and the URL of their list; `shown` replaces the count on the page."""

    rows: int
    address: str
    shown: str = ""

    def __str__(self) -> str:
        return self.shown or number_format(self.rows, force_grouping=True)


@dataclass
class Counted:
    """Rows of a model that a query counts in groups.

    `filters` are the list filters that find all the rows. `parts` divide the rows: each part has
    the values that its groups have in common, and its list filters.
    """

    model: Any
    query: ArraySubquery | None = None
    filters: dict[str, Any] = field(default_factory=dict)
    parts: Sequence[tuple[dict[str, Any], dict[str, Any]]] = ()
    groups: Sequence[Group] = ()

    def number(self, filters: dict[str, Any] | None = None, **values: Any) -> Number:
        """Return the number of rows with the given values, linked to the list with `filters`."""
        rows = sum(group["rows"] for group in self.groups if values.items() <= group.items())
        query = urlencode(self.filters if filters is None else filters)
        return Number(rows, f"{reverse(page_name(self.model, 'changelist'))}?{query}")

    def numbers(self) -> list[Number]:
        """Return the number of each part."""
        return [self.number(filters, **values) for values, filters in self.parts]


@dataclass(eq=False)
class Card:
    """A card, with a bar chart of the counts that have parts; its text is in its template.

    If there are more `rows` than `limit`, they are counted in the background, at `counted_at`.
    Until the first count the card `is_missing`.
    """

    name: str
    rows: Any
    counts: Mapping[str, Counted]
    labels: Sequence[Any] = ()
    limit: int = 100_000
    is_missing: bool = True
    counted_at: datetime.datetime | None = None

    @property
    def query(self) -> JSONObject:
        """The query that returns the groups of each count."""
        return JSONObject(**{name: counted.query for name, counted in self.counts.items()})

    @property
    def is_empty(self) -> bool:
        return not any(counted.groups for counted in self.counts.values())

    def read(self, found: dict[str, Any], counted_at: datetime.datetime | None = None) -> None:
        """Set the groups from a query's result, and the time if a background task ran it."""
        self.is_missing, self.counted_at = False, counted_at
        for name, counted in self.counts.items():
            # A result from before an upgrade lacks the counts that are new.
            counted.groups = found.get(name, ())

    def bars(self) -> list[tuple[Any, list[tuple[Number, float]]]]:
        """Return each label with its numbers, and their widths in percent of the largest."""
        series = [counted.numbers() for counted in self.counts.values() if counted.parts]
        most = max(number.rows for numbers in series for number in numbers) or 1
        return [
            (label, [(number, round(100 * number.rows / most, 1)) for number in numbers])
            for label, *numbers in zip(self.labels, *series, strict=True)
        ]


class Bucket(Func):
    """The index, from 1, of the period that contains a column: a moment, or a date if `is_day`.

    This is a thousand times faster than converting each moment to the company's time zone.
    """

    function = "width_bucket"
    output_field = models.IntegerField()

    def __init__(self, column: str, periods: Sequence[Period], *, is_day: bool = False) -> None:
        field: Any = models.DateField() if is_day else models.DateTimeField()
        starts = [first if is_day else day_begins(first) for first, _last in periods]
        super().__init__(F(column), Value(starts, output_field=ArrayField(field)))


def grouped(rows: Any, *columns: str, **totals: Any) -> ArraySubquery:
    """Return a query that counts a company's rows by columns, as a list of `Group`s."""
    values = {column: F(column) for column in columns}
    group = JSONObject(**values, rows=Count("*"), **totals)
    groups = rows.order_by().values("company_id", *columns).annotate(group=group)
    return ArraySubquery(groups.values("group"))


def by_period(
    rows: Any, column: str, periods: Sequence[Period], *, is_day: bool = False
) -> Counted:
    """Return a count of the rows in some periods, with one part for each period."""
    query = grouped(rows.annotate(bucket=Bucket(column, periods, is_day=is_day)), "bucket")
    parts = [({"bucket": n}, days_filter(column, period)) for n, period in enumerate(periods, 1)]
    return Counted(rows.model, query, days_filter(column, span(periods)), parts)


def days_filter(column: str, days: Period) -> dict[str, Any]:
    """Return the list filter for a period, both days included."""
    return {f"{column}_from": days[0].isoformat(), f"{column}_to": days[1].isoformat()}


def large_cards(
    cards: Iterable[Card], company: Company, **beside: Any
) -> tuple[list[Card], dict[str, Any]]:
    """Return the cards that have more rows than their limit, and the values of `beside`."""
    rows = {card.name: card.rows.order_by()[card.limit : card.limit + 1] for card in cards}
    found = ask(company, **{name: Exists(beyond) for name, beyond in rows.items()}, **beside)
    return [card for card in cards if found[card.name]], found


def ask(company: Company, **expressions: Any) -> dict[str, Any]:
    """Return the values of expressions from one statement; without expressions, run none."""
    if not expressions:
        return {}
    return {**Company.objects.filter(pk=company.pk).values(**expressions).get()}
