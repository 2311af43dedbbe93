"""Invoices paid in parts: with several means, with credits, and with an overpayment."""

from collections.abc import Iterator
from typing import Any

import pytest

from billing.actions import create_invoice, issue_invoice, reduce_invoice, void_invoice
from billing.errors import InvoiceHasPayments, InvoiceIsPaid, MoreThanOwed
from billing.models import CreditNote, Invoice, InvoiceLine, Payment
from bookings.actions import pay_invoice, pay_invoices
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import AboveRoleLimit
from config.tenancy.scoping import acting_for
from credits.actions import CreditPart, give_back_credits, reverse_redemption, revoke_credit
from credits.actions.credits import return_credits
from credits.errors import (
    AlreadyReversed,
    AmountNotTaken,
    HasEnded,
    NotEnough,
    NotTheirHolding,
    OnePercentage,
    OtherCurrency,
    OtherOffering,
    ReasonMissing,
    UsedUp,
)
from credits.models import Credit, Entry
from credits.proof import check_ledger
from customers.actions import archive_customer, restore_customer
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import ACredit, ACustomer, AnInvoice, make_staff


@pytest.fixture(autouse=True)
def at_work(studio: Company) -> Iterator[None]:
    with acting_for(studio.id):
        yield


@pytest.fixture
def invoice(studio: Company, customer: Customer) -> Invoice:
    """An invoice of 100.00."""
    return AnInvoice(company=studio, customer=customer)


def balance(invoice: Invoice) -> int:
    return int(vars(Invoice.objects.with_amounts().get(pk=invoice.pk))["balance"])


def references(invoice: Invoice) -> list[str]:
    rows = Entry.objects.paying_for(invoice).oldest_first()
    return list(rows.values_list("reference", flat=True))


def payments() -> list[tuple[Any, ...]]:
    rows = Payment.objects.oldest_first()
    return list(rows.values_list("method", "amount", "invoice__number", "currency"))


def test_half_is_paid_in_cash_and_half_by_card(invoice: Invoice, actor: Actor) -> None:
    means = [Payment(method="cash", amount=5_000), Payment(method="card")]
    paid = pay_invoice(invoice, means=means, actor=actor)
    assert (paid.status, balance(invoice)) == ("paid", 0)
    number = paid.number
    assert payments() == [("cash", 5_000, number, "GBP"), ("card", 5_000, number, "GBP")]


def test_a_part_leaves_the_rest_to_be_paid(invoice: Invoice, actor: Actor) -> None:
    paid = pay_invoice(invoice, means=[Payment(method="cash", amount=1)], actor=actor)
    assert (paid.status, balance(invoice)) == ("pending", 9_999)


