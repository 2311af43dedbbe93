"""Credits that plans grant: once in each period, even if workers run twice or late."""

import datetime
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, connections

from billing.models import Plan, Subscription, SubscriptionPause
from bookings.actions import bring_back_customer
from config.tenancy.actors import Actor
from config.tenancy.archiving import archive_row
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import create_rule, issue_recurring_credits
from credits.models import Credit, CreditRule
from customers.actions import archive_customer
from customers.models import Customer
from tests.conftest import DATABASES
from tests.factories import ACoupon, ACustomer, act

UTC = datetime.UTC
START = datetime.date(2099, 1, 31)
TODAY = Path(__file__).parents[2] / "credits" / "sql" / "today.sql"

Clock = Callable[[str], None]


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Change the database's current day, at once for every connection."""
    owner = connections["owner"].copy()

    def run(statement: str) -> None:
        with owner.cursor() as cursor:
            cursor.execute(statement)

    def move(day: str) -> None:
        run(
            "CREATE OR REPLACE FUNCTION regulars_today(company uuid) RETURNS date"
            f" LANGUAGE sql VOLATILE STRICT AS $$ SELECT '{day}'::date $$"
        )

    move(str(START))
    yield move
    run(TODAY.read_text())
    owner.close()


def subscribed(
    customer: Customer, *, every: str = "billing_cycle", anchor: datetime.date = START, **rule: Any
) -> Subscription:
    """Subscribe a customer, long ago, to a monthly plan that grants a massage."""
    company = customer.company
    long_ago = datetime.datetime(2020, 1, 1, tzinfo=UTC)
    with acting_for(company.id):
        plan = Plan(company=company, name="Gold", price=1, currency="GBP", billing_period="P1M")
        plan.tax_rate, plan.tax_behavior = 0, "inclusive"
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


def granted(subscription: Subscription) -> list[tuple[str, str | None]]:
    """Issue the due credits; return the first and last day of every credit of a subscription."""
    company = subscription.company
    issue_recurring_credits(company.id, actor=Actor.command(company))
    with acting_for(company.id):
        rows = Credit.objects.filter(subscription=subscription).order_by("period_start")
        zone = ZoneInfo(company.timezone)
        ends = [(row.period_start, row.expires_at) for row in rows]
        local = [(start, end and end.astimezone(zone)) for start, end in ends]
        assert all(end is None or str(end.time()) == "23:59:59" for _, end in local)
        return [(str(start), end and str(end.date())) for start, end in local]


def starts(subscription: Subscription) -> list[str]:
    """Issue the due credits; return the first day of every credit of a subscription."""
    return [start for start, _ in granted(subscription)]


def test_a_period_grants_once(customer: Customer, clock: Clock) -> None:
    gold = subscribed(customer)
    first = [("2099-01-31", "2099-02-27")]
    assert granted(gold) == first
    assert granted(gold) == first
    clock("2099-02-27")
    assert granted(gold) == first
    clock("2099-02-28")
    assert granted(gold) == [*first, ("2099-02-28", "2099-03-30")]
    clock("2099-03-31")
    assert granted(gold)[-1] == ("2099-03-31", "2099-04-29"), "the 31st comes back"


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_any_number_of_workers_grants_once(studio: Company, clock: Clock) -> None:
    made = [subscribed(ACustomer(company=studio)) for _ in range(3)]

    def work(_: int) -> int:
        try:
            return issue_recurring_credits(studio.id, actor=Actor.command(studio))
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as workers:
        assert sum(workers.map(work, range(8))) == 3
    assert [len(granted(one)) for one in made] == [1, 1, 1]


