"""What runs by itself for billing and credits, done by the worker that `manage.py up` starts."""

import datetime
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, connections
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.periodic import PeriodicRegistry

from billing.models import Subscription
from billing.tasks import turn_subscriptions
from config.access.actions import archive_company
from config.access.actors import Actor
from config.access.days import local_day
from config.access.models import Company
from config.access.tenancy import acting_for
from credits import tasks
from credits.actions import create_rule
from credits.models import Credit, CreditRule, Entry, PassPurchase
from tests.factories import ACoupon, ACredit, ACustomer, APass, APlan, ASubscription, make_company

# The worker commits, on connections of its own.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

LONG_AGO = datetime.date(2020, 1, 1)


@pytest.fixture
def closed() -> Company:
    """A company that is furnished like the others, and archived before the worker comes."""
    return make_company("Closed", slug="closed")


@pytest.fixture
def everyone(studio: Company, rival: Company, closed: Company) -> list[Company]:
    return [studio, rival, closed]


@pytest.fixture(autouse=True)
def _forget_jobs() -> Iterator[None]:
    yield
    # Tables that Django does not manage are not emptied after a test that commits.
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def run(task: Any) -> None:
    """Put a task into a queue of its own, and let a worker do it, and nothing besides."""
    job = task.configure(queue="tested").defer(timestamp=0)
    with (
        app.replace_connector(DjangoConnector().get_worker_connector()) as worker,
        patch.object(worker, "periodic_registry", PeriodicRegistry()),
    ):
        worker.run_worker(queues=["tested"], wait=False, install_signal_handlers=False)
    assert ProcrastinateJob.objects.get(pk=job).status == "succeeded"


def test_the_worker_issues_what_is_due_in_every_usable_company(everyone: list[Company]) -> None:
    for company in everyone:
        plan, coupon = APlan(company=company), ACoupon(company=company)
        ASubscription(company=company, customer=ACustomer(company=company), plan=plan)
        rule = CreditRule(plan=plan, coupon=coupon, every=CreditRule.BILLING_CYCLE)
        with acting_for(company.id):
            create_rule(rule, actor=Actor.command(company))
    archive_company(everyone[-1])
    run(tasks.issue_recurring)
    run(tasks.issue_recurring)
    for company, expected in zip(everyone, (1, 1, 0), strict=True):
        with acting_for(company.id):
            assert Credit.objects.filter(rule__isnull=False).count() == expected, company
            entries = Entry.objects.values_list("kind", "actor_name")
            assert list(entries) == [(Entry.ISSUE, "manage.py")] * expected


def test_the_worker_expires_what_has_ended_in_every_usable_company(everyone: list[Company]) -> None:
    for company in everyone:
        customer = ACustomer(company=company)
        for made in (ACredit, APass):
            made(company=company, customer=customer)
            ended = made(company=company, customer=customer)
            with acting_for(company.id):
                type(ended).objects.filter(pk=ended.pk).update(expiry_date=LONG_AGO)
    archive_company(everyone[-1])
    run(tasks.expire)
    for company, expected in zip(everyone, (1, 1, 0), strict=True):
        with acting_for(company.id):
            for model in (Credit, PassPurchase):
                ended = model.objects.filter(expired_at__isnull=False, balance=0)
                assert ended.count() == expected, (company, model)
            assert Entry.objects.filter(kind=Entry.EXPIRE).count() == 2 * expected


def test_the_worker_turns_periods_in_every_usable_company(everyone: list[Company]) -> None:
    for company in everyone:
        customer = ACustomer(company=company)
        ASubscription(company=company, customer=customer, anchor_date=LONG_AGO)
        with acting_for(company.id):
            Subscription.objects.update(periods_turned=0)
    archive_company(everyone[-1])
    run(turn_subscriptions)
    for company, has_turned in zip(everyone, (True, True, False), strict=True):
        with acting_for(company.id):
            renewal = Subscription.objects.get().renewal_date
        assert renewal
        assert (renewal > local_day(company.id)) is has_turned, company


@pytest.mark.parametrize(
    ("task", "action"),
    [
        (tasks.issue_recurring, "credits.tasks.issue_recurring_credits"),
        (tasks.expire, "credits.tasks.expire_holdings"),
        (turn_subscriptions, "billing.tasks.turn_periods"),
    ],
)
def test_the_worker_works_as_the_runtime_role(
    task: Any, action: str, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    roles = []

    def note(*args: Any, **kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            roles.append(cursor.fetchone()[0])

    monkeypatch.setattr(action, note)
    run(task)
    assert roles == [connections["default"].settings_dict["USER"]]
    assert roles != [connections["owner"].settings_dict["USER"]]
