"""Payments and refunds: `/v1/invoices/{id}/payments`, `/v1/payments/{id}/refunds`, the ledger."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, models, transaction
from django.db.utils import ProgrammingError

from billing.actions import refund_payment, take_payment
from billing.errors import AlreadyRefunded, NotRefundable
from billing.models import Invoice, Payment
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.callers import Caller
from tests.changes import sql as execute
from tests.conftest import DATABASES
from tests.factories import ACustomer, AnInvoice, APayment, APaymentMethod, act
from tests.refusals import refusal, whole_refusal

WHY: dict[str, Any] = {"reason": "Fell ill"}


@pytest.fixture
def invoice(studio: Company, customer: Customer) -> Invoice:
    """An invoice of the customer for 100.00."""
    return AnInvoice(company=studio, customer=customer)


def pay(integrator: Caller, invoice: Invoice, **body: Any) -> Any:
    return integrator.post(f"/v1/invoices/{invoice.id}/payments", {"method": "cash"} | body)


def test_a_payment_is_answered_in_full_and_lowers_the_balance(
    integrator: Caller, studio: Company, customer: Customer, invoice: Invoice
) -> None:
    method = APaymentMethod(company=studio, customer=customer)
    path = f"/v1/invoices/{invoice.id}"
    answer = integrator.post(
        f"{path}/payments",
        {"amount": 4_000, "payment_method_id": f"pm_{method.id.hex}", "reference": "ch_1"},
    )
    assert answer.status == 201
    assert answer.body == {
        "id": answer.body["id"],
        "kind": "payment",
        "status": "succeeded",
        "amount": 4_000,
        "currency": "GBP",
        "method": "card",
        "payment_method_id": f"pm_{method.id.hex}",
        "reference": "ch_1",
        "reason": None,
        "customer_id": f"cust_{invoice.customer_id.hex}",
        "invoice_id": f"inv_{invoice.id.hex}",
        "refunded_payment_id": None,
        "taken_at": answer.body["taken_at"],
    }
    assert answer.body["id"].startswith("pay_")
    assert answer.body["taken_at"].endswith("Z")
    facts = ("status", "amount_paid", "balance", "paid_at", "payment_method")
    shown = integrator.get(path).body
    paid_with = {"type": "card", "brand": "visa", "last4": "4242"}
    assert [shown[name] for name in facts] == ["pending", 4_000, 6_000, None, paid_with]
    rest = pay(integrator, invoice, amount=6_000)
    shown = integrator.get(path).body
    taken_at = rest.body["taken_at"]
    assert [shown[name] for name in facts] == ["paid", 10_000, 0, taken_at, paid_with]
    for made in (answer, rest):
        assert made.headers["Location"] == f"/v1/payments/{made.body['id']}"
        read = integrator.get(made.headers["Location"])
        assert (read.status, read.body) == (200, made.body)
    listed = integrator.get(f"{path}/payments")
    assert (listed.status, listed.body["data"]) == (200, [rest.body, answer.body])


def test_a_payment_that_failed_counts_for_nothing(integrator: Caller, invoice: Invoice) -> None:
    failed = pay(integrator, invoice, amount=20_000, status="failed").body
    assert failed["status"] == "failed"
    shown = integrator.get(f"/v1/invoices/{invoice.id}").body
    assert (shown["status"], shown["amount_paid"], shown["balance"]) == ("pending", 0, 10_000)
    refund = integrator.post(f"/v1/payments/{failed['id']}/refunds", WHY)
    message = "This payment failed. Name a payment that succeeded."
    assert whole_refusal(refund) == (409, "not_refundable", message)
    stats = integrator.get(f"/v1/customers/{invoice.customer_id}").body["stats"]
    assert stats["total_spent"] == 0


def test_no_more_is_taken_than_is_owed(integrator: Caller, invoice: Invoice) -> None:
    pay(integrator, invoice, amount=9_000)
    more = pay(integrator, invoice, amount=1_001)
    message = (
        "Send up to £10.00, the balance of the invoice; got £10.01. In the smallest unit of GBP: "
        "up to 1,000; got 1,001."
    )
    assert whole_refusal(more) == (409, "more_than_owed", message, "amount")
    assert pay(integrator, invoice, amount=1_000).status == 201
    again = pay(integrator, invoice, amount=1)
    assert whole_refusal(again) == (
        409,
        "invoice_paid",
        "This invoice is paid: nothing is owed any more.",
    )


def test_a_draft_and_a_void_invoice_take_no_payment(
    integrator: Caller, studio: Company, customer: Customer, invoice: Invoice
) -> None:
    draft = AnInvoice(company=studio, customer=customer, draft=True)
    integrator.post(f"/v1/invoices/{invoice.id}/void")
    for one, code, message in (
        (draft, "invoice_draft", "This invoice is a draft. Issue it first."),
        (invoice, "invoice_void", "This invoice is void. Make a new one."),
    ):
        assert whole_refusal(pay(integrator, one, amount=1)) == (409, code, message)


def test_a_wrong_payment_is_refused(integrator: Caller, studio: Company, invoice: Invoice) -> None:
    path = f"/v1/invoices/{invoice.id}/payments"
    for change in (
        *({"amount": amount} for amount in (0, -5, "5", 10**13)),
        *({"method": "barter"}, {"method": None}, {"status": "pending"}),
        *({"payment_method_id": "pm_1"}, {"reference": "r" * 256}),
    ):
        answer = pay(integrator, invoice, **{"amount": 5} | change)
        assert refusal(answer) == (422, "invalid", *change), change
    silent = integrator.post(path, {"amount": 5})
    assert refusal(silent) == (422, "invalid_payment", "method")
    other = APaymentMethod(company=studio, customer=ACustomer(company=studio))
    theirs = integrator.post(path, {"amount": 5, "payment_method_id": str(other.id)})
    message = "This customer has no such payment method. Name one of the same customer."
    assert whole_refusal(theirs) == (422, "not_theirs", message, "payment_method_id")
    assert refusal(integrator.post(path, {})) == (400, "missing_field", "amount")
    assert integrator.get(f"{path}?status=failed").status == 400
    assert integrator.get(path).body["data"] == []


def test_a_refund_answers_in_full_and_reopens_nothing(integrator: Caller, invoice: Invoice) -> None:
    payment = pay(integrator, invoice, amount=10_000, reference="ch_1").body
    path = f"/v1/payments/{payment['id']}/refunds"
    part = integrator.post(path, {"amount": 4_000, "reference": "re_1", "reason": "Fell ill"})
    assert part.status == 201
    assert part.body == (
        payment
        | {
            "id": part.body["id"],
            "kind": "refund",
            "amount": 4_000,
            "reference": "re_1",
            "reason": "Fell ill",
            "refunded_payment_id": payment["id"],
            "taken_at": part.body["taken_at"],
        }
    )
    rest = integrator.post(path, WHY)
    assert (rest.status, rest.body["amount"], rest.body["reference"]) == (201, 6_000, None)
    shown = integrator.get(f"/v1/invoices/{invoice.id}").body
    assert (shown["status"], shown["amount_paid"], shown["balance"]) == ("paid", 10_000, 0)
    listed = integrator.get(f"/v1/invoices/{invoice.id}/payments").body["data"]
    assert listed == [rest.body, part.body, payment]


def test_a_refund_needs_a_reason(integrator: Caller, invoice: Invoice) -> None:
    payment = pay(integrator, invoice, amount=1_000).body
    path = f"/v1/payments/{payment['id']}/refunds"
    for silent in (None, {}, {"amount": 1}):
        assert refusal(integrator.post(path, silent)) == (400, "missing_field", "reason"), silent
    for blank in ("", "  "):
        answer = integrator.post(path, {"reason": blank})
        assert refusal(answer)[0] == 422, blank
        assert answer.body["error"]["param"] == "reason"
    assert integrator.post(path, WHY).body["reason"] == WHY["reason"]


def test_no_more_goes_back_than_came_in(integrator: Caller, invoice: Invoice) -> None:
    payment = pay(integrator, invoice, amount=1_000).body
    path = f"/v1/payments/{payment['id']}/refunds"
    for body in ({"amount": 0}, {"amount": 1.5}, {"method": "barter"}):
        assert refusal(integrator.post(path, WHY | body)) == (422, "invalid", *body), body
    more = integrator.post(path, WHY | {"amount": 1_001})
    message = (
        "Send up to £10.00, which is left of the payment; got £10.01. In the smallest unit of "
        "GBP: up to 1,000; got 1,001."
    )
    assert whole_refusal(more) == (409, "more_than_taken", message, "amount")
    refund = integrator.post(path, WHY).body
    again = integrator.post(path, WHY | {"amount": 1})
    message = "All of this payment, £10.00, is refunded. Leave it as it is."
    assert whole_refusal(again) == (409, "already_refunded", message)
    of_refund = integrator.post(f"/v1/payments/{refund['id']}/refunds", WHY)
    message = "This is a refund. Name a payment that succeeded."
    assert whole_refusal(of_refund) == (409, "not_refundable", message)


def test_an_archived_customer_pays_and_is_refunded(integrator: Caller, invoice: Invoice) -> None:
    integrator.delete(f"/customers/{invoice.customer_id}")
    paid = pay(integrator, invoice, amount=1_000)
    assert paid.status == 201
    refund = integrator.post(f"/v1/payments/{paid.body['id']}/refunds", WHY)
    assert (refund.status, refund.body["amount"]) == (201, 1_000)
    assert pay(integrator, invoice, amount=1).status == 201


def test_what_a_customer_spent_is_payments_less_refunds(
    integrator: Caller, studio: Company, customer: Customer, invoice: Invoice
) -> None:
    payment = APayment(company=studio, invoice=invoice, amount=8_000)
    APayment(company=studio, customer=customer, amount=500)
    APayment(company=studio, customer=customer, amount=70, status="failed")
    APayment(company=studio, customer=ACustomer(company=studio), amount=9)
    act(studio, refund_payment, Payment(refunds=payment, amount=3_000))
    stats = integrator.get(f"/v1/customers/{customer.id}").body["stats"]
    assert stats["total_spent"] == 5_500


STATEMENTS = ("UPDATE {} SET amount = 1", "DELETE FROM {}", "TRUNCATE {} CASCADE")


def test_the_runtime_role_cannot_touch_a_payment(studio: Company, invoice: Invoice) -> None:
    payment = APayment(company=studio, invoice=invoice, amount=1_000)
    payment.amount = 1
    ways = [
        *(lambda sql=sql: execute(sql.format("billing_payment")) for sql in STATEMENTS),
        lambda: payment.save(),
        lambda: payment.delete(),
        lambda: models.QuerySet(Payment).update(amount=1),
        lambda: models.QuerySet(Payment).filter(pk=payment.pk)._raw_delete("default"),
        lambda: models.QuerySet(Payment).bulk_update([payment], ["amount"]),
        lambda: models.QuerySet(Payment).bulk_create(
            [payment], update_conflicts=True, unique_fields=["id"], update_fields=["amount"]
        ),
    ]
    with acting_for(studio.id):
        # Only an erasure may change the reason, and only to an empty text.
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            models.QuerySet(Payment).update(reason="Another")
        for way in ways:
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                way()
        with pytest.raises(TypeError, match="refund it"):
            Payment.objects.update(amount=1)
        with pytest.raises(TypeError, match="never deleted"):
            Payment.objects.all().delete()


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_nor_can_its_owner(studio: Company, invoice: Invoice) -> None:
    APayment(company=studio, invoice=invoice, amount=1_000)
    for statement in STATEMENTS:
        with (
            connections["owner"].cursor() as cursor,
            pytest.raises(IntegrityError, match="never changed or removed"),
            transaction.atomic(using="owner"),
        ):
            cursor.execute(statement.format("billing_payment"))


def raw(payment: Payment, **change: Any) -> None:
    """Write a row without an action, as a bug in a later version might."""
    fields = {
        "company_id": payment.company_id,
        "customer_id": payment.customer_id,
        "invoice_id": payment.invoice_id,
        "kind": "refund",
        "refunds_id": payment.pk,
        "amount": 1,
        "currency": payment.currency,
        "method": "cash",
    }
    with transaction.atomic():
        Payment(**fields | change).save(force_insert=True)
        connection.check_constraints()


def test_the_database_holds_it_too(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    payment = APayment(company=studio, invoice=invoice, amount=1_000)
    failed = APayment(company=studio, invoice=invoice, amount=1_000, status="failed")
    other = ACustomer(company=studio)
    draft = AnInvoice(company=studio, customer=customer, draft=True)
    in_money = {"kind": "payment", "refunds_id": None}
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"amount": 1_001}, "would come to 1001"),
        ({"amount": 0}, "payment_amount"),
        ({"refunds_id": None}, "payment_kind"),
        ({"kind": "payment"}, "payment_kind"),
        ({"kind": "gift"}, "payment_kind"),
        ({"status": "pending"}, "payment_status"),
        ({"refunds_id": failed.pk}, "names a payment"),
        ({"customer_id": other.pk}, "names a payment"),
        ({"currency": "EUR"}, "names a payment"),
        ({"invoice_id": None}, "names a payment"),
        ({**in_money, "amount": 9_001}, "would come to 10001"),
        ({**in_money, "invoice_id": draft.pk}, "is for an issued invoice"),
        ({**in_money, "customer_id": other.pk}, "is for an issued invoice"),
        ({**in_money, "amount": 9_000}, "is paid, and paid_at is"),
    ]
    with acting_for(studio.id):
        for change, words in wrong:
            with pytest.raises(IntegrityError, match=words):
                raw(payment, **change)
        raw(payment, amount=1_000)
        with pytest.raises(IntegrityError, match="would come to 1001"):
            raw(payment)
        refund = Payment.objects.get(kind="refund")
        with pytest.raises(IntegrityError, match="names a payment"):
            raw(payment, refunds_id=refund.pk)
        with pytest.raises(AlreadyRefunded):
            refund_payment(Payment(refunds=payment), actor=actor)
        with pytest.raises(NotRefundable):
            refund_payment(Payment(refunds=refund), actor=actor)


def test_money_can_come_in_without_an_invoice(studio: Company, actor: Actor) -> None:
    customer = ACustomer(company=studio)
    with acting_for(studio.id):
        payment = take_payment(Payment(customer=customer, amount=250, method="cash"), actor=actor)
        payment.refresh_from_db()
        assert (payment.currency, payment.signed_amount) == ("GBP", 250)
        refund = refund_payment(Payment(refunds=payment), actor=actor)
        refund.refresh_from_db()
        assert (refund.amount, refund.signed_amount) == (250, -250)
