"""`check_ledger` proves the money: it finds every kind of error."""

from typing import Any

import pytest
from django.db import connections, transaction

from billing.actions import reduce_invoice, refund_payment, void_invoice, write_off_invoice
from billing.models import Payment
from bookings.actions import pay_invoice
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from credits import proof
from credits.actions import CreditPart, reverse_redemption
from credits.models import Entry
from credits.proof import check_ledger
from tests.conftest import DATABASES
from tests.factories import ACredit, ACustomer, AnInvoice, APayment, act

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)

TABLES = ("invoice", "invoiceline", "payment", "creditnote", "creditnotetax")
CHECKS = {
    "invoice": ("invoice_tax", "invoice_total", "invoice_settled_in_part"),
    "invoiceline": ("invoice_line_total",),
    "creditnote": ("credit_note_total", "credit_note_kind"),
}
# The SQL that does the damage, and the beginning of the message that reports it.
DAMAGES = (
    ("UPDATE billing_invoiceline SET total = total + 1 WHERE invoice_id = '{paid}'", "its lines"),
    ("UPDATE billing_invoice SET total = total + 1 WHERE id = '{draft}'", "its total is not"),
    ("UPDATE billing_invoice SET tax = tax + 1 WHERE id = '{draft}'", "its total is not"),
    ("UPDATE billing_payment SET amount = amount + 1 WHERE id = '{payment}'", "more than its"),
    ("UPDATE billing_invoice SET paid_at = NULL WHERE id = '{paid}'", "it is paid with"),
    ("UPDATE billing_invoice SET paid_at = now() WHERE id = '{open}'", "it is paid with"),
    ("UPDATE billing_invoice SET covered = 1 WHERE id = '{draft}'", "it is settled and"),
    ("UPDATE billing_invoice SET reduced = reduced + 1 WHERE id = '{open}'", "it is reduced by"),
    ("UPDATE billing_invoice SET covered = covered + 1 WHERE id = '{open}'", "it is covered by"),
    ("UPDATE credits_entry SET covered = 1 WHERE credit_id = '{tenth}'", "it is covered by"),
    ("UPDATE credits_entry SET amount = -1 WHERE credit_id = '{credit}'", "it is covered by"),
    ("UPDATE credits_entry SET reference = 'x' WHERE credit_id = '{tenth}'", "it is covered by"),
    ("DELETE FROM credits_entry WHERE reverses_id IS NOT NULL", "other credits were given back"),
    ("UPDATE billing_creditnote SET total = 1 WHERE kind = 'returned'", "other credits were given"),
    ("UPDATE billing_creditnote SET total = 99999 WHERE id = '{note}'", "its credit notes take"),
    ("UPDATE billing_creditnote SET tax = 99999 WHERE id = '{note}'", "its credit notes take"),
    (
        "UPDATE billing_creditnote SET kind = 'returned' WHERE invoice_id = '{off}'",
        "its credit notes gi",
    ),
    ("UPDATE billing_invoice SET voided_at = now() WHERE id = '{paid}'", "it is void and keeps"),
    ("UPDATE billing_payment SET amount = 99999 WHERE id = '{refund}'", "more was refunded"),
    ("UPDATE credits_credit SET payment_id = '{payment}' WHERE id = '{credit}'", "it was kept as"),
    ("UPDATE billing_payment SET status = 'failed' WHERE id = '{payment}'", "it gives back what"),
    ("UPDATE billing_payment SET customer_id = '{other}' WHERE id = '{payment}'", "its invoice is"),
    ("UPDATE billing_creditnotetax SET tax = tax + 1", "its taxes do not"),
    ("UPDATE billing_payment SET amount = 1 WHERE id = '{refund}'", "its refund is of another"),
    ("UPDATE billing_invoice SET number = 'INV-2020-00001' WHERE id = '{open}'", "its numbers"),
    ("UPDATE billing_creditnote SET number = 'CN-2020-00001' WHERE id = '{note}'", "its numbers"),
    ("UPDATE billing_invoiceseries SET last = last + 1", "its numbers"),
)


@pytest.fixture
def books(studio: Company, actor: Actor) -> dict[str, Any]:
    """Invoices in every state, with every kind of settlement and its reversal."""
    own: dict[str, Any] = {"company": studio, "customer": ACustomer(company=studio)}
    rows = {name: AnInvoice(**own, tax_rate=20) for name in ("paid", "open", "off", "void")}
    rows["draft"] = AnInvoice(**own, draft=True)
    payment = APayment(company=studio, invoice=rows["paid"], amount=12_000)
    refund = act(studio, refund_payment, Payment(refunds=payment, amount=500, reason="Late"))
    note = act(studio, reduce_invoice, rows["open"], amount=1_000, reason="Late")
    act(studio, write_off_invoice, rows["off"], reason="Gone")
    act(studio, void_invoice, rows["void"])
    credit, tenth = ACredit(**own, amount=3_000), ACredit(**own, percentage=10)
    with acting_for(studio.id):
        for part in (CreditPart(credit, 1_500), tenth, CreditPart(credit, 500)):
            pay_invoice(rows["open"], means=[part], actor=actor)
        last = Entry.objects.paying_for(rows["open"]).newest_first()[0]
        reverse_redemption(last, reason="Too much", actor=actor)
    other = ACustomer(company=studio)
    more = {"other": other, "credit": credit, "tenth": tenth}
    return {**rows, "payment": payment, "refund": refund, "note": note, **more}


def test_sound_money_has_no_findings(studio: Company, books: dict[str, Any]) -> None:
    findings, looked_at = check_ledger(studio.id)
    assert findings == []
    counted = [looked_at[name] for name in ("invoices", "payments", "credit_notes")]
    assert counted == [5, 2, 4]


def test_each_kind_of_damage_is_found(
    studio: Company, rival: Company, books: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = {name: row.pk for name, row in books.items()}
    owner = connections["owner"]
    # The check reads as the owner, whose transaction holds the damage and is rolled back.
    monkeypatch.setattr(proof, "connection", owner)
    for damage, found in DAMAGES:
        with transaction.atomic(using="owner"), owner.cursor() as cursor:
            cursor.execute("ALTER TABLE credits_entry DISABLE TRIGGER USER")
            cursor.execute("ALTER TABLE credits_entry DROP CONSTRAINT entry_sign")
            for table in TABLES:
                cursor.execute(f"ALTER TABLE billing_{table} DISABLE TRIGGER USER")
                for check in CHECKS.get(table, ()):
                    cursor.execute(f"ALTER TABLE billing_{table} DROP CONSTRAINT {check}")
            cursor.execute(damage.format(**ids))
            assert cursor.rowcount > 0, damage
            rules = {finding.rule for finding in check_ledger(studio.id)[0]}
            assert any(rule.startswith(found) for rule in rules), (damage, rules)
            assert check_ledger(rival.id)[0] == []
            transaction.set_rollback(True, using="owner")
    assert check_ledger(studio.id)[0] == []


def test_a_finding_names_the_row(
    studio: Company, books: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = connections["owner"]
    monkeypatch.setattr(proof, "connection", owner)
    with transaction.atomic(using="owner"), owner.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_creditnotetax DISABLE TRIGGER USER")
        note = books["note"].pk
        cursor.execute(
            "UPDATE billing_creditnotetax SET tax = tax + 1 WHERE credit_note_id = %s", [note]
        )
        (found,) = check_ledger(studio.id)[0]
        assert (found.kind, found.id) == ("credit note", note)
        assert found.rule == "its taxes do not come to it"
        transaction.set_rollback(True, using="owner")
