"""Sales of passes and plans: paid at once, in parts, or later by an invoice."""

import datetime
from collections.abc import Iterator

import pytest

from billing.errors import DueBeforeIssued, MoreThanOwed, NothingToPay
from billing.models import Invoice, InvoiceLine, Payment, Subscription
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import create_pass_product, sell_pass, sell_plan
from credits.models import PassProduct, PassPurchase
from customers.actions import archive_customer
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import ACredit, APlan


@pytest.fixture(autouse=True)
def at_work(studio: Company) -> Iterator[None]:
    with acting_for(studio.id):
        yield


@pytest.fixture
def ten(studio: Company, actor: Actor) -> PassProduct:
    return create_pass_product(PassProduct(name="Ten", visits=10, price=12_000), actor=actor)


def bought(customer: Customer, product: PassProduct) -> PassPurchase:
    return PassPurchase(customer=customer, product=product)


def test_a_pass_that_is_paid_in_cash_has_a_paid_invoice(
    customer: Customer, ten: PassProduct, actor: Actor
) -> None:
    sold = sell_pass(bought(customer, ten), means=[Payment(method="cash")], actor=actor)
    sold.refresh_from_db()
    invoice = sold.invoice
    assert invoice is not None
    assert (invoice.total, invoice.status, invoice.customer_id) == (12_000, "paid", customer.pk)
    line = invoice.lines.get()
    assert (line.description, line.quantity, line.unit_price) == ("Ten", 1, 12_000)
    assert (sold.balance, Payment.objects.get().amount) == (10, 12_000)


def test_a_pass_is_paid_in_parts_by_several_means(
    studio: Company, customer: Customer, ten: PassProduct, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=1_000)
    day = datetime.date(2099, 1, 1)
    means = [credit, Payment(method="cash", amount=3_000), Invoice(due_on=day)]
    invoice = sell_pass(bought(customer, ten), means=means, actor=actor).invoice
    assert invoice is not None
    shown = vars(Invoice.objects.with_amounts().get(pk=invoice.pk))
    assert (shown["balance"], invoice.due_on, invoice.status) == (8_000, day, "pending")


def test_a_pass_without_means_of_payment_is_paid_later(
    customer: Customer, ten: PassProduct, actor: Actor
) -> None:
    invoice = sell_pass(bought(customer, ten), means=[], actor=actor).invoice
    assert invoice is not None
    assert (invoice.status, invoice.due_on) == ("pending", None)


def test_a_pass_that_was_sold_elsewhere_asks_for_no_money(
    customer: Customer, ten: PassProduct, actor: Actor
) -> None:
    assert sell_pass(bought(customer, ten), actor=actor).invoice is None
    assert not Invoice.objects.exists()


def test_a_free_pass_has_no_invoice_and_takes_no_payment(customer: Customer, actor: Actor) -> None:
    free = create_pass_product(PassProduct(name="Try", visits=1, price=0), actor=actor)
    assert sell_pass(bought(customer, free), means=[Invoice()], actor=actor).invoice is None
    with pytest.raises(NothingToPay):
        sell_pass(bought(customer, free), means=[Payment(method="cash")], actor=actor)
    assert not Invoice.objects.exists()


def test_what_is_refused_sells_nothing(customer: Customer, ten: PassProduct, actor: Actor) -> None:
    too_much = [Payment(method="cash", amount=12_001)]
    with pytest.raises(MoreThanOwed):
        sell_pass(bought(customer, ten), means=too_much, actor=actor)
    due = [Invoice(due_on=datetime.date(2020, 1, 1))]
    with pytest.raises(DueBeforeIssued):
        sell_pass(bought(customer, ten), means=due, actor=actor)
    assert not PassPurchase.objects.exists()
    assert not Invoice.objects.exists()
    sell_pass(bought(customer, ten), means=too_much, keep_excess_as_credit=True, actor=actor)
    assert customer.credits.get().balance == 1
    archive_customer(customer, actor=actor)
    with pytest.raises(CustomerArchived):
        sell_pass(bought(customer, ten), means=[], actor=actor)


def test_a_plan_is_sold_with_the_invoice_of_its_present_period(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    plan, anchor = APlan(company=studio, name="Gold"), datetime.date(2026, 1, 31)
    wanted = Subscription(customer=customer, plan=plan, anchor_date=anchor)
    sold = sell_plan(wanted, means=[Payment(method="card")], actor=actor)
    sold.refresh_from_db()
    line = InvoiceLine.objects.get(subscription=sold)
    assert (line.description, line.unit_price, line.invoice.status) == ("Gold", 5_000, "paid")
    assert line.period_from is not None
    assert line.period_to == sold.renewal_date
    assert 28 <= (line.period_to - line.period_from).days <= 31


def test_a_plan_that_is_billed_elsewhere_asks_for_no_money(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    sell_plan(Subscription(customer=customer, plan=APlan(company=studio)), actor=actor)
    assert not Invoice.objects.exists()
