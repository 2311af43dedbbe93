"""Periods of subscriptions turn by the calendar, once and in every company."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from billing.actions import (
    turn_periods,
)
from billing.models import Subscription
from config.access.actors import Actor
from config.access.days import local_day
from config.access.models import Company
from config.access.tenancy import acting_for
from tests.factories import ACustomer, APlan, ASubscription

Date = datetime.date


@pytest.fixture
def today(studio: Company) -> Date:
    return local_day(studio.id)


def month_later(day: Date) -> Date:
    """Return the same day of the next month, or its last one."""
    first = (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
    last = ((first + datetime.timedelta(days=32)).replace(day=1) - datetime.timedelta(days=1)).day
    return first.replace(day=min(day.day, last))


# --- Periods ---


def renewals(plan: Any, company: Company, anchor: Date, days: list[Date]) -> list[Date]:
    """Return the renewal date as it is after the sweeps of these days."""
    customer = ACustomer(company=company)
    made = ASubscription(company=company, customer=customer, plan=plan)
    found = []
    with acting_for(company.id):
        Subscription.objects.filter(pk=made.pk).update(anchor_date=anchor, periods_turned=0)
        for day in days:
            turn_periods(actor=Actor.command(company), today=day)
            made.refresh_from_db()
            found.append(made.renewal_date)
    return found


def test_the_31st_comes_back_after_february(studio: Company) -> None:
    days = [Date(2026, 2, 27), Date(2026, 2, 28), Date(2026, 3, 30), Date(2026, 3, 31)]
    assert renewals(APlan(company=studio), studio, Date(2026, 1, 31), days) == [
        Date(2026, 2, 28),
        Date(2026, 3, 31),
        Date(2026, 3, 31),
        Date(2026, 4, 30),
    ]


@pytest.mark.parametrize(
    ("period", "anchor", "day", "expected"),
    [
        ("P1W", Date(2026, 1, 1), Date(2026, 1, 7), Date(2026, 1, 8)),
        ("P1W", Date(2026, 1, 1), Date(2026, 1, 8), Date(2026, 1, 15)),
        ("P1W", Date(2026, 1, 1), Date(2026, 12, 31), Date(2027, 1, 7)),
        ("P1M", Date(2024, 1, 30), Date(2024, 2, 29), Date(2024, 3, 30)),
        ("P1M", Date(2023, 12, 31), Date(2026, 2, 28), Date(2026, 3, 31)),
        ("P3M", Date(2025, 11, 30), Date(2026, 2, 27), Date(2026, 2, 28)),
        ("P3M", Date(2025, 11, 30), Date(2026, 2, 28), Date(2026, 5, 30)),
        ("P6M", Date(2025, 8, 31), Date(2026, 2, 28), Date(2026, 8, 31)),
        ("P1Y", Date(2024, 2, 29), Date(2025, 2, 27), Date(2025, 2, 28)),
        ("P1Y", Date(2024, 2, 29), Date(2027, 3, 1), Date(2028, 2, 29)),
    ],
)
def test_periods_are_counted_from_the_beginning_without_drift(
    studio: Company, period: str, anchor: Date, day: Date, expected: Date
) -> None:
    plan = APlan(company=studio, billing_period=period)
    assert renewals(plan, studio, anchor, [day]) == [expected]


def test_what_was_missed_is_caught_up_once(studio: Company, actor: Actor) -> None:
    made = ASubscription(company=studio, customer=ACustomer(company=studio))
    with acting_for(studio.id):
        Subscription.objects.filter(pk=made.pk).update(anchor_date=Date(2026, 1, 31))
        assert turn_periods(actor=actor, today=Date(2026, 2, 27)) == 0
        assert turn_periods(actor=actor, today=Date(2026, 6, 30)) == 1
        assert turn_periods(actor=actor, today=Date(2026, 6, 30)) == 0
        made.refresh_from_db()
    assert (made.periods_turned, made.renewal_date) == (5, Date(2026, 7, 31))


def _pause(made: Subscription) -> None:
    Subscription.objects.filter(pk=made.pk).update(paused_at=made.created_at)


def _suspend(made: Subscription) -> None:
    Subscription.objects.filter(pk=made.pk).update(suspended_at=made.created_at)


@pytest.mark.parametrize("rest", [_pause, _suspend])
def test_only_active_subscriptions_turn(
    studio: Company, actor: Actor, rest: Callable[[Subscription], None]
) -> None:
    made = ASubscription(company=studio, customer=ACustomer(company=studio))
    with acting_for(studio.id):
        rest(made)
        assert turn_periods(actor=actor, today=Date(2036, 1, 1)) == 0
        Subscription.objects.update(paused_at=None, suspended_at=None)
        assert turn_periods(actor=actor, today=Date(2036, 1, 1)) == 1


def test_the_sweep_leaves_archived_customers_and_other_companies_alone(
    studio: Company, rival: Company, actor: Actor
) -> None:
    ASubscription(company=rival, customer=ACustomer(company=rival))
    archived = ACustomer(company=studio)
    ASubscription(company=studio, customer=archived)
    from customers.actions import archive_customer

    with acting_for(studio.id):
        archive_customer(archived, actor=actor)
        assert turn_periods(actor=actor, today=Date(2036, 1, 1)) == 0


@pytest.mark.parametrize("zone", ["Pacific/Tongatapu", "Pacific/Pago_Pago"])
def test_today_is_the_companys_own(studio: Company, zone: str) -> None:
    from zoneinfo import ZoneInfo

    Company.objects.filter(pk=studio.pk).update(timezone=zone)
    assert local_day(studio.id) == datetime.datetime.now(ZoneInfo(zone)).date()
    late = datetime.datetime(2026, 1, 31, 11, 30, tzinfo=datetime.UTC)
    assert local_day(studio.id, late) == (Date(2026, 2, 1) if "Tonga" in zone else late.date())


def test_the_worker_turns_every_company(studio: Company, rival: Company) -> None:
    from billing.tasks import turn_subscriptions

    made = [
        ASubscription(company=company, customer=ACustomer(company=company))
        for company in (studio, rival)
    ]
    for one in made:
        with acting_for(one.company_id):
            Subscription.objects.update(anchor_date=Date(2020, 1, 31))
    turn_subscriptions(timestamp=0)
    for one in made:
        with acting_for(one.company_id):
            one.refresh_from_db()
            assert one.renewal_date > local_day(one.company_id)
