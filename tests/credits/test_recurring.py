"""Credits that plans grant: once a period, whoever asks, however late."""

import datetime
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from billing.models import Plan, Subscription, SubscriptionPause
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from credits.actions import archive_rule, create_rule, issue_recurring_credits
from credits.actions.ledger import local_today
from credits.models import Credit, CreditRule
from customers.actions import archive_customer
from customers.models import Customer
from tests.factories import ACoupon, ACustomer

UTC = datetime.UTC
START = datetime.date(2026, 1, 31)


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio)


class Clock:
    """Moves the day that the database believes it is."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_get_functiondef('regulars_today'::regproc)")
            self.original = cursor.fetchone()[0]

    def set(self, day: datetime.date | str) -> None:
        from django.db import connections

        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "CREATE OR REPLACE FUNCTION regulars_today(company uuid) RETURNS date"
                f" LANGUAGE sql VOLATILE STRICT AS $$ SELECT '{day}'::date $$"
            )

    def restore(self) -> None:
        from django.db import connections

        with connections["owner"].cursor() as cursor:
            cursor.execute(self.original)


pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


@pytest.fixture
def clock() -> Iterator[Clock]:
    clock = Clock()
    clock.set(START)
    yield clock
    clock.restore()


def subscribed(
    customer: Customer, *, every: str = "billing_cycle", anchor: datetime.date = START, **rule: Any
) -> Subscription:
    """Subscribe a customer to a monthly plan that grants a massage, as it was long ago."""
    company = customer.company
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=UTC)
    with acting_for(company.id):
        plan = Plan(company=company, name="Gold", price=1, currency="GBP", billing_period="P1M")
        plan.save()
        coupon = ACoupon(company=company, **rule.pop("coupon", {}))
        made = create_rule(
            CreditRule(plan=plan, coupon=coupon, every=every, **rule), actor=Actor.command(company)
        )
        CreditRule.objects.filter(pk=made.pk).update(created_at=long_ago)
        subscription = Subscription(
            company=company, customer=customer, plan=plan, anchor_date=anchor,
            billing_period="P1M", grace_days=0,
        )  # fmt: skip
        subscription.save()
        Subscription.objects.filter(pk=subscription.pk).update(created_at=long_ago)
    return subscription


def granted(company: Company) -> list[tuple[str, str | None]]:
    """Run the worker's round, and return the first and last day of everything granted."""
    issue_recurring_credits(company.id, actor=Actor.command(company))
    with acting_for(company.id):
        rows = Credit.objects.order_by("period_start").values_list("period_start", "expiry_date")
        return [(str(start), end and str(end)) for start, end in rows]


def test_a_period_grants_once(studio: Company, customer: Customer, clock: Clock) -> None:
    subscribed(customer)
    first = [("2026-01-31", "2026-02-27")]
    assert granted(studio) == first
    assert granted(studio) == first
    clock.set("2026-02-27")
    assert granted(studio) == first
    clock.set("2026-02-28")
    second = [*first, ("2026-02-28", "2026-03-30")]
    assert granted(studio) == second
    clock.set("2026-03-31")
    assert granted(studio)[-1] == ("2026-03-31", "2026-04-29"), "the 31st comes back"


def test_any_number_of_workers_grants_once(
    studio: Company, customer: Customer, clock: Clock
) -> None:
    for _ in range(3):
        subscribed(ACustomer(company=studio))

    def work(_: int) -> int:
        try:
            return issue_recurring_credits(studio.id, actor=Actor.command(studio))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(work, range(8))) == 3
    assert len(granted(studio)) == 3


def test_a_late_worker_catches_up_with_what_rolls_over(
    studio: Company, customer: Customer, clock: Clock
) -> None:
    subscribed(customer, rolls_over=True)
    clock.set("2026-04-30")
    starts = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]
    assert granted(studio) == [(start, None) for start in starts]


