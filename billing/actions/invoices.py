import datetime
from collections.abc import Sequence

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from config.card_numbers import refuse_card_numbers
from config.money import show_money
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.companies import currency_of
from config.tenancy.constraints import refusing
from config.tenancy.days import local_day
from config.tenancy.money_fields import MOST, check_amount
from config.tenancy.money_permissions import MoneyAction, check_money_action
from customers.actions.locks import lock_customer

from .. import errors
from ..models import CreditNote, Invoice, InvoiceLine, InvoiceSeries, Payment
from ..models.invoices import invoice_number
from .locks import check_balance, lock_invoice
from .numbers import take_number
from .payment_methods import check_theirs
from .tax import ForSale, check_tax, fill_tax, group_taxes, on_top

MOST_LINES = 500
MOST_PIECES = 1_000_000


@transaction.atomic
def create_invoice(invoice: Invoice, *, lines: Sequence[InvoiceLine], actor: Actor) -> Invoice:
    """Create a draft, with the company's currency and tax unless it names others.

    A line without a tax uses the invoice's. Computes subtotal, taxes and total. The tax is computed
    once for each rate, after the discount. Raises CustomerArchived, NoLines, InvalidInvoice,
    DiscountTooLarge, NotTheirs, CardNumber or InvoiceExists, and AboveRoleLimit for a discount
    above the limit of front desk.
    """
    if invoice.discount:
        currency = invoice.currency
        check_money_action(actor, MoneyAction.REDUCE, invoice.discount, currency=currency)
    return draft_invoice(invoice, lines=lines, actor=actor)


@transaction.atomic
def draft_invoice(
    invoice: Invoice, *, lines: Sequence[InvoiceLine], to_end: bool = False, actor: Actor
) -> Invoice:
    """Create a draft as `create_invoice` does, with a discount that was agreed on before.

    With `to_end`, the customer may be archived: the invoice is for an existing debt.
    """
    customer = lock_customer(invoice.customer, to_end=to_end, actor=actor)
    invoice.company_id = customer.company_id
    invoice.currency = invoice.currency or currency_of(customer.company_id)
    check_theirs(invoice.payment_method, customer)
    refuse_card_numbers(invoice)
    fill_tax(invoice, company_id=invoice.company_id, refusal=errors.InvalidInvoice)
    _number_lines(invoice, lines)
    _add_up(invoice, lines)
    with refusing(invoice_external_id_once=errors.InvoiceExists):
        insert(invoice)
    InvoiceLine.objects.bulk_create(lines)
    return invoice


@transaction.atomic
def issue_invoice(
    invoice: Invoice,
    *,
    due_on: datetime.date | None = None,
    at: datetime.datetime | None = None,
    to_end: bool = False,
    actor: Actor,
) -> Invoice:
    """Issue a draft under the next number of its year; an invoice of 0 is paid at once.

    `at` is the time of issue, now by default. Raises CustomerArchived unless `to_end`,
    AlreadyIssued, InvoiceIsVoid or DueBeforeIssued.
    """
    invoice = lock_invoice(invoice, to_end=to_end, actor=actor)
    if invoice.issued_at is not None:
        text = _("This invoice is issued as %(number)s. To change it, void it and make another.")
        raise errors.AlreadyIssued(text % {"number": invoice.number})
    day = local_day(invoice.company_id, at)
    invoice.due_on = due_on or invoice.due_on
    if invoice.due_on is not None and invoice.due_on < day:
        raise errors.DueBeforeIssued
    facts = {
        "number": invoice_number(day.year, _next_number(invoice, day.year)),
        "issued_at": at or Now(),
        "due_on": invoice.due_on,
    }
    if invoice.total == 0:
        facts["paid_at"] = facts["issued_at"]
    return _mark(invoice, **facts)


@transaction.atomic
def void_invoice(invoice: Invoice, *, at: datetime.datetime | None = None, actor: Actor) -> Invoice:
    """Void an invoice or a draft; its number is not used again.

    `at` is the time of the change, now by default. `void_sale` in credits also ends what the
    invoice sold. The limit of front desk applies to the unpaid balance plus earlier reductions.
    Raises InvoiceIsVoid, or InvoiceHasPayments unless all money was refunded and all credits were
    given back.
    """
    check_money_action(actor, MoneyAction.VOID)
    locked = lock_invoice(invoice, to_end=True, actor=actor)
    if locked.issued_at is not None and locked.paid_at is None:
        balance = check_balance(locked, 0, actor=actor)
        check_money_action(
            actor, MoneyAction.VOID, balance, before=locked.reduced, currency=locked.currency
        )
    return take_back_invoice(locked, at=at, actor=actor)


