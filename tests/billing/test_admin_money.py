"""Payments, refunds, reductions, credit notes and voided invoices in the back-office."""

from typing import Any

import pytest

from billing.models import CreditNote, Invoice, Payment
from bookings.actions import pay_invoice
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits.actions import CreditPart, revoke_credit
from credits.models import Credit
from tests.backoffice import Browser, count, fresh, only, page_of, said
from tests.factories import (
    ACredit,
    AMediaPurchase,
    AnAppointment,
    AnInvoice,
    APayment,
    APaymentMethod,
    act,
)


@pytest.fixture
def invoice(studio: Company, customer: Any) -> Invoice:
    return AnInvoice(company=studio, customer=customer)


def address(row: Any, button: str) -> str:
    return page_of(row).replace("change", button)


def test_a_part_of_a_payment_is_refunded_from_the_customers_page(
    browser: Browser, studio: Company, customer: Any, invoice: Invoice
) -> None:
    payment = APayment(company=studio, invoice=invoice, amount=10_000, method="card")
    # The first of four clicks; the second opens the form and the third submits it.
    assert page_of(payment) in browser.get(page_of(customer)).text
    assert address(payment, "refund") in browser.get(page_of(payment)).text
    form = browser.get(address(payment, "refund")).text
    for text in ("£100.00 of £100.00", "moving the money is up to you", "As it was paid: card"):
        assert text in form
    assert 'value="100.00"' in form
    answer = browser.send(address(payment, "refund"), amount="30.00", method="", reason="Fell ill")
    assert answer["Location"] == page_of(customer)
    note = only(CreditNote, studio)
    assert said(answer) == [f"£30.00 given back: credit note {note.number}."]
    assert (note.total, note.reason) == (3_000, "Fell ill")
    with acting_for(studio.id):
        refund = Payment.objects.given_back().get()
        assert (refund.amount, refund.method, refund.reason) == (3_000, "card", "Fell ill")
    assert "£70.00" in browser.get(page_of(payment)).text
    browser.send(address(payment, "refund"), amount="70.00", method="cash", reason="The rest")
    assert address(payment, "refund") not in browser.get(page_of(payment)).text


def test_a_refund_says_what_is_wrong_with_it(
    browser: Browser, studio: Company, customer: Any
) -> None:
    payment = APayment(company=studio, customer=customer, amount=1_000)
    for sent, field in (
        ({"amount": "10.00"}, "reason"),
        ({"reason": "x", "amount": "0"}, "amount"),
        ({"reason": "x", "amount": "10.01"}, "amount"),
        ({"reason": "x", "amount": "ten"}, "amount"),
    ):
        answer = browser.send(address(payment, "refund"), method="", **sent)
        assert set(answer.context["form"].errors) == {field}, sent
    answer = browser.send(address(payment, "refund"), method="", reason="x", amount="10.01")
    assert dict(answer.context["form"].errors) == {
        "amount": ["Write an amount up to £10.00; got £10.01."]
    }
    assert count(Payment, studio) == 1


def test_a_payment_without_an_invoice_is_refunded_too(
    browser: Browser, studio: Company, customer: Any
) -> None:
    payment = APayment(company=studio, customer=customer, amount=1_000)
    answer = browser.send(address(payment, "refund"), amount="10.00", method="", reason="Twice")
    assert said(answer) == ["£10.00 given back."]
    assert count(CreditNote, studio) == 0


def test_two_of_one_form_refund_once(browser: Browser, studio: Company, customer: Any) -> None:
    payment = APayment(company=studio, customer=customer, amount=1_000)
    sent = browser.form(address(payment, "refund")).values
    sent |= {"amount": "4.00", "method": "", "reason": "Twice"}
    for _ in range(2):
        browser.post(address(payment, "refund"), **sent)
    assert count(Payment, studio) == 2


def test_an_invoice_is_paid_in_parts(
    browser: Browser, studio: Company, customer: Any, invoice: Invoice
) -> None:
    card = APaymentMethod(company=studio, customer=customer)
    form = browser.get(address(invoice, "pay")).text
    assert 'value="100.00"' in form
    assert "moving the money is up to you" in form
    browser.send(address(invoice, "pay"), amount="40.00", paid_with="cash", reference="")
    assert fresh(invoice).paid_at is None
    assert "£60.00" in browser.get(page_of(invoice)).text
    more = browser.send(address(invoice, "pay"), amount="60.01", paid_with="cash", reference="")
    assert dict(more.context["form"].errors) == {
        "amount": ["Write an amount up to £60.00; got £60.01."]
    }
    browser.send(
        address(invoice, "pay"), amount="60.00", paid_with=f"method:{card.pk}", reference="ch_1"
    )
    assert fresh(invoice).paid_at is not None
    with acting_for(studio.id):
        paid = Payment.objects.order_by("id").values_list("amount", "method", "reference")
        assert list(paid) == [(4_000, "cash", ""), (6_000, "card", "ch_1")]
    assert address(invoice, "pay") not in browser.get(page_of(invoice)).text


def test_an_invoice_is_reduced_and_written_off(
    browser: Browser, studio: Company, invoice: Invoice
) -> None:
    browser.send(address(invoice, "reduce"), amount="15.00", reason="Cold room")
    browser.send(address(invoice, "write-off"), amount="85.00", reason="Moved away")
    assert fresh(invoice).reduced == 10_000
    page = browser.get(page_of(invoice)).text
    with acting_for(studio.id):
        notes = list(CreditNote.objects.order_by("number"))
    assert [(note.kind, note.total) for note in notes] == [
        ("reduction", 1_500),
        ("write_off", 8_500),
    ]
    for note in notes:
        assert note.number in page
        read = browser.get(page_of(note)).text
        assert note.reason in read
        assert invoice.number in read


