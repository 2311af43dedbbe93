"""What invoices come to, and what the database refuses of them."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError

from billing.actions import create_invoice, issue_invoice, take_payment, void_invoice
from billing.models import Invoice, InvoiceLine, Payment
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from tests.callers import Caller
from tests.factories import ACustomer

LINES = [
    {"description": "Ten visits", "quantity": 2, "unit_price": 9_000},
    {"description": "Towel", "unit_price": 333},
]
YEAR = datetime.datetime.now(datetime.UTC).year
PAST = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC)


# --- Sums ---


@pytest.mark.parametrize(
    ("prices", "discount", "rate", "tax"),
    [
        ([50], 0, "1", 1),  # 0.5
        ([49], 0, "1", 0),  # 0.49
        ([150], 0, "1", 2),  # 1.5
        ([250], 0, "1", 3),  # 2.5, which half-even would make 2
        ([100, 50], 100, "1", 1),
        ([33, 33, 33], 0, "5.5", 5),  # 5.445 in all; line by line it would be 6
        ([10_000], 10_000, "20", 0),
        ([1], 0, "50", 1),
        ([999_999_999_999], 0, "99.9999", 999_998_999_999),
        ([12_345], 0, "0.0001", 0),
        ([5_000_000], 0, "0.0001", 5),
        ([4_500_000], 0, "0.00001", None),
    ],
)
def test_tax_is_on_the_discounted_sum_rounded_half_up_once(
    integrator: Caller, studio: Company, prices: list[int], discount: int, rate: str, tax: int
) -> None:
    customer = ACustomer(company=studio)
    answer = integrator.post(
        "/v1/invoices",
        {
            "customer_id": str(customer.id),
            "line_items": [{"description": "x", "unit_price": price} for price in prices],
            "discount": discount,
            "tax_rate": rate,
        },
    )
    if tax is None:
        assert answer.status == 422, "four places at the most"
        return
    body = answer.body
    assert (body["subtotal"], body["tax"]) == (sum(prices), tax)
    assert body["total"] == body["balance"] + body["amount_paid"] == sum(prices) - discount + tax


def test_a_rate_can_be_a_number_of_json(integrator: Caller, studio: Company) -> None:
    asked = {"customer_id": str(ACustomer(company=studio).id), "line_items": LINES}
    assert integrator.post("/v1/invoices", asked | {"tax_rate": 8.875}).body["tax"] == 1_627
    assert integrator.post("/v1/invoices", asked | {"tax_rate": 20}).body["tax"] == 3_667


def commit(write: Callable[[], object]) -> None:
    """Write, and look at what is looked at when a transaction ends."""
    with transaction.atomic():
        write()
        connection.check_constraints()


def draft(company: Company, actor: Actor) -> Invoice:
    lines = [InvoiceLine(description="x", quantity=2, unit_price=50)]
    invoice = Invoice(customer=ACustomer(company=company), discount=10, tax_rate=10)
    return create_invoice(invoice, lines=lines, actor=actor)


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"tax": 10}, "invoice_tax"),
        ({"tax": 10, "total": 100}, "invoice_tax"),
        ({"total": 98}, "invoice_total"),
        ({"discount": -10, "tax": 11, "total": 121}, "invoice_discount"),
        ({"discount": 101, "tax": 0, "total": -1}, "invoice_discount"),
        ({"tax_rate": 200, "tax": 180, "total": 270}, "invoice_tax_rate"),
        ({"issued_at": PAST}, "invoice_numbered_when_issued"),
        ({"number": "INV-2026-00001"}, "invoice_numbered_when_issued"),
        ({"paid_at": PAST}, "invoice_issued_before_paid"),
    ],
)
def test_sums_that_do_not_agree_are_refused_by_the_database(
    studio: Company, change: dict[str, Any], constraint: str
) -> None:
    customer = ACustomer(company=studio)
    good = {"subtotal": 100, "discount": 10, "tax_rate": 10, "tax": 9, "total": 99}
    base = {"company_id": studio.id, "customer": customer, "currency": "GBP", **good}
    with acting_for(studio.id):
        with transaction.atomic():
            Invoice(**base).save(force_insert=True)
            transaction.set_rollback(True)
        with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
            Invoice(**base | change).save(force_insert=True)


def test_lines_come_to_the_subtotal_or_the_transaction_fails(studio: Company, actor: Actor) -> None:
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
            subtotal=5,
            tax=0,
            total=5,
        )
        with pytest.raises(IntegrityError, match="come to 0"):
            commit(lambda: bare.save(force_insert=True))


def test_an_issued_invoice_takes_no_line(studio: Company, actor: Actor) -> None:
    with acting_for(studio.id):
        invoice = issue_invoice(draft(studio, actor), actor=actor)
        line = InvoiceLine(
            company_id=studio.id,
            invoice=invoice,
            position=5,
            description="free",
            unit_price=0,
            total=0,
        )
        with pytest.raises(IntegrityError, match="issued invoice"), transaction.atomic():
            line.save(force_insert=True)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE billing_invoiceline SET description = 'other'",
        "DELETE FROM billing_invoiceline",
        "TRUNCATE billing_invoiceline",
        "UPDATE billing_invoice SET discount = 0",
        "UPDATE billing_invoice SET total = 0",
        "UPDATE billing_invoice SET customer_id = customer_id",
        "DELETE FROM billing_invoice",
        "DELETE FROM billing_invoiceseries",
        "UPDATE billing_subscriptionpause SET resumed_at = now()",
        "DELETE FROM billing_subscriptionpause",
        "DELETE FROM billing_subscription",
        "DELETE FROM billing_plan",
        "DELETE FROM billing_paymentmethod",
    ],
)
def test_the_runtime_role_may_not(studio: Company, statement: str) -> None:
    with (
        acting_for(studio.id),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    [
        "number = 'INV-2026-00099'",
        "issued_at = now() + interval '1 day'",
        "voided_at = NULL",
        "voided_at = now() + interval '1 day'",
    ],
)
def test_what_was_done_with_an_invoice_is_not_undone(
    studio: Company, actor: Actor, change: str
) -> None:
    with acting_for(studio.id):
        invoice = issue_invoice(draft(studio, actor), actor=actor)
        void_invoice(invoice, actor=actor)
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