def test_a_late_worker_makes_up_for_what_rolls_over(customer: Customer, clock: Clock) -> None:
    lasting = subscribed(customer, rolls_over=True, coupon={"valid_for": "P90D"})
    assert granted(lasting) == [("2099-01-31", "2099-04-30")], "its coupon says when it ends"
    ending, rolling = subscribed(customer), subscribed(customer, rolls_over=True)
    clock("2099-04-30")
    days = ["2099-01-31", "2099-02-28", "2099-03-31", "2099-04-30"]
    assert granted(rolling) == [(start, None) for start in days]
    assert granted(ending) == [("2099-04-30", "2099-05-30")]


def test_a_rule_has_its_own_rhythm(customer: Customer, clock: Clock) -> None:
    days = {
        "P0D": ["2099-01-31"],
        "P1M": ["2099-01-31", "2099-02-28", "2099-03-31", "2099-04-30"],
        "P3M": ["2099-01-31", "2099-04-30"],
        "P6M": ["2099-01-31"],
        "P1Y": ["2099-01-31"],
    }
    made = {every: subscribed(customer, every=every, rolls_over=True) for every in days}
    later = subscribed(customer, on_sign_up=False)
    assert granted(later) == [], "without sign-up the first period grants nothing"
    clock("2099-02-28")
    assert granted(later) == [("2099-02-28", "2099-03-30")]
    clock("2099-04-30")
    assert {every: starts(one) for every, one in made.items()} == days


def test_only_active_mandates_of_live_customers_and_rules_grant(
    studio: Company, customer: Customer, clock: Clock, actor: Actor
) -> None:
    facts = ("paused_at", "suspended_at", "cancelled_at")
    resting = {fact: subscribed(customer) for fact in facts}
    ruled, gone = subscribed(customer), subscribed(ACustomer(company=studio))
    with acting_for(studio.id):
        for fact, one in resting.items():
            since = {fact: datetime.datetime(2099, 1, 31, tzinfo=UTC)}
            Subscription.objects.filter(pk=one.pk).update(**since)
        archive_row(CreditRule.objects.get(plan=ruled.plan), actor=actor)
        archive_customer(gone.customer, actor=actor)
    made = resting | {"rule": ruled, "customer": gone}
    assert {fact: starts(one) for fact, one in made.items() if starts(one)} == {}
    assert len(granted(subscribed(customer))) == 1


def test_what_began_in_a_pause_is_not_made_up_but_for_the_period_it_ended_in(
    studio: Company, customer: Customer, clock: Clock
) -> None:
    gold = subscribed(customer, rolls_over=True)
    assert len(granted(gold)) == 1
    with acting_for(studio.id):
        SubscriptionPause(
            company=studio,
            subscription=gold,
            paused_at=datetime.datetime(2099, 2, 10, 12, tzinfo=UTC),
            resumed_at=datetime.datetime(2099, 4, 10, 12, tzinfo=UTC),
        ).save()
    clock("2099-04-30")
    days = ["2099-01-31", "2099-03-31", "2099-04-30"]
    assert starts(gold) == days, "2099-02-28 lay in the pause"


def test_what_a_customer_missed_while_archived_is_not_made_up(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    today = datetime.datetime.now(UTC).date()
    anchor = today - datetime.timedelta(days=100)
    gold = subscribed(customer, anchor=anchor, rolls_over=True)
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
        since = datetime.datetime.combine(anchor, datetime.time(12), UTC)
        Customer.objects.update(archived_at=since + datetime.timedelta(days=1))
    assert granted(gold) == []
    act(studio, bring_back_customer, customer)
    first, last = starts(gold)
    assert first == anchor.isoformat(), "the period in which the archiving came"
    assert last > (today - datetime.timedelta(days=32)).isoformat(), "the one there is now"


def test_a_rule_grants_nothing_of_before(studio: Company, customer: Customer, clock: Clock) -> None:
    gold = subscribed(customer, rolls_over=True)
    with acting_for(studio.id):
        CreditRule.objects.update(created_at=datetime.datetime(2099, 3, 15, tzinfo=UTC))
    clock("2099-04-30")
    assert starts(gold) == ["2099-03-31", "2099-04-30"]