def test_credits_that_paid_for_an_invoice_are_given_back_from_its_page(
    browser: Browser, studio: Company, customer: Any, invoice: Invoice
) -> None:
    assert address(invoice, "give-back") not in browser.get(page_of(invoice)).text
    own = {"company": studio, "customer": customer}
    credit, tenth = ACredit(**own, amount=2_500, name="Voucher"), ACredit(**own, percentage=10)
    act(studio, pay_invoice, invoice, means=[credit, tenth])
    assert address(invoice, "give-back") in browser.get(page_of(invoice)).text
    page = browser.get(address(invoice, "void")).text
    assert "Credits have paid for this invoice. Give them back first, then void it." in page
    assert f'href="{address(invoice, "give-back")}"' in page
    for text in ("Voucher", "£25.00", "£7.50"):
        assert text in page
        assert text in browser.get(address(invoice, "give-back")).text
    refused = browser.send(address(invoice, "give-back"), reason="")
    assert set(refused.context["form"].errors) == {"reason"}
    answer = browser.send(address(invoice, "give-back"), reason="The wrong invoice")
    assert said(answer) == [
        f"Credits that paid for {invoice.number} given back to {customer.display_name}."
    ]
    assert (fresh(credit).balance, fresh(tenth).redeemed_at) == (2_500, None)
    with acting_for(studio.id):
        notes = CreditNote.objects.order_by("total").values_list("kind", "total", "reason")
        assert list(notes) == [
            ("returned", 750, "The wrong invoice"),
            ("returned", 2_500, "The wrong invoice"),
        ]
    assert address(invoice, "give-back") not in browser.get(page_of(invoice)).text
    browser.send(address(invoice, "void"), reason="Wrong customer")
    assert fresh(invoice).voided_at is not None


def test_voiding_what_a_credit_paid_that_has_ended_leads_to_what_works(
    browser: Browser, studio: Company, customer: Any, invoice: Invoice
) -> None:
    own = {"company": studio, "customer": customer}
    voucher, tenth = ACredit(**own, amount=2_500, name="Voucher"), ACredit(**own, percentage=10)
    act(studio, pay_invoice, invoice, means=[tenth, CreditPart(voucher, 1_000)])
    act(studio, revoke_credit, voucher)
    page = browser.get(address(invoice, "void"))
    for text in (
        "A credit paid £10.00 of this invoice and has ended since.",
        "Reduce the invoice by the £80.00 that is left",
        f'href="{address(invoice, "reduce")}"',
        f'href="/admin/credits/goodwill/add/?customer={customer.pk}"',
        "Voucher",
    ):
        assert text in page.text, text
    assert "first, then void it" not in page.text
    assert page.context["form"].is_blocked
    assert 'class="answers' in page.text
    assert ">Void<" not in page.text.replace("\n", "").replace("  ", "")
    assert said(browser.post(address(invoice, "void"))) != []
    assert fresh(invoice).voided_at is None
    browser.send(address(invoice, "reduce"), amount="80.00", reason="It was a mistake")
    assert fresh(invoice).paid_at is not None
    assert "that is left" not in browser.get(address(invoice, "void")).text


def test_voiding_a_paid_invoice_leads_to_its_refunds(
    browser: Browser, studio: Company, invoice: Invoice
) -> None:
    payment = APayment(company=studio, invoice=invoice, amount=2_500)
    page = browser.get(address(invoice, "void")).text
    assert "Refund it first, then void it." in page
    assert f'href="{address(payment, "refund")}"' in page
    browser.send(address(payment, "refund"), amount="25.00", method="", reason="Void")
    assert "cannot be brought back" in browser.get(address(invoice, "void")).text
    browser.send(address(invoice, "void"), reason="Wrong customer")
    assert fresh(invoice).voided_at is not None


def test_voiding_says_which_booking_or_video_is_to_be_paid_again(
    browser: Browser, studio: Company, customer: Any, invoice: Invoice
) -> None:
    assert "returns to" not in browser.get(address(invoice, "void")).text
    booking = AnAppointment(company=studio, customer=customer, means=Invoice())
    video = AMediaPurchase(company=studio, customer=customer, means=Invoice())
    for row, name in ((booking, "Massage"), (video, "Morning stretch")):
        text = f"{name} is to be paid again: it returns to “To pay”."
        assert text in browser.get(address(row.invoice, "void")).text


def test_of_a_kept_payment_what_its_credit_paid_cannot_go_back(
    browser: Browser, studio: Company, customer: Any, invoice: Invoice
) -> None:
    paid = Payment(method="cash", amount=13_000)
    act(studio, pay_invoice, invoice, means=[paid], keep_excess_as_credit=True)
    credit = only(Credit, studio)
    with acting_for(studio.id):
        payment = Payment.objects.get(pk=credit.payment_id)
    other = AnInvoice(company=studio, customer=customer, amount=1_000)
    act(studio, pay_invoice, other, means=[credit])
    assert "£20.00 of £30.00" in browser.get(address(payment, "refund")).text
    browser.send(address(payment, "refund"), amount="5.00", method="", reason="Asked for it")
    assert "£15.00 of £30.00" in browser.get(address(payment, "refund")).text
    act(studio, revoke_credit, credit)
    assert "£15.00 of £30.00" in browser.get(address(payment, "refund")).text
    browser.send(address(payment, "refund"), amount="15.00", method="", reason="The rest")
    assert address(payment, "refund") not in browser.get(page_of(payment)).text
