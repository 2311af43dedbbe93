"""Money that came in this month, against the last one."""

import datetime
from collections import defaultdict
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from billing.models import Payment
from config.money import show_money

from .curves import Curve, Scale, Tick, across, draw
from .days import Days, Span
from .numbers import Card, Number, listed, on_days, short_day

Sums = dict[datetime.date, tuple[int, int]]
TICKS = (1, 8, 15, 22, 29)


class Money:
    """What came in by day, of which currency: rows and amounts in the smallest unit."""

    def __init__(self, found: list[dict[str, Any]], days: Days, currency: str) -> None:
        self.days, self.currency = days, currency
        self.by_day: dict[str, Sums] = defaultdict(dict)
        dates = days.two_months
        for one in found:
            day = dates[one["day"] - 1]
            self.by_day[one["currency"]][day] = (one["rows"], one["amount"])

    def rows(self, span: Span) -> int:
        """Return how many payments and refunds there were, of every currency."""
        return sum(
            rows
            for sums in self.by_day.values()
            for day, (rows, _) in sums.items()
            if span[0] <= day <= span[1]
        )

    def amount(self, span: Span, currency: str = "") -> int:
        sums = self.by_day.get(currency or self.currency, {})
        return sum(amount for day, (_, amount) in sums.items() if span[0] <= day <= span[1])

    def adding_up(self, span: Span) -> list[int]:
        """Return what had come in by the end of each day."""
        sums = self.by_day.get(self.currency, {})
        count = (span[1] - span[0]).days + 1
        dates = (span[0] + datetime.timedelta(days=number) for number in range(count))
        return list(accumulate(sums.get(day, (0, 0))[1] for day in dates))

    def number(self, span: Span, text: Any = "") -> Number:
        query = {"status__exact": "succeeded", **on_days("taken_at", *span)}
        shown = show_money(self.amount(span), self.currency)
        return Number(self.rows(span), listed(Payment, **query), shown, text)


def money_card(money: Money, **counted: Any) -> Card:
    """Return what came in: this month until today, as much of the last, and all of the last."""
    days = money.days
    this, same, last = days.this_month, days.same_days, days.last_month
    return Card(
        name="money",
        title=_("Money in"),
        explains=_(
            "Payments that succeeded less refunds, by the day on which they were taken. "
            "What is invoiced and not paid is not in it."
        ),
        numbers=[
            money.number(this, _("this month until today")),
            money.number(same, _("in the same days, %(span)s") % {"span": _span(same)}),
            money.number(last, _("in all of %(month)s") % {"month": date_format(last[0], "F")}),
        ],
        curve=_curve(money) if money.rows((last[0], this[1])) else None,
        nothing=_(
            "Nothing was taken this month or last. Payments are written on the page of a booking "
            "or of an invoice."
        ),
        also=_also(money),
        **counted,
    )


def _curve(money: Money) -> Curve:
    this, last = money.days.this_month, money.days.last_month
    now, before = money.adding_up(this), money.adding_up(last)
    scale = Scale([*now, *before])
    names = [capfirst(date_format(span[0], "F")) for span in (this, last)]
    lines = [draw(names[0], now, "solid", scale), draw(names[1], before, "dashed", scale)]
    same, amount = money.days.same_days, money.amount
    return Curve(
        description=_(
            "By %(today)s %(now)s had come in this month, and by %(then)s %(before)s; "
            "in all of %(month)s it was %(all)s."
        )
        % {
            "today": date_format(this[1], "j F"),
            "now": show_money(amount(this), money.currency),
            "then": date_format(same[1], "j F"),
            "before": show_money(amount(same), money.currency),
            "month": names[1],
            "all": show_money(amount(last), money.currency),
        },
        lines=lines,
        days=[Tick(str(day), x=across(day)) for day in TICKS],
        amounts=[
            Tick(_rounded(mark, money.currency), y=scale.down(mark)) for mark in scale.marks()
        ],
        columns=names,
        rows=_table(money),
    )


def _table(money: Money) -> list[tuple[str, Sequence[Number | None]]]:
    """Return what had come in by some days, until the end of what is known of each month."""
    this, last = money.days.this_month, money.days.last_month
    shown = sorted({*TICKS, this[1].day, last[1].day})
    rows: list[tuple[str, Sequence[Number | None]]] = []
    for day in shown:
        numbers = [
            money.number((first, first.replace(day=day))) if day <= end.day else None
            for first, end in (this, last)
        ]
        if any(numbers):
            rows.append((str(day), numbers))
    return rows


def _also(money: Money) -> list[str]:
    """Say what came in of other currencies, which cannot be added."""
    this, last = money.days.this_month, money.days.last_month
    return [
        _("In %(currency)s besides: %(now)s this month, %(before)s in all of the last.")
        % {
            "currency": currency,
            "now": show_money(money.amount(this, currency), currency),
            "before": show_money(money.amount(last, currency), currency),
        }
        for currency in sorted(money.by_day)
        if currency != money.currency
    ]


def _span(span: Span) -> str:
    if span[0] == span[1]:
        return short_day(span[0])
    return f"{span[0].day}–{short_day(span[1])}"


def _rounded(amount: int, currency: str) -> str:
    """Return £4,000 for a round amount: its zeros after the point say nothing."""
    shown = show_money(amount, currency)
    return shown.removesuffix(".00")
