"""Voiding an invoice ends the pass or the current period of the plan that it sold."""

from typing import Any

import pytest
from django.db.models import F

from billing.actions import create_invoice
from billing.errors import InvoiceHasPayments
from billing.models import Invoice, InvoiceLine, Payment, Subscription
from bookings.actions import wind_down_customer
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import (
    create_pass_product,
    refund_payment_and_credit,
    sell_pass,
    sell_plan,
    sold_by,
    use_pass,
    void_sale,
)
from credits.models import Entry, PassProduct, PassPurchase
from credits.proof import check_ledger
from customers.actions import archive_customer
from customers.models import Customer
from tests.backoffice import Browser, fresh, page_of
from tests.callers import Caller
from tests.factories import AnInvoice, APlan


def sell_ten(customer: Customer, actor: Actor, *means: Any) -> PassPurchase:
    with acting_for(actor.company_id):
        product = create_pass_product(PassProduct(name="Ten", visits=10, price=900), actor=actor)
        sold = sell_pass(PassPurchase(customer=customer, product=product), means=means, actor=actor)
        sold.refresh_from_db()
    return sold


def sell_gold(company: Company, customer: Customer, actor: Actor, **terms: Any) -> Subscription:
    plan = APlan(company=company, name="Gold", **terms)
    with acting_for(company.id):
        wanted = Subscription(customer=customer, plan=plan)
        return sell_plan(wanted, means=[Invoice()], actor=actor)


def invoice_of(sold: PassPurchase | Subscription) -> Invoice:
    with acting_for(sold.company_id):
        if isinstance(sold, PassPurchase):
            return Invoice.objects.get(passes=sold)
        return Invoice.objects.get(lines__subscription=sold)


def test_a_pass_is_revoked_with_its_invoice(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    sold, other = sell_ten(customer, actor), sell_ten(customer, actor)
    invoice = invoice_of(sold)
    with acting_for(studio.id):
        use_pass(sold, visits=3, reference="today", actor=actor)
        assert void_sale(invoice, actor=actor).status == "void"
        entry = Entry.objects.get(kind=Entry.REVOKE)
    assert (entry.amount, entry.reason) == (-7, f"Invoice {invoice.number} was voided.")
    assert fresh(sold).revoked_at is not None
    assert (fresh(sold).balance, fresh(other).balance) == (0, 10)
    assert check_ledger(studio.id)[0] == []


def test_a_pass_that_was_paid_is_revoked_once_its_money_went_back(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    sold = sell_ten(customer, actor, Payment(method="cash"))
    with acting_for(studio.id):
        with pytest.raises(InvoiceHasPayments):
            void_sale(invoice_of(sold), actor=actor)
        assert fresh(sold).balance == 10
        refund = Payment(refunds=Payment.objects.get(), reason="Fell ill")
        refund_payment_and_credit(refund, actor=actor)
        void_sale(invoice_of(sold), actor=actor)
    assert fresh(sold).revoked_at is not None


def test_a_used_up_pass_stays_used_up(studio: Company, customer: Customer, actor: Actor) -> None:
    sold = sell_ten(customer, actor)
    with acting_for(studio.id):
        use_pass(sold, visits=10, reference="today", actor=actor)
        void_sale(invoice_of(sold), actor=actor)
    assert (fresh(sold).revoked_at, fresh(sold).redeemed_at is None) == (None, False)


def test_a_plan_ends_with_the_invoice_of_its_present_period(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    sold = sell_gold(studio, customer, actor, minimum_periods=12)
    with acting_for(studio.id):
        void_sale(invoice_of(sold), actor=actor)
    assert fresh(sold).state == "CANCELLED"


def test_a_plan_goes_on_without_the_invoice_of_a_period_that_is_over(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    sold = sell_gold(studio, customer, actor)
    with acting_for(studio.id):
        turned = Subscription.objects.filter(pk=sold.pk)
        turned.update(periods_turned=F("periods_turned") + 1)
        void_sale(invoice_of(sold), actor=actor)
    assert fresh(sold).state == "ACTIVE"


def test_drafts_and_other_invoices_end_nothing(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    passes, plan = sell_ten(customer, actor), sell_gold(studio, customer, actor)
    with acting_for(studio.id):
        line = InvoiceLine(description="Gold", unit_price=1, subscription=plan)
        line.period_from, line.period_to = fresh(plan).anchor_date, fresh(plan).renewal_date
        draft = create_invoice(Invoice(customer=customer), lines=[line], actor=actor)
        void_sale(draft, actor=actor)
        void_sale(AnInvoice(company=studio, customer=customer), actor=actor)
    assert (fresh(passes).balance, fresh(plan).state) == (10, "ACTIVE")


def test_it_works_for_an_archived_customer_and_when_one_is_wound_down(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    passes, plan, late = (
        sell_ten(customer, actor),
        sell_gold(studio, customer, actor),
        sell_ten(customer, actor),
    )
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
        void_sale(invoice_of(passes), actor=actor)
        void_sale(invoice_of(plan), actor=actor)
    assert (fresh(passes).balance, fresh(plan).state) == (0, "CANCELLED")
    assert fresh(late).balance == 10
    with acting_for(studio.id):
        Customer.objects.filter(pk=customer.pk).update(archived_at=None)
        wind_down_customer(customer, end_open=True, actor=actor)
    assert (fresh(late).balance, fresh(invoice_of(late)).voided_at is None) == (0, False)


def test_voiding_over_the_api_revokes_the_pass(
    integrator: Caller, customer: Customer, actor: Actor
) -> None:
    sold = sell_ten(customer, actor)
    void = integrator.post(f"/v1/invoices/{invoice_of(sold).pk}/void")
    assert (void.status, void.body["status"]) == (200, "void")
    shown = integrator.get(f"/v1/customers/{customer.id}/passes/{sold.pk}").body
    assert (shown["status"], shown["visits_left"]) == ("revoked", 0)


def test_the_page_says_beforehand_what_ends(
    browser: Browser, studio: Company, customer: Customer, actor: Actor
) -> None:
    passes, plan = sell_ten(customer, actor), sell_gold(studio, customer, actor)
    for sold, told in (
        (passes, "The pass Ten is revoked: 10 visits are left of it."),
        (plan, "The subscription to Gold ends."),
    ):
        page = page_of(invoice_of(sold)).replace("change", "void")
        assert told in browser.get(page).text
        browser.send(page, reason="Sold by mistake")
    assert (fresh(passes).balance, fresh(plan).state) == (0, "CANCELLED")
    with acting_for(studio.id):
        gone = sold_by(invoice_of(passes), actor=actor)
    assert (gone.passes, gone.subscriptions) == ([], [])
