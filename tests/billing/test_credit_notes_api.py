"""Credit notes, reductions and lists of money on v1."""

from typing import Any

import pytest

from billing.models import Invoice
from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACustomer, AnInvoice, APayment, APlace
from tests.refusals import refusal, whole_refusal


@pytest.fixture
def invoice(studio: Company, customer: Customer) -> Invoice:
    """An invoice of the customer for 120.00, of which 20.00 is tax."""
    return AnInvoice(company=studio, customer=customer, tax_rate=20)


def test_a_refund_shows_its_credit_note(
    integrator: Caller, studio: Company, customer: Customer, invoice: Invoice
) -> None:
    payment = APayment(company=studio, invoice=invoice, amount=12_000)
    refund = integrator.post(
        f"/v1/payments/{payment.id}/refunds", {"amount": 3_000, "reason": "Fell ill"}
    ).body
    listed = integrator.get(f"/v1/invoices/{invoice.id}/credit-notes")
    (note,) = listed.body["data"]
    assert note == {
        "id": note["id"],
        "number": note["number"],
        "kind": "refund",
        "customer_id": f"cust_{customer.id.hex}",
        "invoice_id": f"inv_{invoice.id.hex}",
        "invoice_number": invoice.number,
        "refund_id": refund["id"],
        "currency": "GBP",
        "total": 3_000,
        "tax": 500,
        "taxes": [{"tax_rate": 20, "tax_behavior": "exclusive", "amount": 2_500, "tax": 500}],
        "reason": "Fell ill",
        "issued_at": note["issued_at"],
    }
    assert note["id"].startswith("cn_")
    assert note["number"] == f"CN-{note['issued_at'][:4]}-00001"
    read = integrator.get(f"/v1/credit-notes/{note['id']}")
    assert (read.status, read.body) == (200, note)


def test_an_invoice_is_reduced_and_written_off(integrator: Caller, invoice: Invoice) -> None:
    path = f"/v1/invoices/{invoice.id}"
    facts = ("status", "amount_paid", "amount_covered", "amount_reduced", "balance")
    less = integrator.post(f"{path}/reduce", {"amount": 2_000, "reason": "Late"})
    assert less.status == 200
    assert [less.body[name] for name in facts] == ["pending", 0, 0, 2_000, 10_000]
    over = integrator.post(f"{path}/write-off", {"reason": "Moved away"})
    assert [over.body[name] for name in facts] == ["paid", 0, 0, 12_000, 0]
    notes = integrator.get(f"{path}/credit-notes").body["data"]
    assert [(note["kind"], note["total"], note["tax"]) for note in notes] == [
        ("write_off", 10_000, 1_667),
        ("reduction", 2_000, 333),
    ]


def test_a_reduction_is_refused_in_words(integrator: Caller, invoice: Invoice) -> None:
    path = f"/v1/invoices/{invoice.id}/reduce"
    assert refusal(integrator.post(path, {})) == (400, "missing_field", "reason")
    assert refusal(integrator.post(path, {"reason": " "})) == (422, "invalid", "reason")
    assert refusal(integrator.post(path, {"reason": "x", "amount": 0})) == (
        422,
        "invalid",
        "amount",
    )
    assert refusal(integrator.post(path, {"reason": "x", "much": 1})) == (
        400,
        "unknown_field",
        "much",
    )
    more = integrator.post(path, {"reason": "x", "amount": 12_001})
    message = (
        "Send up to £120.00, the balance of the invoice; got £120.01. In the smallest unit of "
        "GBP: up to 12,000; got 12,001."
    )
    assert whole_refusal(more) == (409, "more_than_owed", message, "amount")


def ids(answer: Any) -> list[str]:
    assert answer.status == 200
    return [one["id"] for one in answer.body["data"]]


def test_payments_are_listed_and_filtered(
    integrator: Caller, studio: Company, customer: Customer, invoice: Invoice
) -> None:
    card = APayment(company=studio, invoice=invoice, amount=500, method="card")
    cash = APayment(company=studio, customer=customer, amount=700)
    failed = APayment(company=studio, customer=ACustomer(company=studio), amount=9, status="failed")
    asked = {"amount": 100, "reason": "Torn"}
    refund = integrator.post(f"/v1/payments/{card.id}/refunds", asked).body
    keys = [f"pay_{one.id.hex}" for one in (failed, cash, card)]
    every = integrator.get("/v1/payments")
    assert ids(every) == [refund["id"], *keys]
    assert every.body["pagination"]["total"] == 4
    assert every.body["data"][0] == refund
    for query, found in (
        (f"customer_id={customer.id}", [refund["id"], *keys[1:]]),
        (f"invoice_id={invoice.id}", [refund["id"], keys[2]]),
        ("kind=refund", [refund["id"]]),
        ("status=failed", keys[:1]),
        ("method=cash", keys[:2]),
        (f"taken_after={refund['taken_at']}", []),
        (f"taken_before={refund['taken_at']}", keys),
    ):
        assert ids(integrator.get(f"/v1/payments?{query}")) == found, query
    assert integrator.get("/v1/payments?kind=gift").status == 400


def test_credit_notes_are_listed_and_filtered(
    integrator: Caller, studio: Company, customer: Customer, invoice: Invoice
) -> None:
    other = AnInvoice(company=studio, customer=ACustomer(company=studio))
    for one, verb in ((invoice, "reduce"), (other, "write-off")):
        integrator.post(f"/v1/invoices/{one.id}/{verb}", {"reason": "Late", "amount": 10})
    off, less = integrator.get("/v1/credit-notes").body["data"]
    for query, found in (
        (f"customer_id={customer.id}", [less]),
        (f"invoice_id={other.id}", [off]),
        ("kind=reduction", [less]),
        (f"issued_after={less['issued_at']}", [off]),
        (f"issued_before={off['issued_at']}", [less]),
    ):
        assert integrator.get(f"/v1/credit-notes?{query}").body["data"] == found, query


def test_transactions_are_listed_and_filtered(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    mine = APlace(company=studio, customer=customer).transaction
    theirs = APlace(company=studio, customer=ACustomer(company=studio)).transaction
    keys = [f"txn_{one.id.hex}" for one in (theirs, mine)]
    assert ids(integrator.get("/v1/transactions")) == keys
    assert ids(integrator.get(f"/v1/transactions?customer_id={customer.id}")) == keys[1:]
    assert ids(integrator.get("/v1/transactions?date_from=2099-01-01")) == []
    assert ids(integrator.get("/v1/transactions?date_to=2099-01-01")) == keys
    (one,) = integrator.get(f"/v1/transactions?customer_id={customer.id}").body["data"]
    assert one == integrator.get(f"/v1/transactions/{one['id']}").body


def test_the_feed_tells_of_a_credit_note(integrator: Caller, invoice: Invoice) -> None:
    integrator.post(f"/v1/invoices/{invoice.id}/reduce", {"amount": 2_000, "reason": "Late"})
    (told,) = integrator.get("/v1/changes?types=credit_note.issued").body["data"]
    (note,) = integrator.get("/v1/credit-notes").body["data"]
    assert told["object_id"] == note["id"]
    assert told["data"]["object"] == note
    (changed,) = integrator.get("/v1/changes?types=invoice.updated").body["data"]
    assert changed["data"]["changes"] == {"amount_reduced": [0, 2_000], "balance": [12_000, 10_000]}
