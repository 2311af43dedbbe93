import datetime
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from config.access.actors import Actor
from config.access.constraints import refusing
from config.access.days import local_day
from config.access.ids import new_id
from config.access.models import Company
from config.statements.inserting import insert
from customers.actions import lock_customer

from ..cards import refuse_card_numbers
from ..errors import (
    AlreadyIssued,
    DiscountTooLarge,
    DueBeforeIssued,
    InvalidInvoice,
    InvoiceExists,
    InvoiceHasPayments,
    InvoiceIsVoid,
    NoLines,
)
from ..models import Invoice, InvoiceLine, Payment
from ..models.money import MOST
from .payment_methods import check_theirs

MOST_LINES = 500
MOST_PIECES = 1_000_000

# The counter's row is locked until the transaction ends, and what is rolled back was never counted.
_NEXT_NUMBER = """
INSERT INTO billing_invoiceseries AS series (id, company_id, year, last)
VALUES (%s, %s, %s, 1)
ON CONFLICT (company_id, year) DO UPDATE SET last = series.last + 1
RETURNING last
"""


@transaction.atomic
def create_invoice(invoice: Invoice, *, lines: Sequence[InvoiceLine], actor: Actor) -> Invoice:
    """Write a draft of what a customer is asked for, in the company's currency.

    Subtotal, tax and total are worked out here, once for the whole invoice. Raises
    CustomerArchived, NoLines, InvalidInvoice, DiscountTooLarge, NotTheirs, CardNumber or
    InvoiceExists.
    """
    customer = lock_customer(invoice.customer, actor=actor)
    company = Company.objects.get(pk=customer.company_id)
    invoice.company_id, invoice.currency = company.id, invoice.currency or company.currency
    check_theirs(invoice.payment_method, customer)
    refuse_card_numbers(invoice)
    _number_lines(invoice, lines)
    _add_up(invoice, lines)
    with refusing(invoice_external_id_once=InvoiceExists):
        insert(invoice)
    InvoiceLine.objects.bulk_create(lines)
    return invoice


@transaction.atomic
def issue_invoice(
    invoice: Invoice,
    *,
    due_on: datetime.date | None = None,
    at: datetime.datetime | None = None,
    actor: Actor,
) -> Invoice:
    """Give a draft the next number of its year; what comes to nothing is paid by that.

    It was issued `at` a moment, or now. Raises CustomerArchived, AlreadyIssued, InvoiceIsVoid or
    DueBeforeIssued.
    """
    invoice = lock_invoice(invoice, actor)
    if invoice.issued_at is not None:
        raise AlreadyIssued
    day = local_day(invoice.company_id, at)
    invoice.due_on = due_on or invoice.due_on
    if invoice.due_on is not None and invoice.due_on < day:
        raise DueBeforeIssued
    facts = {
        "number": f"INV-{day.year:04}-{_next_number(invoice, day.year):05}",
        "issued_at": at or Now(),
        "due_on": invoice.due_on,
    }
    if invoice.total == 0:
        facts["paid_at"] = facts["issued_at"]
    return _mark(invoice, **facts)


@transaction.atomic
def void_invoice(invoice: Invoice, *, actor: Actor) -> Invoice:
    """Take back what was asked for; a number that it has is not used again.

    Raises CustomerArchived, InvoiceIsVoid, or InvoiceHasPayments while money is kept for it.
    """
    invoice = lock_invoice(invoice, actor)
    payments = Payment.objects.visible_to(actor).filter(invoice=invoice)
    if payments.taken().amount_in_all() > payments.given_back().amount_in_all():
        raise InvoiceHasPayments
    return _mark(invoice, voided_at=Now())


def lock_invoice(invoice: Invoice, actor: Actor) -> Invoice:
    """Return the invoice as it is now, under its customer's lock; raises InvoiceIsVoid."""
    customer = lock_customer(invoice.customer, actor=actor)
    invoice = Invoice.objects.visible_to(actor).get(pk=invoice.pk)
    invoice.customer = customer
    if invoice.voided_at is not None:
        raise InvoiceIsVoid
    return invoice


def _number_lines(invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    """Put lines in their order and work out what each comes to."""
    if not lines:
        raise NoLines
    if len(lines) > MOST_LINES:
        _refuse(
            "line_items",
            _("An invoice has %(most_lines)s lines at the most.") % {"most_lines": MOST_LINES},
        )
    for position, line in enumerate(lines):
        here = f"line_items.{position}."
        refuse_card_numbers(line, here)
        if not line.description.strip():
            _refuse(f"{here}description", _("Say what it is for."))
        if not 1 <= line.quantity <= MOST_PIECES:
            _refuse(
                f"{here}quantity",
                _("From 1 to %(most_pieces)s.") % {"most_pieces": f"{MOST_PIECES:,}"},
            )
        if not 0 <= line.unit_price <= MOST:
            _refuse(
                f"{here}unit_price",
                _("From 0 to %(most)s of the smallest unit.") % {"most": f"{MOST:,}"},
            )
        line.company_id, line.invoice, line.position = invoice.company_id, invoice, position
        line.total = line.quantity * line.unit_price


def _add_up(invoice: Invoice, lines: Sequence[InvoiceLine]) -> None:
    invoice.subtotal = sum(line.total for line in lines)
    if invoice.subtotal > MOST:
        _refuse(
            "line_items",
            _("They come to more than %(most)s of the smallest unit.") % {"most": f"{MOST:,}"},
        )
    if invoice.discount < 0:
        _refuse("discount", _("A discount is nothing or more."))
    if invoice.discount > invoice.subtotal:
        raise DiscountTooLarge
    if not 0 <= invoice.tax_rate <= 100:
        _refuse("tax_rate", _("From 0 to 100 percent."))
    net = invoice.subtotal - invoice.discount
    tax = Decimal(net) * invoice.tax_rate / 100
    invoice.tax = int(tax.quantize(Decimal(1), ROUND_HALF_UP))
    invoice.total = net + invoice.tax


def _next_number(invoice: Invoice, year: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [new_id(), invoice.company_id, year])
        return cursor.fetchone()[0]


def _mark(invoice: Invoice, **facts: object) -> Invoice:
    Invoice.objects.filter(pk=invoice.pk).update(**facts)
    invoice.refresh_from_db()
    return invoice


def _refuse(field: str, sentence: str) -> None:
    raise InvalidInvoice(f"{field}: {sentence}", fields={field: sentence})
