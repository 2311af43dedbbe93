"""A row that was loaded before a merge was undone is not written for the other customer."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connections

from billing.actions import (
    prefer_payment_method,
    refund_payment,
    suspend_subscription,
    take_payment,
)
from billing.models import Payment
from bookings.actions import change_booking
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import create_rule, issue_recurring_credits, settle_invoices, sweeps
from credits.models import Credit, CreditRule
from customers.actions import archive_address, archive_user, merge_customers, undo_merge
from customers.errors import CustomerMerged, ExternalIdTaken
from tests.backoffice import fresh
from tests.conftest import DATABASES
from tests.factories import (
    ACoupon,
    ACredit,
    ACustomer,
    AnAddress,
    AnAppointment,
    AnInvoice,
    APayment,
    APaymentMethod,
    APlan,
    ASubscription,
    AUser,
    act,
)


def pay(company: Company, invoice: Any) -> None:
    act(company, take_payment, Payment(invoice=invoice, amount=1, method="cash"))


def pay_by_credit(company: Company, invoice: Any) -> None:
    """Pay with a credit that belonged to the customer who stayed before the merge."""
    coupon = ACoupon(company=company, amount=1_000)
    credit = ACredit(company=company, customer=invoice.customer, coupon=coupon)
    act(company, settle_invoices, [invoice], means=[credit], begins={})


def refund(company: Company, payment: Any) -> None:
    act(company, refund_payment, Payment(refunds=payment, amount=1, reason="Ill"))


def move(company: Company, booking: Any) -> None:
    act(company, change_booking, booking, changes={"notes": "Bring a towel"})


CASES: dict[str, tuple[Any, Callable[[Company, Any], object]]] = {
    "payment": (AnInvoice, pay),
    "credit": (AnInvoice, pay_by_credit),
    "refund": (partial(APayment, amount=100), refund),
    "subscription": (ASubscription, lambda company, row: act(company, suspend_subscription, row)),
    "booking": (AnAppointment, move),
    "address": (AnAddress, lambda company, row: act(company, archive_address, row)),
    "user": (AUser, lambda company, row: act(company, archive_user, row)),
    "method": (APaymentMethod, lambda company, row: act(company, prefer_payment_method, row)),
}


@pytest.mark.parametrize("case", CASES)
def test_a_row_that_went_back_is_not_written_under_the_other_ones_lock(
    studio: Company, case: str
) -> None:
    make, write = CASES[case]
    kept, other = ACustomer(company=studio), ACustomer(company=studio)
    row = make(company=studio, customer=other)
    merge = act(studio, merge_customers, kept, merged=other)
    with acting_for(studio.id):
        stale, again = fresh(row), type(row).objects.get(pk=row.pk)
        assert stale.customer == kept
        act(studio, undo_merge, fresh(merge))
        with pytest.raises(CustomerMerged):
            write(studio, stale)
        again.refresh_from_db()
        write(studio, again)


def test_a_plan_grants_nothing_to_who_lost_its_subscription(
    studio: Company, actor: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, other = ACustomer(company=studio), ACustomer(company=studio)
    plan = APlan(company=studio)
    rule = CreditRule(plan=plan, coupon=ACoupon(company=studio), every="P0D", on_sign_up=True)
    act(studio, create_rule, rule)
    ASubscription(company=studio, customer=other, plan=plan)
    merge = act(studio, merge_customers, kept, merged=other)
    grant = sweeps.for_each_row

    def undo_first(*given: Any) -> int:
        act(studio, undo_merge, fresh(merge))
        return grant(*given)

    monkeypatch.setattr(sweeps, "for_each_row", undo_first)
    assert issue_recurring_credits(studio.id, actor=actor) == 0
    monkeypatch.undo()
    assert issue_recurring_credits(studio.id, actor=actor) == 1
    with acting_for(studio.id):
        assert Credit.objects.get().customer_id == other.pk


@pytest.mark.parametrize("is_guarded", [True, False])
@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_an_external_id_that_a_merge_takes_meanwhile_is_given_to_nobody(
    studio: Company, is_guarded: bool
) -> None:
    kept = ACustomer(company=studio, external_id="r1")
    other = ACustomer(company=studio, external_id="r7")
    how = "ENABLE" if is_guarded else "DISABLE"
    trigger = "ALTER TABLE customers_customer {} TRIGGER customers_external_id_kept"

    def create() -> bool:
        try:
            ACustomer(company=studio, external_id="r7")
        except ExternalIdTaken:
            return False
        finally:
            connections.close_all()
        return True

    with connections["owner"].cursor() as owner, ThreadPoolExecutor(1) as threads:
        owner.execute(trigger.format(how))
        with acting_for(studio.id):
            merge_customers(kept, merged=other, actor=Actor.command(studio))
            creation = threads.submit(create)
            until_one_waits()
        is_created = creation.result()
        owner.execute(trigger.format("ENABLE"))
    assert is_created is not is_guarded


def until_one_waits() -> None:
    """Wait until a statement of another connection waits for a lock."""
    sql = "SELECT count(*) FROM pg_locks WHERE NOT granted"
    with connections["owner"].cursor() as owner:
        for _ in range(100):
            owner.execute(sql)
            if owner.fetchone()[0]:
                return
            time.sleep(0.1)
    raise AssertionError("Nobody waits.")
