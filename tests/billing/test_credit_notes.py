"""Credit notes: refunds, reductions and write-offs of invoices, and returned credits."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing import errors
from billing.actions import (
    cover_invoice,
    create_invoice,
    issue_invoice,
    reduce_invoice,
    refund_payment,
    return_cover,
    void_invoice,
    write_off_invoice,
)
from billing.actions.credit_notes import Portion, take_out
from billing.models import CreditNote, CreditNoteTax, Invoice, InvoiceLine, Payment
from config.card_numbers import CardNumber
from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer
from customers.models import Customer
from tests.factories import ACustomer, AnInvoice, APayment, APaymentMethod, act


@pytest.fixture
def invoice(studio: Company, customer: Customer) -> Invoice:
    """An invoice of the customer for 100.00 plus 20 % tax."""
    return AnInvoice(company=studio, customer=customer, tax_rate=20)


def balance_of(invoice: Invoice) -> int:
    with acting_for(invoice.company_id):
        balance: int = vars(Invoice.objects.with_amounts().get(pk=invoice.pk))["balance"]
        return balance


def is_paid(invoice: Invoice) -> bool:
    with acting_for(invoice.company_id):
        return Invoice.objects.get(pk=invoice.pk).paid_at is not None


def notes_of(invoice: Invoice) -> list[tuple[str, int, int]]:
    with acting_for(invoice.company_id):
        notes = CreditNote.objects.filter(invoice=invoice).order_by("number")
        return [(note.kind, note.total, note.tax) for note in notes]


def reduce(company: Company, invoice: Invoice, **how: Any) -> CreditNote:
    return act(company, reduce_invoice, invoice, **{"reason": "The room was cold."} | how)


# --- Refunds --------------------------------------------------------------------------------------


def test_a_refund_of_an_invoice_writes_a_numbered_credit_note(
    studio: Company, customer: Customer, invoice: Invoice
) -> None:
    payment = APayment(company=studio, invoice=invoice, amount=12_000)
    refund = act(studio, refund_payment, Payment(refunds=payment, amount=5_000, reason="Fell ill"))
    with acting_for(studio.id):
        note = CreditNote.objects.get()
        year = local_day(studio.id).year
        assert (note.number, note.kind) == (f"CN-{year}-00001", "refund")
        assert (note.customer_id, note.invoice_id) == (customer.id, invoice.id)
        assert (note.refund_id, note.currency) == (refund.id, "GBP")
        assert (note.total, note.tax, note.reason) == (5_000, 833, "Fell ill")
        part = note.taxes.get()
        facts = (part.tax_rate, part.tax_behavior, part.amount, part.tax)
        assert facts == (Decimal(20), "exclusive", 4_167, 833)
    act(studio, refund_payment, Payment(refunds=payment))
    assert notes_of(invoice) == [("refund", 5_000, 833), ("refund", 7_000, 1_167)]
    # A refund does not reopen the invoice.
    assert (balance_of(invoice), is_paid(invoice)) == (0, True)


def test_a_refund_without_an_invoice_writes_none(studio: Company, customer: Customer) -> None:
    payment = APayment(company=studio, customer=customer, amount=500)
    refund = act(studio, refund_payment, Payment(refunds=payment, reason="Twice"))
    with acting_for(studio.id):
        refund.refresh_from_db()
        assert refund.reason == "Twice"
        assert not CreditNote.objects.exists()


def test_money_goes_back_as_it_came_or_as_staff_say(studio: Company, customer: Customer) -> None:
    card = APaymentMethod(company=studio, customer=customer)
    payment = APayment(
        company=studio, customer=customer, amount=500, method="", payment_method=card
    )
    same = act(studio, refund_payment, Payment(refunds=payment, amount=100))
    assert (same.method, same.payment_method_id) == ("card", card.id)
    other = act(studio, refund_payment, Payment(refunds=payment, amount=100, method="cash"))
    assert (other.method, other.payment_method_id) == ("cash", None)


def test_what_is_refunded_of_a_part_is_owed_no_more_than_before(
    studio: Company, invoice: Invoice
) -> None:
    payment = APayment(company=studio, invoice=invoice, amount=4_000)
    act(studio, refund_payment, Payment(refunds=payment))
    assert (balance_of(invoice), is_paid(invoice)) == (8_000, False)
    APayment(company=studio, invoice=invoice, amount=8_000)
    assert (balance_of(invoice), is_paid(invoice)) == (0, True)


# --- Reductions and write-offs --------------------------------------------------------------------


def test_a_reduction_lowers_the_balance_and_pays_what_is_left(
    studio: Company, invoice: Invoice
) -> None:
    APayment(company=studio, invoice=invoice, amount=5_000)
    reduce(studio, invoice, amount=1_500)
    assert (balance_of(invoice), is_paid(invoice)) == (5_500, False)
    rest = act(studio, write_off_invoice, invoice, reason="Moved away")
    assert (rest.total, rest.kind, rest.reason) == (5_500, "write_off", "Moved away")
    assert (balance_of(invoice), is_paid(invoice)) == (0, True)
    assert notes_of(invoice) == [("reduction", 1_500, 250), ("write_off", 5_500, 917)]
    with acting_for(studio.id):
        assert Invoice.objects.get(pk=invoice.pk).reduced == 7_000


def test_all_the_tax_is_credited_once_all_is_credited(studio: Company, customer: Customer) -> None:
    invoice = AnInvoice(company=studio, customer=customer, amount=999, tax_rate=Decimal("17.5"))
    payment = APayment(company=studio, invoice=invoice, amount=500)
    for amount in (33, 34, 433):
        act(studio, refund_payment, Payment(refunds=payment, amount=amount))
    reduce(studio, invoice, amount=111)
    reduce(studio, invoice)
    notes = notes_of(invoice)
    assert sum(total for _, total, _ in notes) == invoice.total == 1_174
    assert sum(tax for _, _, tax in notes) == invoice.tax == 175
    assert balance_of(invoice) == 0


def test_a_credit_note_takes_back_a_share_at_each_rate(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    lines = [
        InvoiceLine(description=name, unit_price=price, tax_rate=rate, tax_behavior=behavior)
        for name, price, rate, behavior in (
            ("Class", 1_000, Decimal(20), "exclusive"),
            ("Book", 1_000, Decimal(0), "exclusive"),
            ("Tea", 1_050, Decimal(5), "inclusive"),
        )
    ]
    with acting_for(studio.id):
        draft = create_invoice(Invoice(customer=customer), lines=lines, actor=actor)
        invoice = issue_invoice(draft, actor=actor)
    assert (invoice.total, invoice.tax) == (3_250, 250)
    note = reduce(studio, invoice, amount=325)
    with acting_for(studio.id):
        parts = note.taxes.order_by("tax_rate")
        assert [
            (float(part.tax_rate), part.tax_behavior, part.amount, part.tax) for part in parts
        ] == [(0, "exclusive", 100, 0), (5, "inclusive", 105, 5), (20, "exclusive", 100, 20)]
    assert note.tax == 25
    reduce(studio, invoice)
    assert sum(tax for _, _, tax in notes_of(invoice)) == 250


def test_a_reduction_is_refused_by_name(
    studio: Company, customer: Customer, invoice: Invoice, actor: Actor
) -> None:
    draft = AnInvoice(company=studio, customer=customer, draft=True)
    void = AnInvoice(company=studio, customer=customer)
    act(studio, void_invoice, void)
    paid = AnInvoice(company=studio, customer=customer, amount=100)
    APayment(company=studio, invoice=paid, amount=100)
    wrong: list[tuple[Invoice, dict[str, Any], type[Refusal]]] = [
        (draft, {}, errors.InvoiceIsDraft),
        (void, {}, errors.InvoiceIsVoid),
        (paid, {}, errors.InvoiceIsPaid),
        (paid, {"amount": 1}, errors.InvoiceIsPaid),
        (invoice, {"amount": 0}, errors.InvalidCreditNote),
        (invoice, {"amount": -1}, errors.InvalidCreditNote),
        (invoice, {"reason": " "}, errors.NoReason),
        (invoice, {"reason": "4242 4242 4242 4242"}, CardNumber),
        (invoice, {"amount": 12_001}, errors.MoreThanOwed),
    ]
    for one, how, refusal in wrong:
        with pytest.raises(refusal):
            reduce(studio, one, **how)
    assert notes_of(invoice) == []
    with pytest.raises(errors.MoreThanOwed, match=r"£120.00, .* got £120.01\. .* 12,001\."):
        reduce(studio, invoice, amount=12_001)


def test_no_more_is_paid_than_a_reduction_left(studio: Company, invoice: Invoice) -> None:
    reduce(studio, invoice, amount=2_000)
    with pytest.raises(errors.MoreThanOwed, match="up to 10,000"):
        APayment(company=studio, invoice=invoice, amount=10_001)
    APayment(company=studio, invoice=invoice, amount=10_000)
    assert is_paid(invoice)


def test_an_archived_customers_invoice_is_written_off(
    studio: Company, customer: Customer, invoice: Invoice
) -> None:
    act(studio, archive_customer, customer)
    act(studio, write_off_invoice, invoice, reason="Gone")
    assert is_paid(invoice)


# --- Credits --------------------------------------------------------------------------------------


def test_a_credit_covers_a_part_and_then_the_rest(studio: Company, invoice: Invoice) -> None:
    act(studio, cover_invoice, invoice, amount=5_000)
    assert (balance_of(invoice), is_paid(invoice)) == (7_000, False)
    with pytest.raises(errors.MoreThanOwed, match="up to 7,000"):
        act(studio, cover_invoice, invoice, amount=7_001)
    covered = act(studio, cover_invoice, invoice, amount=7_000)
    assert (covered.covered, balance_of(invoice), is_paid(invoice)) == (12_000, 0, True)
    with pytest.raises(errors.InvoiceIsPaid):
        act(studio, cover_invoice, invoice, amount=1)


def test_a_credit_that_is_given_back_has_a_credit_note(studio: Company, invoice: Invoice) -> None:
    act(studio, cover_invoice, invoice, amount=3_000)
    with pytest.raises(errors.MoreThanTaken):
        act(studio, return_cover, invoice, amount=3_001, reason="")
    note = act(studio, return_cover, invoice, amount=3_000, reason="Not theirs")
    assert (note.kind, note.total, note.tax, note.refund) == ("returned", 3_000, 500, None)
    assert (balance_of(invoice), is_paid(invoice)) == (9_000, False)


# --- Voiding --------------------------------------------------------------------------------------


def test_an_invoice_is_voided_once_all_is_given_back(studio: Company, invoice: Invoice) -> None:
    payment = APayment(company=studio, invoice=invoice, amount=5_000)
    act(studio, cover_invoice, invoice, amount=1_000)
    with pytest.raises(errors.InvoiceHasPayments, match=r"£50.00 of what was paid.*/refunds"):
        act(studio, void_invoice, invoice)
    act(studio, refund_payment, Payment(refunds=payment))
    with pytest.raises(errors.InvoiceHasPayments, match="Credits have paid"):
        act(studio, void_invoice, invoice)
    act(studio, return_cover, invoice, amount=1_000, reason="")
    void = act(studio, void_invoice, invoice)
    assert void.voided_at is not None
    assert balance_of(invoice) == 0
    for move in (
        lambda: reduce(studio, invoice),
        lambda: act(studio, cover_invoice, invoice, amount=1),
        lambda: act(studio, return_cover, invoice, amount=1, reason=""),
    ):
        with pytest.raises(errors.InvoiceIsVoid):
            move()


# --- What the database enforces -------------------------------------------------------------------


def write(note: CreditNote, **change: Any) -> None:
    """Write a credit note without an action, as a bug in a later version might."""
    fields = {
        field.attname: getattr(note, field.attname)
        for field in CreditNote._meta.concrete_fields
        if field.name not in ("id", "created_at", "issued_at")
    }
    with transaction.atomic():
        CreditNote(**fields | {"number": "CN-2026-99999"} | change).save(force_insert=True)
        connection.check_constraints()


def test_the_database_refuses_a_note_that_does_not_fit(
    studio: Company, customer: Customer, invoice: Invoice
) -> None:
    payment = APayment(company=studio, invoice=invoice, amount=5_000)
    act(studio, cover_invoice, invoice, amount=100)
    refund = act(studio, refund_payment, Payment(refunds=payment, amount=1_000))
    draft = AnInvoice(company=studio, customer=customer, draft=True)
    note = reduce(studio, invoice, amount=10)
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"number": note.number}, "credit_note_number_once"),
        ({"total": 0}, "credit_note_total"),
        ({"tax": 11}, "credit_note_total"),
        ({"kind": "gift"}, "credit_note_kind"),
        ({"kind": "refund"}, "credit_note_kind"),
        ({"refund_id": refund.id}, "credit_note_kind"),
        ({"kind": "refund", "refund_id": refund.id, "total": 1_000}, "credit_note_refund_once"),
        ({"kind": "refund", "refund_id": payment.id, "total": 5_000}, "for the whole of its"),
        ({"invoice_id": draft.id}, "for an issued invoice"),
        ({"currency": "EUR"}, "for an issued invoice"),
        ({"customer_id": ACustomer(company=studio).id}, "for an issued invoice"),
        ({"total": 6_891}, "would come to"),
        ({"kind": "returned", "total": 101}, "would come to"),
        ({"total": 5_000, "tax": 2_000}, "would come to"),
        ({"total": 1, "tax": 0}, "reduce it by 11, not by 10"),
    ]
    with acting_for(studio.id):
        for change, words in wrong:
            with pytest.raises(IntegrityError, match=words):
                write(note, **change)


def overwrite(invoice: Invoice, **change: Any) -> None:
    with transaction.atomic():
        Invoice.objects.filter(pk=invoice.pk).update(**change)
        connection.check_constraints()


def test_the_database_refuses_sums_that_do_not_fit(studio: Company, invoice: Invoice) -> None:
    APayment(company=studio, invoice=invoice, amount=5_000)
    act(studio, cover_invoice, invoice, amount=100)
    for change, words in (
        ({"covered": 99}, "never changed"),
        ({"covered": 12_001}, "invoice_settled_in_part"),
        ({"covered": 7_001}, "would be settled"),
        ({"covered": 7_000}, "paid_at is"),
        ({"reduced": 1}, "reduce it by 0, not by 1"),
    ):
        with acting_for(studio.id), pytest.raises(IntegrityError, match=words):
            overwrite(invoice, **change)


def test_a_note_is_never_changed(studio: Company, invoice: Invoice) -> None:
    note = reduce(studio, invoice, amount=10)
    with acting_for(studio.id):
        ways: list[Callable[[], object]] = [
            lambda: CreditNote.objects.filter(pk=note.pk).update(total=1),
            lambda: CreditNoteTax.objects.filter(credit_note=note).update(tax=1),
        ]
        for way in ways:
            with pytest.raises(ProgrammingError, match="permission denied"), transaction.atomic():
                way()


# --- Tax ------------------------------------------------------------------------------------------


GROUPS = st.lists(
    st.tuples(
        st.sampled_from(["inclusive", "exclusive"]),
        st.integers(0, 5_000),
        st.sampled_from([0, 5, 10, 19, 20, 25]),
    ),
    min_size=1,
    max_size=4,
).map(
    lambda rows: [
        Portion(
            Decimal(place),
            behavior,
            amount,
            amount * rate // 100 if behavior == "exclusive" else amount * rate // (100 + rate),
        )
        for place, (behavior, amount, rate) in enumerate(rows)
    ]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(groups=GROUPS, hundredths=st.lists(st.integers(1, 100), max_size=5))
def test_parts_come_to_what_is_taken_and_at_the_end_to_all(
    groups: list[Portion], hundredths: list[int]
) -> None:
    left = {group.tax_rate: group for group in groups}
    for share in (*hundredths, 100):
        whole = sum(group.total for group in left.values())
        if not whole:
            break
        total = -(-whole * share // 100)
        parts = take_out(list(left.values()), total)
        assert sum(part.total for part in parts) == total
        for part in parts:
            group = left[part.tax_rate]
            rest = Portion(
                group.tax_rate, group.tax_behavior, group.amount - part.amount, group.tax - part.tax
            )
            assert min(part.amount, part.tax, rest.amount, rest.tax, rest.total) >= 0
            # The tax of a part is proportional, rounded to the nearest unit.
            assert abs(part.tax * group.total - part.total * group.tax) * 2 <= group.total
            left[part.tax_rate] = rest
    assert all((rest.amount, rest.tax) == (0, 0) for rest in left.values())
