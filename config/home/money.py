"""The card of money received: this month against last month, as two lines."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import floor, log10
from typing import Any

from django.db.models import Sum

from billing.models import Payment
from config.money import show_money
from config.tenancy.actors import Actor
from config.tenancy.companies import Company

from .counting import Bucket, Card, Counted, Group, Number, days_filter, grouped
from .periods import Period, days_of, last_months

# The days of the month that the chart and its table label.
MARKED_DAYS = (1, 8, 15, 22, 29)


def money(actor: Actor, company: Company, today: datetime.date) -> Card:
    last_month, this_month = last_months(today)[-2:]
    days = days_of((last_month[0], today))
    rows = Payment.objects.visible_to(actor).succeeded().on_days("taken_at", days[0], today)
    by_day = rows.annotate(bucket=Bucket("taken_at", [(day, day) for day in days]))
    query = grouped(by_day, "bucket", "currency", amount=Sum("signed_amount"))
    months, currency = (this_month, last_month), company.currency
    counts = {"days": Money(Payment, query, months=months, currency=currency)}
    return Card("money", rows, counts, limit=200_000)


@dataclass(kw_only=True)
class Money(Counted):
    """Payments less refunds of this month and of last month, by day and by currency."""

    months: tuple[Period, Period]
    currency: str

    @property
    def same_day(self) -> datetime.date:
        """Today's day of the month in last month, or the last day if last month is shorter."""
        (_first, today), (_last_first, last_day) = self.months
        return last_day.replace(day=min(today.day, last_day.day))

    def numbers(self) -> list[Number]:
        """Return the money received this month, by the same day last month, and last month."""
        return [self._until(day) for day in (self.months[0][1], self.same_day, self.months[1][1])]

    def other_currencies(self) -> list[list[str]]:
        """Return each other currency with the money received this month and last month."""
        currencies = {group["currency"] for group in self.groups} - {self.currency}
        return [
            [code, *(show_money(self._amount(last, code), code) for _first, last in self.months)]
            for code in sorted(currencies)
        ]

    def curve(self) -> dict[str, Any]:
        """Return a line for each month, and the marks of the axes.

        Positions are in percent of the chart, from its top left.
        """
        sums = [
            [self._amount(day, self.currency) for day in days_of(month)] for month in self.months
        ]
        marks = round_marks([*sums[0], *sums[1]])
        lines = [
            [(across(day), down(amount, marks)) for day, amount in enumerate(line, 1)]
            for line in sums
        ]
        shown = [show_money(mark, self.currency).removesuffix(".00") for mark in marks]
        return {
            "lines": list(zip(self.months, lines, strict=True)),
            "days": [(day, across(day)) for day in MARKED_DAYS],
            "amounts": [(text, down(mark, marks)) for text, mark in zip(shown, marks, strict=True)],
        }

    def table(self) -> list[tuple[int, list[Number | None]]]:
        """Return the money received by certain days of each month; None for future days."""
        lengths = [last.day for _first, last in self.months]
        days = [day for day in sorted({*MARKED_DAYS, *lengths}) if day <= max(lengths)]
        return [(day, [self._on(day, month) for month in self.months]) for day in days]

    def _on(self, day: int, month: Period) -> Number | None:
        return self._until(month[0].replace(day=day)) if day <= month[1].day else None

    def _until(self, day: datetime.date) -> Number:
        """Return the money received from the first of a month to a day of that month."""
        filters = {
            "status__exact": "succeeded",
            **days_filter("taken_at", (day.replace(day=1), day)),
        }
        counted = replace(self, groups=self._groups(day))
        shown = show_money(self._amount(day, self.currency), self.currency)
        return replace(counted.number(filters), shown=shown)

    def _amount(self, day: datetime.date, currency: str) -> int:
        groups = self._groups(day)
        return sum(group["amount"] for group in groups if group["currency"] == currency)

    def _groups(self, day: datetime.date) -> list[Group]:
        """Return the groups from the first of a month to a day of that month."""
        number = (day - self.months[1][0]).days + 1
        return [group for group in self.groups if number - day.day < group["bucket"] <= number]


def round_marks(amounts: Sequence[int]) -> list[int]:
    """Return two to seven round, evenly spaced amounts that enclose zero and all amounts."""
    low, high = min(0, *amounts), max(0, *amounts)
    size = (high - low) or 1
    power = 10 ** max(0, floor(log10(size)) - 1)
    step = next(step * power for step in (1, 2, 5, 10, 20, 50) if step * power * 5 >= size)
    return [number * step for number in range(low // step, max(1, -(-high // step)) + 1)]


def down(amount: int, marks: Sequence[int]) -> float:
    """Return the distance of an amount from the highest mark, in percent."""
    return round(100 * (marks[-1] - amount) / (marks[-1] - marks[0]), 2)


def across(day: int) -> float:
    """Return the distance of a day from the first of a month of 31 days, in percent."""
    return round(100 * (day - 1) / 30, 2)