def test_money_pays_one_invoice_after_the_other(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    second = AnInvoice(company=studio, customer=customer, amount=500)
    pay_invoices([invoice, second], means=[Payment(method="cash", amount=10_200)], actor=actor)
    assert (balance(invoice), balance(second)) == (0, 300)
    assert [amount for _, amount, *_ in payments()] == [10_000, 200]


def test_more_than_is_owed_is_refused_or_kept_as_a_credit(
    invoice: Invoice, customer: Customer, actor: Actor
) -> None:
    means = [Payment(method="cash", amount=4_000), Payment(method="card", amount=6_001)]
    with pytest.raises(MoreThanOwed, match=r"Send up to £60.00, .* got £60.01\."):
        pay_invoice(invoice, means=means, actor=actor)
    assert (payments(), balance(invoice)) == ([], 10_000)
    means = [Payment(method="cash", amount=4_000), Payment(method="card", amount=7_500)]
    paid = pay_invoice(invoice, means=means, keep_excess_as_credit=True, actor=actor)
    assert payments() == [
        ("cash", 4_000, paid.number, "GBP"),
        ("card", 6_000, paid.number, "GBP"),
        ("card", 1_500, None, "GBP"),
    ]
    kept = Credit.objects.get()
    assert (kept.customer_id, kept.balance, kept.revenue) == (customer.pk, 1_500, 1_500)
    assert str(kept.coupon) == f"Paid too much for {paid.number}"
    assert paid.status == "paid"


def test_a_credit_pays_what_it_holds_and_money_the_rest(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=1_500)
    paid = pay_invoice(invoice, means=[credit, Payment(method="cash")], actor=actor)
    assert (paid.covered, paid.status) == (1_500, "paid")
    assert [amount for _, amount, *_ in payments()] == [8_500]
    use = Entry.objects.uses().get()
    assert (use.amount, use.covered, use.reference) == (-1_500, 1_500, f"inv_{invoice.pk.hex}")
    with pytest.raises(InvoiceIsPaid):
        pay_invoice(invoice, means=[Payment(method="cash")], actor=actor)


def test_a_part_of_a_credit_pays_and_the_rest_stays(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=20_000)
    pay_invoice(invoice, means=[CreditPart(credit, 300)], actor=actor)
    credit.refresh_from_db()
    assert (credit.balance, balance(invoice)) == (19_700, 9_700)
    with pytest.raises(MoreThanOwed):
        pay_invoice(invoice, means=[CreditPart(credit, 9_701)], actor=actor)
    pay_invoice(invoice, means=[credit], actor=actor)
    credit.refresh_from_db()
    assert (credit.balance, balance(invoice)) == (10_000, 0)
    base = f"inv_{invoice.pk.hex}"
    assert references(invoice) == [base, f"{base}/2"]


def test_one_percentage_is_taken_off_each_invoice(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    halves = [ACredit(**own, percentage=50) for _ in range(2)]
    with pytest.raises(OnePercentage):
        pay_invoice(invoice, means=halves, actor=actor)
    second = AnInvoice(**own, amount=500)
    pay_invoices([invoice, second], means=halves, actor=actor)
    assert (balance(invoice), balance(second)) == (5_000, 250)


@pytest.mark.parametrize("terms", [{"amount": 1_000}, {"percentage": 10}])
def test_a_credit_that_was_given_back_pays_for_the_same_invoice_again(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor, terms: dict[str, int]
) -> None:
    credit = ACredit(company=studio, customer=customer, **terms)
    for _ in range(3):
        pay_invoice(invoice, means=[credit], actor=actor)
        use = Entry.objects.paying_for(invoice).standing().get()
        reverse_redemption(use, reason="Taken back", actor=actor)
    base = f"inv_{invoice.pk.hex}"
    assert references(invoice) == [base, f"{base}/2", f"{base}/3"]
    assert check_ledger(studio.id)[0] == []
    pay_invoice(invoice, means=[credit], actor=actor)
    return_credits(invoice, reason="Void", actor=actor)
    assert not Entry.objects.paying_for(invoice).standing().exists()
    assert void_invoice(invoice, actor=actor).status == "void"
    assert check_ledger(studio.id)[0] == []


def test_a_percentage_is_taken_off_an_invoice_once(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    own: dict[str, Any] = {"company": studio, "customer": customer}
    tenth = ACredit(**own, percentage=10, multi_use=True)
    pay_invoice(invoice, means=[tenth], actor=actor)
    with pytest.raises(OnePercentage):
        pay_invoice(invoice, means=[tenth], actor=actor)
    pay_invoice(AnInvoice(**own), means=[tenth], actor=actor)
    assert len(references(invoice)) == 1


def test_a_credit_for_one_visit_does_not_pay_for_ten(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, offering="Massage")
    line = InvoiceLine(description="Massage", quantity=10, unit_price=500)
    draft = create_invoice(Invoice(customer=customer), lines=[line], actor=actor)
    ten = issue_invoice(draft, actor=actor)
    with pytest.raises(OtherOffering):
        pay_invoice(ten, means=[credit], actor=actor)
    assert balance(ten) == 5_000


def test_a_percentage_and_an_offering_pay_for_an_invoice(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    own = {"company": studio, "customer": customer}
    quarter, visits = ACredit(**own, percentage=25), ACredit(**own, offering="Ten visits")
    pay_invoice(invoice, means=[quarter, visits], actor=actor)
    assert balance(invoice) == 0
    assert sorted(Entry.objects.uses().values_list("covered", flat=True)) == [2_500, 7_500]


@pytest.mark.parametrize(
    ("terms", "most", "refusal"),
    [
        ({"offering": "Massage"}, None, OtherOffering),
        ({"percentage": 10}, 5, AmountNotTaken),
        ({"amount": 5}, 6, NotEnough),
    ],
)
def test_what_does_not_fit_pays_nothing(
    studio: Company,
    customer: Customer,
    invoice: Invoice,
    actor: Actor,
    terms: dict[str, Any],
    most: int | None,
    refusal: type[Exception],
) -> None:
    credit = ACredit(company=studio, customer=customer, **terms)
    means = credit if most is None else CreditPart(credit, most)
    with pytest.raises(refusal):
        pay_invoice(invoice, means=[means], actor=actor)
    assert balance(invoice) == 10_000


def test_a_credit_of_another_customer_or_currency_or_with_nothing_left_pays_nothing(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    with pytest.raises(NotTheirHolding):
        pay_invoice(invoice, means=[ACredit(company=studio, amount=5)], actor=actor)
    own = {"company": studio, "customer": customer}
    dollars = AnInvoice(**own, currency="USD")
    with pytest.raises(OtherCurrency):
        pay_invoice(dollars, means=[ACredit(**own, amount=5)], actor=actor)
    with pytest.raises(OtherCurrency):
        pay_invoices([invoice, dollars], means=[Payment(method="cash")], actor=actor)
    used = ACredit(**own, amount=5)
    pay_invoice(invoice, means=[used], actor=actor)
    with pytest.raises(UsedUp):
        pay_invoice(AnInvoice(**own), means=[used], actor=actor)


def test_an_archived_customer_pays_with_money_and_with_no_credit(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=5)
    archive_customer(customer, actor=actor)
    with pytest.raises(CustomerArchived):
        pay_invoice(invoice, means=[credit], actor=actor)
    assert pay_invoice(invoice, means=[Payment(method="cash")], actor=actor).status == "paid"


def test_a_failed_attempt_pays_nothing(invoice: Invoice, actor: Actor) -> None:
    failed = Payment(method="card", status="failed")
    pay_invoice(invoice, means=[failed], actor=actor)
    assert (balance(invoice), failed.amount, failed.invoice_id) == (10_000, 10_000, invoice.pk)


def test_a_credit_that_is_given_back_writes_a_credit_note(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, percentage=25)
    pay_invoice(invoice, means=[credit], actor=actor)
    with pytest.raises(InvoiceHasPayments):
        void_invoice(invoice, actor=actor)
    reverse_redemption(Entry.objects.uses().get(), reason="Taken back", actor=actor)
    note = CreditNote.objects.get()
    assert (note.kind, note.total, note.reason) == ("returned", 2_500, "Taken back")
    credit.refresh_from_db()
    assert credit.redeemed_at is None
    assert void_invoice(invoice, actor=actor).status == "void"


def test_staff_give_back_what_credits_paid_within_the_limit_of_a_refund(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    desk = make_staff(studio, email="d@studio.example", role="front_desk").actor_in(studio)
    own: dict[str, Any] = {"company": studio, "customer": customer}
    first, second, gone = (ACredit(**own, amount=amount) for amount in (600, 500, 400))
    with pytest.raises(AlreadyReversed, match="No credit has paid"):
        give_back_credits(invoice, reason="Wrong", actor=desk)
    pay_invoice(invoice, means=[gone, CreditPart(first, 599)], actor=actor)
    revoke_credit(first, actor=actor)
    Company.objects.filter(pk=studio.pk).update(refund_limit=1_000)
    with pytest.raises(ReasonMissing):
        give_back_credits(invoice, reason=" ", actor=desk)
    archive_customer(customer, actor=actor)
    give_back_credits(invoice, reason="Wrong", actor=desk)
    assert [Credit.objects.get(pk=one.pk).balance for one in (first, gone)] == [0, 400]
    with pytest.raises(HasEnded):
        give_back_credits(invoice, reason="Wrong", actor=desk)
    restore_customer(customer, actor=actor)
    pay_invoice(invoice, means=[CreditPart(second, 500), CreditPart(gone, 101)], actor=actor)
    with pytest.raises(AboveRoleLimit, match=r"£6\.01, with £4\.00 before it, is above"):
        give_back_credits(invoice, reason="Wrong", actor=desk)
    give_back_credits(invoice, reason="Wrong", actor=actor)
    assert check_ledger(studio.id)[0] == []


def test_invoices_of_two_customers_are_not_paid_together(
    studio: Company, invoice: Invoice, actor: Actor
) -> None:
    other = AnInvoice(company=studio, customer=ACustomer(company=studio))
    with pytest.raises(NotTheirHolding):
        pay_invoices([invoice, other], means=[Payment(method="cash")], actor=actor)


def test_an_invoice_that_an_ended_credit_paid_is_not_voided_and_leads_to_reducing(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    credit = ACredit(company=studio, customer=customer, amount=2_000)
    pay_invoice(invoice, means=[CreditPart(credit, 300)], actor=actor)
    revoke_credit(credit, reason="A mistake", actor=actor)
    with pytest.raises(InvoiceHasPayments, match="cannot be given back: reduce what is left"):
        void_invoice(invoice, actor=actor)
    reduce_invoice(invoice, reason="A mistake", actor=actor)
    assert balance(invoice) == 0
