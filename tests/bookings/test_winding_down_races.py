"""A write while its customer is archived either commits before the archiving or is refused."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection

from bookings.actions import booking as booking_actions
from bookings.actions import open_items, wind_down_customer, winding_down
from bookings.models import EventDate
from config.errors import Refusal
from config.jobs.models import SweepFailure
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import create_rule
from credits.models import Credit, CreditRule
from credits.tasks import issue_recurring
from customers.models import Customer
from tests.factories import (
    ACoupon,
    ACredit,
    ACustomer,
    AnAppointment,
    AnEventDate,
    AnInvoice,
    APass,
    APlace,
    APlan,
    AService,
    ASubscription,
)

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])

ROUNDS = 5
REFUSED = {"CustomerArchived", "CustomerGone"}


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """Call several functions at the same moment; return the outcome of each."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        start.wait()
        try:
            call()
        except Refusal as refusal:
            return type(refusal).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def archive(customer: Customer) -> None:
    with acting_for(customer.company_id):
        wind_down_customer(customer, end_open=True, actor=Actor.command(customer.company))


def what_is_open(customer: Customer) -> Counter[str]:
    with acting_for(customer.company_id):
        return open_items([customer.pk], actor=Actor.command(customer.company))[customer.pk]


@pytest.fixture
def rule(studio: Company) -> CreditRule:
    plan, coupon = APlan(company=studio), ACoupon(company=studio)
    rule = CreditRule(plan=plan, coupon=coupon, every=CreditRule.BILLING_CYCLE, rolls_over=True)
    with acting_for(studio.id):
        return create_rule(rule, actor=Actor.command(studio))


def test_a_row_made_during_archiving_is_ended_or_refused(studio: Company, rule: CreditRule) -> None:
    service, date = AService(company=studio), AnEventDate(company=studio)
    coupon, others = ACoupon(company=studio), APlan(company=studio)
    payer = ACustomer(company=studio)
    bought = APass(company=studio, customer=payer)
    results: Counter[str] = Counter()
    for _ in range(ROUNDS):
        customer = ACustomer(company=studio)
        own: dict[str, Any] = {"company": studio, "customer": customer}
        ASubscription(**own, plan=rule.plan)
        archived, granted, *opened = at_once(
            partial(archive, customer),
            partial(issue_recurring, timestamp=0),
            partial(AnAppointment, **own, service=service),
            partial(APlace, **own, event_date=date, purchased_by=payer, means=bought),
            partial(ASubscription, **own, plan=others),
            partial(AnInvoice, **own),
            partial(ACredit, **own, coupon=coupon),
        )
        assert (archived, granted) == ("done", "done")
        assert set(opened) <= {"done"} | REFUSED
        results.update(opened)
        left = what_is_open(customer)
        assert left.keys() <= {"credits"}, "which the customer keeps"
        with acting_for(studio.id):
            grants = Credit.objects.filter(customer=customer, rule=rule).count()
            assert grants <= 1
            issued = grants + (opened[-1] == "done")
            assert left["credits"] == issued
            # For the sweep, an archived customer is no failure.
            assert not SweepFailure.objects.exists()
    with acting_for(studio.id):
        bought.refresh_from_db()
        assert bought.balance == 10, "every place that was booked gave its visit back"
        assert not EventDate.objects.get(pk=date.pk).bookings.filter(status="confirmed").exists()
    assert results.total() == 5 * ROUNDS


def test_without_the_lock_of_the_customer_something_stays_open(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The negative control archives the customer between the booking's read and its write."""
    customer, service = ACustomer(company=studio), AService(company=studio)
    looked, archived = Event(), Event()

    def look(customer: Customer, *, actor: Actor) -> Customer:
        found = Customer.objects.get(pk=customer.pk)
        looked.set()
        archived.wait(10)
        return found

    def archive_then() -> None:
        looked.wait(10)
        archive(customer)
        archived.set()

    monkeypatch.setattr(booking_actions, "lock_customer", look)
    monkeypatch.setattr(winding_down, "lock_customers", lambda *_, **__: None)
    book = partial(AnAppointment, company=studio, customer=customer, service=service)
    assert at_once(archive_then, book) == ["done", "done"]
    assert what_is_open(customer) == {"bookings": 1}


def test_of_several_who_archive_a_customer_at_once_one_does(studio: Company) -> None:
    customer = ACustomer(company=studio)
    bought = APass(company=studio, customer=customer)
    APlace(company=studio, customer=customer, means=bought)
    told = at_once(*[lambda: archive(customer)] * 4)
    assert Counter(told) == {"done": 1, "CustomerAlreadyArchived": 3}
    with acting_for(studio.id):
        bought.refresh_from_db()
    assert bought.balance == 10, "the visit came back once"
