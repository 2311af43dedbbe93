"""The periodic tasks of billing and credits, run by the worker that `manage.py up` starts."""

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
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.scoping import acting_for
from credits import tasks
from credits.actions import create_rule
from credits.models import Credit, CreditRule, Entry, PassPurchase
from tests.factories import ACoupon, ACredit, ACustomer, APass, ASubscription, make_company

# The worker commits on connections of its own.
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

LONG_AGO = datetime.date(2020, 1, 1)
LONG_AGO_AT_NOON = datetime.datetime(2020, 1, 1, 12, tzinfo=datetime.UTC)


@pytest.fixture
def closed() -> Company:
    """A company with the same data as the others, which is archived before the worker runs."""
    return make_company("Closed", slug="closed")


@pytest.fixture
def everyone(studio: Company, rival: Company, closed: Company) -> list[Company]:
    return [studio, rival, closed]


@pytest.fixture(autouse=True)
def _forget_jobs() -> Iterator[None]:
    yield
    # Django does not empty unmanaged tables after a test that commits.
    with connections["owner"].cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")


def run(task: Any) -> None:
    """Queue a task in a queue of its own, and let a worker run only that queue."""
    job = task.configure(queue="tested").defer(timestamp=0)
    with (
        app.replace_connector(DjangoConnector().get_worker_connector()) as worker,
        patch.object(worker, "periodic_registry", PeriodicRegistry()),
    ):
        worker.run_worker(queues=["tested"], wait=False, install_signal_handlers=False)
    assert ProcrastinateJob.objects.get(pk=job).status == "succeeded"


def test_the_worker_does_what_is_due_in_every_usable_company(everyone: list[Company]) -> None:
    for company in everyone:
        own: dict[str, Any] = {"company": company, "customer": ACustomer(company=company)}
        ASubscription(**own, anchor_date=LONG_AGO)
        rule = CreditRule(coupon=ACoupon(company=company), every=CreditRule.BILLING_CYCLE)
        rule.plan = ASubscription(**own).plan
        with acting_for(company.id):
            Subscription.objects.filter(anchor_date=LONG_AGO).update(periods_turned=0)
            create_rule(rule, actor=Actor.command(company))
        for made in (ACredit, APass):
            made(**own)
            ended = made(**own)
            with acting_for(company.id):
                type(ended).objects.filter(pk=ended.pk).update(expires_at=LONG_AGO_AT_NOON)
    archive_company(everyone[-1], actor=Actor.command(everyone[-1]))
    for task in (tasks.issue_recurring, tasks.issue_recurring, tasks.expire, turn_subscriptions):
        run(task)
    for company, times in zip(everyone, (1, 1, 0), strict=True):
        with acting_for(company.id):
            entries = Entry.objects.filter(credit__rule__isnull=False)
            issued = [(Entry.ISSUE, "manage.py")] * times
            assert list(entries.values_list("kind", "actor_name")) == issued, company
            for model in (Credit, PassPurchase):
                ended = model.objects.filter(expired_at__isnull=False, balance=0)
                assert ended.count() == times, (company, model)
            assert Entry.objects.filter(kind=Entry.EXPIRE).count() == 2 * times
            renewal = Subscription.objects.get(anchor_date=LONG_AGO).renewal_date
        assert renewal
        assert (renewal > local_day(company.id)) is bool(times), company


def test_the_worker_has_the_runtime_role(studio: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    roles = []

    def note(*args: Any, **kwargs: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            roles.append(cursor.fetchone()[0])

    for task, action in (
        (tasks.issue_recurring, "credits.tasks.issue_recurring_credits"),
        (tasks.expire, "credits.tasks.expire_holdings"),
        (turn_subscriptions, "billing.tasks.turn_periods"),
    ):
        monkeypatch.setattr(action, note)
        run(task)
    assert roles == [connections["default"].settings_dict["USER"]] * 3
    assert roles[0] != connections["owner"].settings_dict["USER"]
