"""The sums of invoices, and the invoices that the database refuses."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from billing.actions import create_invoice, issue_invoice, take_payment, void_invoice
from billing.models import Invoice, InvoiceLine, Payment
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACustomer
from tests.shares import undone

PAST = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC)


def test_tax_is_rounded_half_up_once_after_discount(integrator: Caller, customer: Customer) -> None:
    cases: list[tuple[list[int], int, str | float, int]] = [
        ([50], 0, "1", 1),  # 0.5
        ([49], 0, "1", 0),  # 0.49
        ([150], 0, "1", 2),  # 1.5
        ([250], 0, "1", 3),  # 2.5, which rounding half to even would make 2
        ([100, 50], 100, "1", 1),
        ([33, 33, 33], 0, "5.5", 5),  # 5.445 in total; rounded by line, the sum would be 6
        ([10_000], 10_000, "20", 0),
        ([1], 0, "50", 1),
        ([999_999_999_999], 0, "99.9999", 999_998_999_999),
        ([12_345], 0, "0.0001", 0),
        ([5_000_000], 0, "0.0001", 5),
        ([18_333], 0, 8.875, 1_627),
        ([18_333], 0, 20, 3_667),
    ]
    for prices, discount, rate, tax in cases:
        lines = [{"description": "x", "unit_price": price} for price in prices]
        asked = {"customer_id": str(customer.id), "line_items": lines, "discount": discount}
        body = integrator.post("/v1/invoices", asked | {"tax_rate": rate}).body
        total = sum(prices) - discount + tax
        sums = [body[name] for name in ("subtotal", "tax", "total", "balance", "amount_paid")]
        assert sums == [sum(prices), tax, total, total, 0], (prices, rate)
    fine = integrator.post("/v1/invoices", asked | {"tax_rate": "0.00001"})
    assert fine.status == 422, "four places at the most"


def commit(write: Callable[[], object]) -> None:
    """Write, then check the deferred constraints, as a commit does."""
    with transaction.atomic():
        write()
        connection.check_constraints()


def draft(company: Company, actor: Actor) -> Invoice:
    lines = [InvoiceLine(description="x", quantity=2, unit_price=50)]
    invoice = Invoice(customer=ACustomer(company=company), discount=10, tax_rate=10)
    return create_invoice(invoice, lines=lines, actor=actor)


def test_the_database_refuses_sums_that_disagree(studio: Company, customer: Customer) -> None:
    good = {"subtotal": 100, "discount": 10, "tax_rate": 10, "tax": 9, "total": 99}
    base = {"company_id": studio.id, "customer": customer, "currency": "GBP", **good}
    base["tax_behavior"] = "exclusive"
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"tax": 10}, "invoice_tax"),
        ({"tax": 10, "total": 100}, "invoice_tax"),
        ({"total": 98}, "invoice_total"),
        ({"discount": -10, "tax": 11, "total": 121}, "invoice_discount"),
        ({"discount": 101, "tax": 0, "total": -1}, "invoice_discount"),
        ({"tax_rate": 200, "tax": 180, "total": 270}, "invoice_tax_rate"),
        ({"issued_at": PAST}, "invoice_numbered_when_issued"),
        ({"number": "INV-2026-00001"}, "invoice_numbered_when_issued"),
        ({"paid_at": PAST}, "invoice_issued_before_paid"),
    ]
    with acting_for(studio.id):
        with undone():
            Invoice(**base).save(force_insert=True)
        for change, constraint in wrong:
            with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
                Invoice(**base | change).save(force_insert=True)


def test_the_lines_of_a_draft_come_to_its_subtotal(studio: Company, actor: Actor) -> None:
    with acting_for(studio.id):
        invoice = draft(studio, actor)
        connection.check_constraints()
        extra = InvoiceLine(
            company_id=studio.id,
            invoice=invoice,
            position=1,
            description="x",
            unit_price=1,
            total=1,
            tax_rate=10,
            tax_behavior="exclusive",
        )
        with pytest.raises(IntegrityError, match="come to 101"):
            commit(lambda: extra.save(force_insert=True))
        extra.total = 2
        with pytest.raises(IntegrityError, match="invoice_line_total"), transaction.atomic():
            extra.save(force_insert=True)
        bare = Invoice(
            company_id=studio.id,
            customer=invoice.customer,
            currency="GBP",
            tax_rate=0,
            tax_behavior="exclusive",
            subtotal=5,
            tax=0,
            total=5,
        )
        with pytest.raises(IntegrityError, match="come to 0"):
            commit(lambda: bare.save(force_insert=True))
        issue_invoice(invoice, actor=actor)
        extra.unit_price = extra.total = 0
        with pytest.raises(IntegrityError, match="issued invoice"), transaction.atomic():
            extra.save(force_insert=True)


def test_the_runtime_role_may_not(studio: Company) -> None:
    for statement in (
        "UPDATE billing_invoiceline SET description = 'other'",
        "DELETE FROM billing_invoiceline",
        "TRUNCATE billing_invoiceline",
        "UPDATE billing_invoice SET discount = 0",
        "UPDATE billing_invoice SET total = 0",
        "DELETE FROM billing_invoice",
        "DELETE FROM billing_invoiceseries",
        "UPDATE billing_subscriptionpause SET resumed_at = now()",
        "DELETE FROM billing_subscriptionpause",
        "DELETE FROM billing_subscription",
        "DELETE FROM billing_plan",
        "DELETE FROM billing_paymentmethod",
    ):
        with (
            acting_for(studio.id),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


def test_an_invoice_stays_with_its_customer(studio: Company, actor: Actor) -> None:
    other = ACustomer(company=studio)
    with acting_for(studio.id):
        drafted, issued = draft(studio, actor), issue_invoice(draft(studio, actor), actor=actor)
        for invoice in (drafted, issued):
            row = Invoice.objects.filter(pk=invoice.pk)
            with pytest.raises(IntegrityError, match="stays with its customer"), undone():
                row.update(customer=other)


def test_what_was_done_with_an_invoice_is_not_undone(studio: Company, actor: Actor) -> None:
    with acting_for(studio.id):
        invoice = issue_invoice(draft(studio, actor), actor=actor)
        void_invoice(invoice, actor=actor)
        for change in (
            "number = 'INV-2026-00099'",
            "issued_at = now() + interval '1 day'",
            "voided_at = NULL",
            "voided_at = now() + interval '1 day'",
        ):
            with (
                pytest.raises(IntegrityError, match="never changed"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(f"UPDATE billing_invoice SET {change} WHERE id = %s", [invoice.pk])


def test_paid_is_what_payments_say(studio: Company, actor: Actor) -> None:
    with acting_for(studio.id):
        invoice = issue_invoice(draft(studio, actor), actor=actor)
        with pytest.raises(IntegrityError, match="is paid"):
            commit(lambda: Invoice.objects.filter(pk=invoice.pk).update(paid_at=PAST))
        take_payment(Payment(invoice=invoice, amount=99, method="cash"), actor=actor)
        connection.check_constraints()
        invoice.refresh_from_db()
        assert invoice.paid_at is not None
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            Invoice.objects.filter(pk=invoice.pk).update(paid_at=None)
