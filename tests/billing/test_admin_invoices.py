"""Invoices, payments and what they are paid with, in the back-office."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from billing.models import Invoice, InvoiceLine, Payment, PaymentMethod
from config.access.models import Company
from config.access.tenancy import acting_for
from config.changes.models import Change
from tests.backoffice import Browser, count, errors, fresh, page_of, staff_changes
from tests.bulk import done, reasons
from tests.factories import (
    ACustomer,
    AnInvoice,
    APayment,
    APaymentMethod,
    ASubscription,
)

LIST = "/admin/billing/{}/"
ADD = "/admin/billing/{}/add/"


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz")


def only(model: Any, company: Company) -> Any:
    with acting_for(company.id):
        return model.objects.select_related("customer").get()


def status_of(invoice: Any) -> str:
    with acting_for(invoice.company_id):
        return Invoice.objects.with_standing().get(pk=invoice.pk).status


# --- Invoices ---


def lines(**more: str) -> dict[str, str]:
    return {
        "lines-0-description": "Ten visits",
        "lines-0-quantity": "2",
        "lines-0-unit_price": "10.25",
        **more,
    }


def test_an_invoice_is_drafted_with_its_lines_then_issued(
    browser: Browser, studio: Company, customer: Any
) -> None:
    answer = browser.send(
        ADD.format("invoice"),
        customer=str(customer.pk),
        tax_rate="20",
        discount="0.50",
        **lines(**{"lines-2-description": "Mat", "lines-2-unit_price": "3"}),
    )
    draft = only(Invoice, studio)
    assert answer["Location"] == page_of(draft)
    assert (draft.subtotal, draft.discount, draft.tax, draft.total) == (2_350, 50, 460, 2_760)
    assert (draft.number, status_of(draft)) == ("", "draft")
    with acting_for(studio.id):
        found = InvoiceLine.objects.order_by("position").values_list("description", "total")
        assert list(found) == [("Ten visits", 2_050), ("Mat", 300)]
    browser.press(page_of(draft), "issue")
    issued = fresh(draft)
    page = browser.get(page_of(draft)).text
    for text in (issued.number, "£27.60", "£10.25", "Ten visits", "Mat"):
        assert text in page
    assert 'name="discount"' not in page
    assert browser.post(page_of(draft), discount="5").status_code == 403


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({}, "__all__", "An invoice has at least one line."),
        (
            lines() | {"discount": "99"},
            "discount",
            "The discount is more than the lines come to.",
        ),
        (
            lines(**{"lines-0-description": "4242 4242 4242 4242"}),
            "__all__",
            "This holds a card number, which is never kept here.",
        ),
    ],
)
def test_a_refused_invoice_is_told_once_with_its_lines_kept(
    changes: dict[str, str],
    field: str,
    sentence: str,
    browser: Browser,
    studio: Company,
    customer: Any,
) -> None:
    answer = browser.send(ADD.format("invoice"), customer=str(customer.pk), **changes)
    assert errors(answer) == {field: [sentence]}
    assert answer.text.count(sentence) == 1
    for text in changes.values():
        assert f'value="{text}"' in answer.text
    assert count(Invoice, studio) == count(InvoiceLine, studio) == 0
    assert staff_changes() == []


def test_a_line_without_a_price_is_told_at_the_line(
    browser: Browser, studio: Company, customer: Any
) -> None:
    answer = browser.send(
        ADD.format("invoice"), customer=str(customer.pk), **{"lines-0-description": "Mat"}
    )
    assert answer.text.count("This field is required.") == 1
    assert count(Invoice, studio) == 0


def test_an_invoice_shows_its_payments_and_is_not_voided_while_money_is_kept(
    browser: Browser, studio: Company, customer: Any
) -> None:
    invoice = AnInvoice(company=studio, customer=customer, amount=10_000)
    APayment(company=studio, customer=customer, invoice=invoice, amount=2_500, reference="till 7")
    page = browser.get(page_of(invoice)).text
    for text in ("£100.00", "£75.00", "£25.00", "till 7"):
        assert text in page
    answer = browser.press(page_of(invoice), "void", reason="Written twice")
    sentence = "Money has been taken for this invoice: refund it before you void it."
    assert answer.text.count(sentence) == 1
    assert fresh(invoice).voided_at is None


def test_an_invoice_is_voided_after_a_question(
    browser: Browser, studio: Company, customer: Any
) -> None:
    invoice = AnInvoice(company=studio, customer=customer)
    assert "does not come back" in browser.get(page_of(invoice).replace("change", "void")).text
    assert fresh(invoice).voided_at is None
    unsaid = browser.press(page_of(invoice), "void")
    assert unsaid.text.count("This field is required.") == 1
    assert fresh(invoice).voided_at is None
    browser.press(page_of(invoice), "void", reason="Written twice")
    assert status_of(invoice) == "void"
    with acting_for(studio.id):
        change = Change.objects.of_object(invoice.pk).order_by("id").last()
    assert (change.reason, change.actor_name) == ("Written twice", "Olive Owner")


def test_many_drafts_are_issued_at_once(browser: Browser, studio: Company, customer: Any) -> None:
    drafts = [AnInvoice(company=studio, customer=customer, draft=True) for _ in range(2)]
    issued = AnInvoice(company=studio, customer=customer)
    job = done(browser, LIST.format("invoice"), "issue", *drafts, issued)
    assert job.result == {"done": 2, "refused": 1}
    ((name, why),) = reasons(job)
    assert (name, why.partition(".")[0]) == (issued.number, "This invoice is issued already")
    assert {status_of(draft) for draft in drafts} == {"pending"}


def test_invoices_are_found_by_number_customer_and_status(
    browser: Browser, studio: Company, customer: Any
) -> None:
    issued = AnInvoice(company=studio, customer=customer)
    draft = AnInvoice(company=studio, customer=ACustomer(company=studio), draft=True)
    for query in ({"q": issued.number.lower()}, {"q": "diaz"}, {"status": "pending"}):
        page = browser.get(LIST.format("invoice"), **query).text
        assert (str(issued.pk) in page, str(draft.pk) in page) == (True, False), query


# --- Payments and what they are paid with ---


def test_payments_are_read_and_never_written_here(
    browser: Browser, studio: Company, customer: Any
) -> None:
    payment = APayment(company=studio, customer=customer, amount=1_234)
    assert "£12.34" in browser.get(LIST.format("payment")).text
    assert "£12.34" in browser.get(page_of(payment)).text
    assert browser.post(page_of(payment), amount="1").status_code == 403
    assert browser.post(ADD.format("payment"), amount="1").status_code == 403
    assert fresh(payment).amount == 1_234
    assert count(Payment, studio) == 1


def test_a_payment_method_is_shown_without_its_token(
    browser: Browser, studio: Company, customer: Any
) -> None:
    method = APaymentMethod(company=studio, customer=customer, token="tok_very_secret")
    pages = [LIST.format("paymentmethod"), page_of(method)]
    for page in [*pages, page_of(method).replace("change", "history")]:
        assert "tok_very_secret" not in browser.get(page).text
    assert "4242" in browser.get(page_of(method)).text
    assert browser.post(page_of(method), brand="other").status_code == 403


def test_a_payment_method_is_made_the_default_and_archived(
    browser: Browser, studio: Company, customer: Any
) -> None:
    first, second = (APaymentMethod(company=studio, customer=customer) for _ in range(2))
    browser.press(page_of(second), "prefer")
    assert (fresh(first).is_default, fresh(second).is_default) == (False, True)
    browser.press(page_of(second), "archive")
    assert (fresh(first).is_default, fresh(second).is_archived) == (True, True)
    page = browser.get(page_of(second)).text
    assert "This was removed." in page
    assert "/archive/" not in page
    with acting_for(studio.id):
        assert PaymentMethod.objects.count() == 2


# --- All lists ---


@pytest.mark.parametrize("model", ["plan", "subscription", "invoice", "payment", "paymentmethod"])
def test_a_list_takes_as_many_statements_for_many_rows_as_for_few(
    model: str, browser: Browser, studio: Company
) -> None:
    def fill(times: int) -> None:
        for _ in range(times):
            customer = ACustomer(company=studio)
            ASubscription(company=studio, customer=customer)
            invoice = AnInvoice(company=studio, customer=customer)
            APayment(company=studio, customer=customer, invoice=invoice, amount=100)
            APaymentMethod(company=studio, customer=customer)

    def statements() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(LIST.format(model)).status_code == 200
        return len(captured)

    fill(2)
    statements()
    few = statements()
    fill(6)
    assert statements() == few
