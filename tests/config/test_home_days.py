"""The days of the home page: months are compared by the company's own calendar and clocks."""

import datetime
from itertools import pairwise
from typing import Any

import pytest
from django.utils import timezone

from config.access.actors import Actor
from config.access.tenancy import acting_for
from config.home.curves import Scale, draw
from config.home.days import Days
from config.home.figures import measure
from config.home.money import Money, money_card
from config.home.numbers import Card
from tests.factories import ACustomer, APayment, make_company

Date = datetime.date


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def days(now: str, zone: str = "Europe/London") -> Days:
    with timezone.override(zone):
        known = Days(at(now))
        assert known.today
        return known


@pytest.mark.parametrize(
    ("now", "same_days"),
    [
        ("2026-11-25T10:00", (Date(2026, 10, 1), Date(2026, 10, 25))),
        ("2026-03-31T10:00", (Date(2026, 2, 1), Date(2026, 2, 28))),
        ("2024-03-29T10:00", (Date(2024, 2, 1), Date(2024, 2, 29))),
        ("2026-01-01T10:00", (Date(2025, 12, 1), Date(2025, 12, 1))),
    ],
)
def test_as_many_days_of_last_month_are_compared_as_there_are(now: str, same_days: Any) -> None:
    assert days(now).same_days == same_days


def test_weeks_and_months_lie_side_by_side_and_end_today() -> None:
    for now in ("2026-11-25T10:00", "2026-01-04T10:00", "2026-03-30T10:00"):
        known = days(now)
        for spans in (known.weeks, known.months):
            for before, after in pairwise(spans):
                assert after[0] - before[1] == datetime.timedelta(days=1)
            assert spans[-1][1] == known.today
        assert len(known.weeks) == 12
        assert {first.weekday() for first, _ in known.weeks} == {0}
        assert {first.day for first, _ in known.months} == {1}


def card_at(now: str, zone: str, *taken: tuple[str, int]) -> Card:
    """Return what came in at a company in a time zone, given when and how much."""
    company = make_company("Far", slug="far", timezone=zone)
    customer = ACustomer(company=company)
    for moment, amount in taken:
        APayment(company=company, customer=customer, amount=amount, taken_at=at(moment))
    with acting_for(company.id), timezone.override(zone):
        known = Days(at(now))
        found = measure(["money"], Actor.command(company), known)["money"]
        return money_card(Money(found, known, company.currency))


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
    assert [str(number) for number in card.numbers] == ["£210.00", "£3.00", "£4.00"]
    assert [number.rows for number in card.numbers] == [2, 1, 2]


@pytest.mark.parametrize(
    ("now", "moments"),
    [
        ("2026-10-26T12:00", ("2026-10-24T22:59", "2026-10-25T23:59", "2026-10-26T00:00")),
        ("2026-03-30T12:00", ("2026-03-28T23:59", "2026-03-29T22:59", "2026-03-29T23:00")),
    ],
)
def test_a_day_on_which_the_clocks_change_has_all_its_hours(now: str, moments: Any) -> None:
    """One moment on each of three days: the last of the first two, and the first of the third."""
    card = card_at(now, "Europe/London", *((moment, 100) for moment in moments))
    assert card.curve is not None
    added_up = dict(card.curve.rows)[str(at(now).day)]
    assert (str(added_up[0]), card.numbers[0].rows) == ("£3.00", 3)


def test_what_went_back_takes_the_line_below_zero_and_it_is_still_drawn() -> None:
    scale = Scale([0, -900, 300])
    assert scale.marks()[0] <= -900
    assert 0 in scale.marks()
    line = draw("May", [0, -900, 300], "solid", scale)
    heights = [float(point.split(",")[1]) for point in line.points.split()]
    assert all(0 <= height <= 100 for height in heights)
    assert heights[1] == max(heights)


@pytest.mark.parametrize("amount", [0, 1, 7, 99, 100, 12_345, 10**12, -5])
def test_any_amount_has_a_scale_of_a_few_round_marks(amount: int) -> None:
    marks = Scale([amount]).marks()
    assert marks[0] <= min(0, amount)
    assert marks[-1] >= max(0, amount)
    assert 2 <= len(marks) <= 8