def test_a_late_worker_grants_nothing_that_would_be_over(
    studio: Company, customer: Customer, clock: Clock
) -> None:
    subscribed(customer)
    clock.set("2026-04-30")
    assert granted(studio) == [("2026-04-30", "2026-05-30")]


def test_what_rolls_over_still_ends_when_its_coupon_says(
    studio: Company, customer: Customer, clock: Clock
) -> None:
    subscribed(customer, rolls_over=True, coupon={"valid_for": "P90D"})
    assert granted(studio) == [("2026-01-31", "2026-04-30")]


@pytest.mark.parametrize(
    ("every", "days"),
    [
        ("P0D", ["2026-01-31"]),
        ("P1M", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        ("P3M", ["2026-01-31", "2026-04-30"]),
        ("P6M", ["2026-01-31"]),
        ("P1Y", ["2026-01-31"]),
    ],
)
def test_a_rule_has_its_own_rhythm(
    studio: Company, customer: Customer, clock: Clock, every: str, days: list[str]
) -> None:
    subscribed(customer, every=every, rolls_over=True)
    clock.set("2026-04-30")
    assert [start for start, _ in granted(studio)] == days


def test_without_sign_up_the_first_period_grants_nothing(
    studio: Company, customer: Customer, clock: Clock
) -> None:
    subscribed(customer, on_sign_up=False)
    assert granted(studio) == []
    clock.set("2026-02-28")
    assert granted(studio) == [("2026-02-28", "2026-03-30")]


@pytest.mark.parametrize("fact", ["paused_at", "suspended_at", "cancelled_at"])
def test_only_an_active_mandate_grants(
    studio: Company, customer: Customer, clock: Clock, fact: str
) -> None:
    subscription = subscribed(customer)
    with acting_for(studio.id):
        Subscription.objects.filter(pk=subscription.pk).update(
            **{fact: datetime.datetime(2026, 1, 31, tzinfo=UTC)}
        )
    assert granted(studio) == []


def test_what_began_in_a_pause_is_not_made_up_but_for_the_period_it_ended_in(
    studio: Company, customer: Customer, clock: Clock
) -> None:
    subscription = subscribed(customer, rolls_over=True)
    assert len(granted(studio)) == 1
    with acting_for(studio.id):
        SubscriptionPause(
            company=studio,
            subscription=subscription,
            paused_at=datetime.datetime(2026, 2, 10, 12, tzinfo=UTC),
            resumed_at=datetime.datetime(2026, 4, 10, 12, tzinfo=UTC),
        ).save()
    clock.set("2026-04-30")
    starts = [start for start, _ in granted(studio)]
    assert starts == ["2026-01-31", "2026-03-31", "2026-04-30"], "2026-02-28 lay in the pause"


def test_neither_archived_customers_nor_ended_rules_grant(
    studio: Company, customer: Customer, clock: Clock
) -> None:
    actor = Actor.command(studio)
    subscription = subscribed(customer)
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
    assert granted(studio) == []
    other = subscribed(ACustomer(company=studio))
    with acting_for(studio.id):
        archive_rule(CreditRule.objects.get(plan=other.plan), actor=actor)
    assert granted(studio) == []
    assert subscription.plan != other.plan


def test_a_rule_grants_nothing_for_what_was_before_it(
    studio: Company, customer: Customer, clock: Clock
) -> None:
    subscription = subscribed(customer, rolls_over=True)
    with acting_for(studio.id):
        CreditRule.objects.filter(plan=subscription.plan).update(
            created_at=datetime.datetime(2026, 3, 15, tzinfo=UTC)
        )
    clock.set("2026-04-30")
    assert [start for start, _ in granted(studio)] == ["2026-03-31", "2026-04-30"]


def test_a_company_without_rules_costs_one_look(studio: Company) -> None:
    assert issue_recurring_credits(studio.id, actor=Actor.command(studio)) == 0
    with acting_for(studio.id):
        assert local_today(studio.id) is not None
