"""Invoices, payments and means of payment in the back-office."""

from typing import Any

from billing.models import Invoice, InvoiceLine, Payment, PaymentMethod
from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.backoffice import Browser, count, errors, fresh, only, page_of, said, staff_changes
from tests.bulk import done, reasons
from tests.factories import ACustomer, AnInvoice, APayment, APaymentMethod

LIST = "/admin/billing/{}/"
ADD = "/admin/billing/{}/add/"


def status_of(invoice: Any) -> str:
    with acting_for(invoice.company_id):
        return Invoice.objects.with_standing().get(pk=invoice.pk).status


def lines(**more: str) -> dict[str, str]:
    return {
        "lines-0-description": "Ten visits",
        "lines-0-quantity": "2",
        "lines-0-unit_price": "10.25",
        **more,
    }


def test_an_invoice_is_drafted_and_issued(browser: Browser, studio: Company, customer: Any) -> None:
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


def test_refused_invoices_keep_all_lines(browser: Browser, studio: Company, customer: Any) -> None:
    card = "4242 4242 4242 4242"
    dear = "The discount is more than the lines come to. Take off no more than the subtotal."
    cases: list[tuple[dict[str, str], dict[str, list[str]], str]] = [
        ({}, {"__all__": ["An invoice needs at least one line."]}, "at least one line."),
        (lines() | {"discount": "99"}, {"discount": [dear]}, dear),
        (
            lines() | {"lines-0-description": card},
            {},
            "This contains a card number, which is never",
        ),
        ({"lines-0-description": "Mat"}, {}, "This field is required."),
    ]
    for typed, told, sentence in cases:
        answer = browser.send(ADD.format("invoice"), customer=str(customer.pk), **typed)
        assert errors(answer) == told
        assert answer.text.count(sentence) == 1
        for text in typed.values():
            assert f'value="{text}"' in answer.text
    assert count(Invoice, studio) == count(InvoiceLine, studio) == 0
    assert staff_changes() == []


def test_an_invoice_is_voided_after_a_question_and_not_while_money_is_kept(
    browser: Browser, studio: Company, customer: Any
) -> None:
    invoice = AnInvoice(company=studio, customer=customer)
    assert "cannot be brought back" in browser.get(page_of(invoice).replace("change", "void")).text
    assert fresh(invoice).voided_at is None
    unsaid = browser.press(page_of(invoice), "void")
    assert unsaid.text.count("This field is required.") == 1
    assert fresh(invoice).voided_at is None
    browser.press(page_of(invoice), "void", reason="Written twice")
    assert status_of(invoice) == "void"
    with acting_for(studio.id):
        change = Change.objects.of_object(invoice.pk).order_by("id").last()
    assert (change.reason, change.actor_name) == ("Written twice", "Olive Owner")
    paid = AnInvoice(company=studio, customer=customer, amount=10_000)
    APayment(company=studio, customer=customer, invoice=paid, amount=2_500, reference="till 7")
    page = browser.get(page_of(paid)).text
    for text in ("£100.00", "£75.00", "£25.00", "till 7"):
        assert text in page
    refused = browser.press(page_of(paid), "void", reason="Written twice")
    (sentence,) = said(refused)
    assert sentence.startswith("£25.00 of what was paid for this invoice is kept. Refund each")
    assert fresh(paid).voided_at is None


def test_many_drafts_are_issued_at_once(browser: Browser, studio: Company, customer: Any) -> None:
    drafts = [AnInvoice(company=studio, customer=customer, draft=True) for _ in range(2)]
    issued = AnInvoice(company=studio, customer=customer)
    job = done(browser, LIST.format("invoice"), "issue", *drafts, issued)
    assert job.result == {"done": 2, "refused": 1}
    ((name, why),) = reasons(job)
    told = f"This invoice is issued as {issued.number}"
    assert (name, why.partition(".")[0]) == (issued.number, told)
    assert {status_of(draft) for draft in drafts} == {"pending"}


def test_invoices_are_found_and_filtered(browser: Browser, studio: Company, customer: Any) -> None:
    issued = AnInvoice(company=studio, customer=customer)
    draft = AnInvoice(company=studio, customer=ACustomer(company=studio), draft=True)
    for query in ({"q": issued.number.lower()}, {"q": "diaz"}, {"status": "pending"}):
        page = browser.get(LIST.format("invoice"), **query).text
        assert (str(issued.pk) in page, str(draft.pk) in page) == (True, False), query


def test_payments_and_cards_are_read_here(browser: Browser, studio: Company, customer: Any) -> None:
    payment = APayment(company=studio, customer=customer, amount=1_234)
    assert "£12.34" in browser.get(LIST.format("payment")).text
    assert "£12.34" in browser.get(page_of(payment)).text
    assert browser.post(page_of(payment), amount="1").status_code == 403
    assert browser.post(ADD.format("payment"), amount="1").status_code == 403
    assert fresh(payment).amount == 1_234
    assert count(Payment, studio) == 1
    method = APaymentMethod(company=studio, customer=customer, token="tok_very_secret")
    for page in (
        LIST.format("paymentmethod"),
        page_of(method),
        page_of(method).replace("change", "history"),
    ):
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
    assert "This payment method is archived. Restore it to use it again." in page
    assert "/archive/" not in page
    with acting_for(studio.id):
        assert PaymentMethod.objects.count() == 2
