"""Lower the balance of an invoice: by a reduction, a credit or a write-off."""

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from config.tenancy.actors import Actor
from config.tenancy.constraints import refusing
from config.tenancy.money_fields import check_amount
from config.tenancy.money_permissions import MoneyAction, check_money_action

from .. import errors
from ..models import CreditNote, Invoice
from .credit_notes import issue_credit_note
from .locks import check_balance, lock_invoice


@transaction.atomic
def reduce_invoice(
    invoice: Invoice, *, amount: int | None = None, reason: str, actor: Actor
) -> CreditNote:
    """Lower the balance of an invoice by an amount, by default to 0, with a credit note.

    The invoice is then paid if its balance is 0. Raises NoReason, CardNumber, InvalidCreditNote,
    InvoiceIsVoid, InvoiceIsDraft, InvoiceIsPaid or MoreThanOwed, and NotYourRole or AboveRoleLimit.
    """
    return _reduce(invoice, CreditNote.Kind.REDUCTION, amount, reason, actor)


@transaction.atomic
def write_off_invoice(
    invoice: Invoice, *, amount: int | None = None, reason: str, actor: Actor
) -> CreditNote:
    """Write off the balance of an invoice, or a part of it; otherwise like `reduce_invoice`."""
    return _reduce(invoice, CreditNote.Kind.WRITE_OFF, amount, reason, actor)


@transaction.atomic
def let_go_of_rest(invoice: Invoice, *, reason: str, actor: Actor) -> None:
    """Lower the balance of an invoice to 0, because what it charges for was cancelled.

    No role limit applies. Raises InvoiceIsVoid or CardNumber.
    """
    invoice = lock_invoice(invoice, to_end=True, actor=actor)
    if invoice.issued_at is None or invoice.paid_at is not None:
        return
    balance = check_balance(invoice, 0, actor=actor)
    kind = CreditNote.Kind.REDUCTION
    issue_credit_note(invoice, kind=kind, total=balance, reason=reason, actor=actor)
    _settle_by(invoice, "reduced", balance, balance)


@transaction.atomic
def cover_invoice(invoice: Invoice, *, amount: int, actor: Actor) -> Invoice:
    """Record that a credit paid an amount of an invoice; the caller deducts it from the credit.

    Raises InvoiceIsVoid, InvoiceIsDraft, InvoiceIsPaid or MoreThanOwed.
    """
    invoice = lock_invoice(invoice, to_end=True, actor=actor)
    check_amount(amount, field="amount", refusal=errors.InvalidPayment, least=1)
    _settle_by(invoice, "covered", amount, check_balance(invoice, amount, actor=actor))
    invoice.refresh_from_db()
    return invoice


@transaction.atomic
def return_cover(invoice: Invoice, *, amount: int, reason: str, actor: Actor) -> CreditNote:
    """Create the credit note for a credit that is given back after it paid for an invoice.

    The caller gives the credit back. The balance does not change, as after a refund. Raises
    InvoiceIsVoid, CardNumber or MoreThanTaken.
    """
    invoice = lock_invoice(invoice, to_end=True, actor=actor)
    check_amount(amount, field="amount", refusal=errors.InvalidCreditNote, least=1)
    with refusing(billing_credit_note_fits=errors.MoreThanTaken):
        return issue_credit_note(
            invoice, kind=CreditNote.Kind.RETURNED, total=amount, reason=reason, actor=actor
        )


def _reduce(
    invoice: Invoice, kind: CreditNote.Kind, amount: int | None, reason: str, actor: Actor
) -> CreditNote:
    reason = reason.strip()
    if not reason:
        raise errors.NoReason
    invoice = lock_invoice(invoice, to_end=True, actor=actor)
    if amount is not None:
        check_amount(amount, field="amount", refusal=errors.InvalidCreditNote, least=1)
    balance = check_balance(invoice, amount or 1, actor=actor)
    amount = amount or balance
    before = invoice.discount + invoice.reduced
    wanted = MoneyAction.REDUCE if kind == CreditNote.Kind.REDUCTION else MoneyAction.WRITE_OFF
    check_money_action(actor, wanted, amount, before=before, currency=invoice.currency)
    with refusing(billing_credit_note_fits=errors.MoreThanOwed):
        note = issue_credit_note(invoice, kind=kind, total=amount, reason=reason, actor=actor)
    _settle_by(invoice, "reduced", amount, balance)
    return note


def _settle_by(invoice: Invoice, column: str, amount: int, balance: int) -> None:
    """Increase `covered` or `reduced`, and mark the invoice as paid if that settles it."""
    facts: dict[str, object] = {column: F(column) + amount}
    if amount == balance:
        facts["paid_at"] = Now()
    with refusing(invoice_settled_in_part=errors.MoreThanOwed):
        Invoice.objects.filter(pk=invoice.pk).update(**facts)
