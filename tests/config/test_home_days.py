"""The days of the home page: months are compared in the company's own calendar and time zone."""

import datetime
from itertools import pairwise
from typing import Any

from django.utils import timezone

from config.home.counting import Card, ask
from config.home.money import Money, down, money, round_marks
from config.home.periods import last_months, last_weeks
from config.tenancy.actors import Actor
from config.tenancy.scoping import acting_for
from tests.factories import ACustomer, APayment, make_company

Date = datetime.date


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def test_as_many_days_of_last_month_are_compared_as_there_are() -> None:
    for today, same_day in (
        ("2026-11-25", Date(2026, 10, 25)),
        ("2026-03-31", Date(2026, 2, 28)),
        ("2024-03-29", Date(2024, 2, 29)),
        ("2026-01-01", Date(2025, 12, 1)),
    ):
        last_month, this_month = last_months(Date.fromisoformat(today))[-2:]
        card = Money(None, months=(this_month, last_month), currency="GBP")
        assert card.same_day == same_day


def test_weeks_and_months_lie_side_by_side_and_end_today() -> None:
    for today in (Date(2026, 11, 25), Date(2026, 1, 4), Date(2026, 3, 30), Date(2026, 3, 31)):
        weeks, months = last_weeks(today), last_months(today)
        for periods in (weeks, months):
            for before, after in pairwise(periods):
                assert after[0] - before[1] == datetime.timedelta(days=1)
            assert periods[-1][1] == today
        assert (len(weeks), len(months)) == (12, 6)
        assert {first.weekday() for first, _ in weeks} == {0}
        assert {first.day for first, _ in months} == {1}


def card_at(now: str, zone: str, *taken: tuple[str, int]) -> Card:
    """Return the card of payments of a company in a time zone, for payments as (time, amount)."""
    company = make_company(f"At {now}", timezone=zone)
    customer = ACustomer(company=company)
    for moment, amount in taken:
        APayment(company=company, customer=customer, amount=amount, taken_at=at(moment))
    with acting_for(company.id), timezone.override(zone):
        card = money(Actor.command(company), company, timezone.localdate(at(now)))
        card.read(ask(company, money=card.query)["money"])
    return card


def test_a_day_begins_when_the_company_s_clocks_say_so() -> None:
    card = card_at(
        "2026-11-02T03:00",
        "Pacific/Auckland",
        ("2026-10-31T10:59", 100),
        ("2026-10-31T11:00", 1_000),
        ("2026-11-02T02:00", 20_000),
        ("2026-09-30T10:59", 500_000),
        ("2026-09-30T11:00", 300),
    )
    numbers = card.counts["days"].numbers()
    assert [str(number) for number in numbers] == ["£210.00", "£3.00", "£4.00"]
    assert [number.rows for number in numbers] == [2, 1, 2]


def test_a_day_on_which_the_clocks_change_has_all_its_hours() -> None:
    """The times are the end of the first two days and the start of the third."""
    for now, moments in (
        ("2026-10-26T12:00", ("2026-10-24T22:59", "2026-10-25T23:59", "2026-10-26T00:00")),
        ("2026-03-30T12:00", ("2026-03-28T23:59", "2026-03-29T22:59", "2026-03-29T23:00")),
    ):
        card = card_at(now, "Europe/London", *((moment, 100) for moment in moments))
        counted: Any = card.counts["days"]
        this_month, _last_month = dict(counted.table())[at(now).day]
        assert (str(this_month), this_month.rows) == ("£3.00", 3)


def test_any_amount_has_a_scale_of_a_few_round_marks() -> None:
    for sums in ([0], [1], [7], [99], [100], [12_345], [10**12], [-5], [0, -900, 300]):
        marks = round_marks(sums)
        assert marks[0] <= min(0, *sums)
        assert marks[-1] >= max(0, *sums)
        assert 2 <= len(marks) <= 8
        assert 0 in marks
    heights = [down(amount, marks) for amount in sums]
    assert all(0 <= height <= 100 for height in heights), "what went back is drawn below zero"
    assert heights[1] == max(heights)