@transaction.atomic
def take_back_invoice(
    invoice: Invoice, *, at: datetime.datetime | None = None, actor: Actor
) -> Invoice:
    """Void an invoice because what it charges for was cancelled; no role limit applies.

    Raises the refusals of `void_invoice`.
    """
    invoice = lock_invoice(invoice, to_end=True, actor=actor)
    if kept := money_kept(invoice, actor=actor):
        raise _has_payments(invoice, kept)
    if keeps_credit(invoice, actor=actor):
        raise errors.InvoiceHasPayments(
            _(
                "Credits have paid for this invoice. Give them back first: on the page of the "
                "invoice, or over the API by reversing their redemptions. A credit that was "
                "revoked or has expired cannot be given back: reduce what is left of the invoice "
                "instead."
            )
        )
    return _mark(invoice, voided_at=at or Now())


def line_of(sold: ForSale) -> InvoiceLine:
    """Return an unsaved invoice line for a product at its present name, price and tax."""
    return InvoiceLine(
        description=sold.name,
        unit_price=sold.price,
        tax_rate=sold.tax_rate,
        tax_behavior=sold.tax_behavior,
    )


def keeps_money(invoice: Invoice, *, actor: Actor) -> bool:
    """Return whether more was paid for an invoice, with money or credits, than was given back."""
    return money_kept(invoice, actor=actor) > 0 or keeps_credit(invoice, actor=actor)


def money_kept(invoice: Invoice, *, actor: Actor) -> int:
    """Return how much more was paid for an invoice than was refunded."""
    payments = Payment.objects.visible_to(actor).filter(invoice=invoice)
    return payments.taken().amount_in_all() - payments.given_back().amount_in_all()


def keeps_credit(invoice: Invoice, *, actor: Actor) -> bool:
    """Return whether credits paid more of an invoice than was given back."""
    returned = CreditNote.objects.visible_to(actor).filter(
        invoice=invoice, kind=CreditNote.Kind.RETURNED
    )
    return bool(invoice.covered) and invoice.covered > returned.amount_in_all()


def _number_lines(invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """Check lines, number them and compute the total of each."""
    if not lines:
        raise errors.NoLines
    if len(lines) > MOST_LINES:
        raise errors.InvalidInvoice.at(
            "line_items",
            _("Must have at most %(most_lines)s lines; got %(lines)s.")
            % {"most_lines": MOST_LINES, "lines": len(lines)},
        )
    for position, line in enumerate(lines):
        here = f"line_items.{position}."
        refuse_card_numbers(line, here)
        if not line.description.strip():
            raise errors.InvalidInvoice.at(
                f"{here}description", _("Must not be blank. Send what the line is for.")
            )
        if not 1 <= line.quantity <= MOST_PIECES:
            raise errors.InvalidInvoice.at(
                f"{here}quantity",
                _("Must be from 1 to %(most_pieces)s; got “%(quantity)s”.")
                % {"most_pieces": f"{MOST_PIECES:,}", "quantity": line.quantity},
            )
        check_amount(line.unit_price, field=f"{here}unit_price", refusal=errors.InvalidInvoice)
        line.company_id, line.invoice, line.position = invoice.company_id, invoice, position
        line.tax_rate = invoice.tax_rate if line.tax_rate is None else line.tax_rate
        line.tax_behavior = line.tax_behavior or invoice.tax_behavior
        check_tax(line, refusal=errors.InvalidInvoice, here=here)
        line.total = line.quantity * line.unit_price


def _add_up(invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    invoice.subtotal = sum(line.total for line in lines)
    if invoice.subtotal > MOST:
        raise errors.InvalidInvoice.at(
            "line_items",
            _("Must come to at most %(most)s in the smallest unit; got “%(subtotal)s”.")
            % {"most": f"{MOST:,}", "subtotal": f"{invoice.subtotal:,}"},
        )
    if invoice.discount < 0:
        raise errors.InvalidInvoice.at(
            "discount", _("Must be 0 or more; got “%(discount)s”.") % {"discount": invoice.discount}
        )
    if invoice.discount > invoice.subtotal:
        raise errors.DiscountTooLarge
    priced = (((line.tax_rate, line.tax_behavior), line.total) for line in lines)
    taxes = group_taxes(priced, discount=invoice.discount)
    invoice.taxes, invoice.tax = taxes, sum(one["tax"] for one in taxes)
    invoice.total = invoice.subtotal - invoice.discount + on_top(taxes)


def _next_number(invoice: Invoice, year: int) -> int:
    return take_number(InvoiceSeries, invoice.company_id, year)


def _has_payments(invoice: Invoice, kept: int) -> errors.InvoiceHasPayments:
    text = _(
        "%(kept)s of what was paid for this invoice is kept. Refund each payment first: on its "
        "page, or over the API at POST /v1/payments/{id}/refunds."
    )
    return errors.InvoiceHasPayments(text % {"kept": show_money(kept, invoice.currency)})


def _mark(invoice: Invoice, **facts: object) -> Invoice:
    Invoice.objects.filter(pk=invoice.pk).update(**facts)
    invoice.refresh_from_db()
    return invoice
