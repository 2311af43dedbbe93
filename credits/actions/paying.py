"""Pay for invoices with money and credits, in parts and with several means."""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.locks import check_balance, lock_invoice, more_than_owed
from billing.actions.payments import take_payment
from billing.actions.reductions import cover_invoice
from billing.errors import InvoiceIsPaid
from billing.models import Invoice, Payment
from config.tenancy.actors import Actor
from config.tenancy.ids import show_id

from ..eligibility import is_good_for
from ..errors import AmountNotTaken, NotTheirHolding, OnePercentage, OtherCurrency, OtherOffering
from ..models import Credit, Entry
from ..models.entries import AGAIN
from .credits import redeem_credit
from .goodwill import issue_free_credit


@dataclass(frozen=True)
class CreditPart:
    """A part of a credit that is a balance of money."""

    credit: Credit
    amount: int


# A means of payment for invoices: an unsaved payment of money, with an amount if it is a part, or a
# credit of the customer, which pays as much as it holds.
InvoiceMeans = Payment | Credit | CreditPart


@dataclass
class _Due:
    """A locked invoice, the rest to pay, and the start of its booking if it has one."""

    invoice: Invoice
    left: int
    begins_at: datetime.datetime | None


@transaction.atomic
def settle_invoices(
    invoices: Sequence[Invoice],
    *,
    means: Sequence[InvoiceMeans],
    begins: Mapping[UUID, datetime.datetime],
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> list[Invoice]:
    """Pay the invoices of one customer, in the given order, with each of the means in turn.

    `begins` maps the id of an invoice to the start of its booking; a credit must not end before.
    `pay_invoices` of bookings fills it in.

    Money without an amount pays the whole rest. Money above the rest is refused unless
    `keep_excess_as_credit`: the excess then becomes a payment without an invoice, and a credit of
    the same amount. An archived customer can still pay with money. Raises InvoiceIsVoid,
    InvoiceIsDraft, InvoiceIsPaid, MoreThanOwed, NotTheirHolding, OtherCurrency, OtherOffering,
    OnePercentage, CustomerArchived, or the refusals of taking a payment and of using a credit.
    """
    locked = [lock_invoice(invoice, to_end=True, actor=actor) for invoice in invoices]
    dues = [
        _Due(invoice, check_balance(invoice, 0, actor=actor), begins.get(invoice.pk))
        for invoice in locked
    ]
    _check_alike(locked)
    for one in means:
        if isinstance(one, Payment):
            _take_money(one, dues, keep_excess_as_credit, actor)
        elif isinstance(one, CreditPart):
            _use_credit(one.credit, one.amount, dues, actor)
        else:
            _use_credit(one, None, dues, actor)
    for invoice in locked:
        invoice.refresh_from_db()
    return locked


def _check_alike(invoices: Sequence[Invoice]) -> None:
    """Raise OtherCurrency for several currencies, or NotTheirHolding for several customers."""
    if len({invoice.currency for invoice in invoices}) > 1:
        raise OtherCurrency(_("These are priced in several currencies: pay for them one by one."))
    if len({invoice.customer_id for invoice in invoices}) > 1:
        raise NotTheirHolding(_("These invoices are of several customers: pay them one by one."))


def _take_money(payment: Payment, dues: Sequence[_Due], keeps_excess: bool, actor: Actor) -> None:
    """Record money for each invoice in turn; the first part uses the given row."""
    owed = sum(due.left for due in dues)
    amount = owed if payment.amount is None else payment.amount
    if payment.status == Payment.Status.FAILED:
        _record(payment, dues[0].invoice, amount, actor)
        return
    excess = max(amount - owed, 0)
    if amount == 0 and not owed:
        raise InvoiceIsPaid
    if excess and not keeps_excess:
        raise more_than_owed(owed, amount, dues[0].invoice.currency)
    parts = [payment, *(_copy(payment) for _due in dues)]
    for due in _open(dues) if amount else ():
        part = min(due.left, amount)
        _record(parts.pop(0), due.invoice, part, actor)
        due.left, amount = due.left - part, amount - part
        if not amount:
            break
    if excess:
        _keep(parts.pop(0), excess, dues[-1].invoice, actor)


def _record(payment: Payment, invoice: Invoice, amount: int, actor: Actor) -> None:
    payment.invoice, payment.customer, payment.amount = invoice, invoice.customer, amount
    take_payment(payment, actor=actor)


def _copy(payment: Payment) -> Payment:
    return Payment(
        method=payment.method,
        payment_method=payment.payment_method,
        reference=payment.reference,
        status=payment.status,
    )


def _keep(payment: Payment, excess: int, invoice: Invoice, actor: Actor) -> None:
    """Record an overpayment, and issue a credit for it."""
    payment.invoice, payment.customer = None, invoice.customer
    payment.amount, payment.currency = excess, invoice.currency
    take_payment(payment, actor=actor)
    issue_free_credit(
        invoice.customer,
        amount=excess,
        name=_("Paid too much for %(number)s") % {"number": invoice.number},
        reason=_("Paid too much for %(number)s") % {"number": invoice.number},
        currency=invoice.currency,
        revenue=excess,
        payment=payment,
        actor=actor,
    )


def _use_credit(credit: Credit, most: int | None, dues: Sequence[_Due], actor: Actor) -> None:
    """Use a credit for the invoices; a credit used as a whole pays only the first one."""
    credit = Credit.objects.visible_to(actor).get(pk=credit.pk)
    _check_theirs(credit, dues[0].invoice)
    owed = sum(due.left for due in dues)
    if not owed:
        raise InvoiceIsPaid
    if not credit.is_amount:
        if most is not None:
            raise AmountNotTaken
        _cover_with_whole(credit, dues, actor)
        return
    if most is not None and most > owed:
        raise more_than_owed(owed, most, dues[0].invoice.currency)
    # Taking one unit of an empty balance raises UsedUp.
    rest = min(credit.balance, owed) or 1 if most is None else most
    for due in _open(dues):
        part = min(rest, due.left)
        _cover(credit, due, part, part, actor)
        rest -= part
        if not rest:
            break


def _check_theirs(credit: Credit, invoice: Invoice) -> None:
    if credit.customer_id != invoice.customer_id:
        text = _("%(id)s belongs to another customer. Name one of the customer who pays.")
        raise NotTheirHolding(text % {"id": show_id(Credit.id_prefix, credit.pk)})
    if credit.is_amount and credit.currency != invoice.currency:
        raise OtherCurrency


def _cover_with_whole(credit: Credit, dues: Sequence[_Due], actor: Actor) -> None:
    """Use a percentage, or a credit for an offering, for the first invoice it is valid for."""
    has_other = False
    for due in _open(dues):
        if credit.is_percentage and _has_percentage(due.invoice, actor):
            has_other = True
        elif is_good_for(credit, _offering_of(due.invoice)):
            part = credit.percentage_off(due.left) if credit.is_percentage else due.left
            _cover(credit, due, None, part, actor)
            return
    raise OnePercentage if has_other else OtherOffering


def _has_percentage(invoice: Invoice, actor: Actor) -> bool:
    """Return whether a percentage has already paid for an invoice."""
    uses = Entry.objects.visible_to(actor).paying_for(invoice).standing()
    return uses.filter(credit__percentage__isnull=False).exists()


def _offering_of(invoice: Invoice) -> str:
    """Return the offering of an invoice for a single piece of a single thing, else ""."""
    lines = list(invoice.lines.all()[:2])
    return lines[0].description if [line.quantity for line in lines] == [1] else ""


def _cover(credit: Credit, due: _Due, amount: int | None, part: int, actor: Actor) -> None:
    redeem_credit(
        credit,
        amount=amount,
        begins_at=due.begins_at,
        covered=part,
        reference=_reference(credit, due.invoice, actor),
        actor=actor,
    )
    cover_invoice(due.invoice, amount=part, actor=actor)
    due.left -= part


def _reference(credit: Credit, invoice: Invoice, actor: Actor) -> str:
    """Return the reference of the next use of a credit for a locked invoice.

    A credit used as a whole can pay again only after its use was reversed.
    """
    reference = show_id(Invoice.id_prefix, invoice.pk)
    before = Entry.objects.visible_to(actor).paying_for(invoice).filter(credit=credit)
    if not credit.is_amount and before.standing().exists():
        return reference
    count = before.count()
    return f"{reference}{AGAIN}{count + 1}" if count else reference


def _open(dues: Iterable[_Due]) -> list[_Due]:
    return [due for due in dues if due.left]
