"""Pay for bookings and media, and give back what they took.

The caller holds the lock of the customer who pays.
"""

from collections.abc import Sequence
from contextlib import suppress

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.invoices import create_invoice, issue_invoice, keeps_money, void_invoice
from billing.actions.payments import amount_left, refund_payment, take_payment
from billing.models import Invoice, InvoiceLine, Payment
from config.tenancy.actors import Actor
from config.tenancy.ids import show_id
from credits.actions.credits import redeem_credit, reverse_redemption
from credits.actions.ledger import check_pays_for
from credits.actions.passes import reverse_use, use_pass
from credits.eligibility import is_good_for
from credits.errors import AlreadyReversed, HasEnded, OtherCurrency, OtherOffering
from credits.models import AnyHolding, Credit, Entry, PassPurchase
from customers.models import Customer

from .. import errors
from ..models import AnyPayable, Booking, MediaPurchase
from .locks import lock_customers

# How something is paid: with a pass or a credit that the customer has, or with a payment or an
# invoice that is not saved yet.
Means = PassPurchase | Credit | Payment | Invoice


@transaction.atomic
def pay_booking(booking: Booking, *, means: Means, actor: Actor) -> None:
    """Pay for a booking, or for what a credit left of its price.

    An archived customer can still pay with money. Raises CustomerArchived, BookingNotOpen for a
    cancelled booking, AlreadyPaid, AlreadyCovered, AlreadyInvoiced, NotTheirHolding, or the
    refusals of using the means.
    """
    rows = Booking.objects.visible_to(actor).select_related("transaction__customer", "customer")
    booking = rows.get(pk=booking.pk)
    is_money = isinstance(means, Payment)
    payer = lock_customers([booking.payer], to_end=is_money, actor=actor)[booking.payer.pk]
    booking = rows.select_for_update(no_key=True, of=("self",)).get(pk=booking.pk)
    if booking.cancelled_at is not None:
        raise errors.BookingNotOpen(_("This booking is cancelled, so nothing is owed for it."))
    pay_together([booking], payer=payer, means=means, actor=actor)


def pay_together(
    payables: Sequence[AnyPayable], *, payer: Customer, means: Means, actor: Actor
) -> None:
    """Pay for what one customer buys at once; money is taken once for all of it.

    Skips what costs nothing; a balance of money pays as much as it holds. Raises AlreadyPaid if
    nothing is left to pay.
    """
    unpaid = [payable for payable in payables if _is_open(payable, means)]
    if not unpaid:
        raise errors.AlreadyPaid
    match means:
        case PassPurchase():
            for payable in unpaid:
                _use_pass(payable, means, payer, actor)
        case Credit():
            _use_credit(unpaid, means, payer, actor)
        case Invoice():
            for payable in unpaid:
                _send_invoice(payable, means, payer, actor)
        case Payment():
            _take_money(unpaid, means, payer, actor)


def check_still_paid(booking: Booking) -> None:
    """Raise EndsTooSoon if a booking begins after the end of the pass or credit that paid it."""
    if booking.entry is None or Entry.objects.filter(reverses=booking.entry).exists():
        return
    holding = booking.entry.credit or booking.entry.purchase
    assert holding is not None
    check_pays_for(holding, booking.starts_at)


def give_back(
    payable: AnyPayable,
    *,
    refund: bool,
    keeps_entry: bool = False,
    most: int | None = None,
    reason: str,
    actor: Actor,
) -> None:
    """Reverse the use of a pass or credit and, with `refund`, the payment; saves no payable.

    With `keeps_entry` the use stays; at most the amount `most` of the money goes back.
    """
    if payable.entry is not None and not keeps_entry:
        reverse = reverse_use if payable.entry.purchase_id else reverse_redemption
        # A holding that has ended takes nothing back, which does not prevent cancelling.
        with suppress(HasEnded, AlreadyReversed):
            reverse(payable.entry, reason=reason, actor=actor)
    if payable.open_invoice is not None:
        payable.refund = _take_back_invoice(payable.open_invoice, refund, most, reason, actor)
    elif refund and payable.payment is not None:
        most = payable.due if most is None else most
        payable.refund = _refund(payable.payment, most, reason, actor)


def _is_open(payable: AnyPayable, means: Means) -> bool:
    """Return whether there is something to pay; visits pay for a place whatever its price."""
    invoice_id = payable.invoice_id if isinstance(payable, Booking) else None
    if not (payable.entry_id or payable.payment_id or invoice_id):
        return bool(payable.total) or isinstance(means, PassPurchase)
    return not type(payable).objects.paid().filter(pk=payable.pk).exists()


def _check_uncovered(payable: AnyPayable) -> None:
    if payable.entry_id is not None:
        raise errors.AlreadyCovered
    if payable.open_invoice is not None:
        raise errors.AlreadyInvoiced


def _use_pass(payable: AnyPayable, purchase: PassPurchase, payer: Customer, actor: Actor) -> None:
    _check_uncovered(payable)
    _check_holding(purchase, payable, payer)
    payable.entry = use_pass(
        purchase,
        visits=payable.visits,
        begins_at=payable.usable_from,
        reference=_reference(payable),
        actor=actor,
    )
    payable.covered = payable.total
    _save(payable, "entry", "covered")


def _use_credit(
    payables: Sequence[AnyPayable], credit: Credit, payer: Customer, actor: Actor
) -> None:
    for payable in payables:
        _check_uncovered(payable)
        _check_holding(credit, payable, payer)
        # The balance that the payables before this one have left.
        credit = Credit.objects.visible_to(actor).get(pk=credit.pk)
        if credit.is_amount and not credit.balance and payable is not payables[0]:
            return
        amount = _amount_from(credit, payable)
        payable.entry = redeem_credit(
            credit,
            amount=amount,
            begins_at=payable.usable_from,
            reference=_reference(payable),
            actor=actor,
        )
        payable.covered = _covered_by(credit, amount, payable)
        _save(payable, "entry", "covered")


def _amount_from(credit: Credit, payable: AnyPayable) -> int | None:
    """Return what to take from a balance of money, None from a credit that is used as a whole."""
    if not credit.is_amount:
        return None
    if credit.currency != payable.currency:
        raise OtherCurrency
    # Redeeming one unit of an empty balance raises UsedUp.
    return min(credit.balance, payable.total) or 1


def _covered_by(credit: Credit, amount: int | None, payable: AnyPayable) -> int:
    """Return how much of a price a credit pays."""
    if amount is not None:
        return amount
    return credit.percentage_off(payable.total) if credit.is_percentage else payable.total


def _check_holding(holding: AnyHolding, payable: AnyPayable, payer: Customer) -> None:
    if holding.customer_id != payer.pk:
        text = _("%(id)s belongs to another customer. Name one of the customer who pays.")
        raise errors.NotTheirHolding(text % {"id": show_id(holding.id_prefix, holding.pk)})
    if not is_good_for(holding, payable.offering):
        raise _other_offering(holding, payable)


def _other_offering(holding: AnyHolding, payable: AnyPayable) -> OtherOffering:
    """Return the refusal with what the holding is good for and what is to be paid."""
    offerings = holding.offerings if isinstance(holding, PassPurchase) else [holding.offering]
    if not (payable.offering and any(offerings)):
        return OtherOffering()
    text = _("This is good for “%(good)s”, not for “%(other)s”. Use another credit or pass.")
    return OtherOffering(text % {"good": "”, “".join(offerings), "other": payable.offering})


def _take_money(
    payables: Sequence[AnyPayable], payment: Payment, payer: Customer, actor: Actor
) -> None:
    first, *others = payables
    if any(other.currency != first.currency for other in others):
        raise OtherCurrency(_("These are priced in several currencies: pay for them one by one."))
    payment.customer, payment.currency = payer, first.currency
    payment.invoice, payment.amount = None, sum(payable.due for payable in payables)
    if first.open_invoice is not None:
        payment.invoice, payment.amount = first.open_invoice, _balance_of(first.open_invoice)
    take_payment(payment, actor=actor)
    for payable in payables:
        payable.payment = payment
        _save(payable, "payment")


def _balance_of(invoice: Invoice) -> int:
    return vars(Invoice.objects.with_amounts().get(pk=invoice.pk))["balance"]


def _send_invoice(payable: AnyPayable, invoice: Invoice, payer: Customer, actor: Actor) -> None:
    """Create and issue an invoice for a booking, with the `due_on` of the given one."""
    _check_uncovered(payable)
    if isinstance(payable, MediaPurchase):
        raise errors.NotInvoiced
    draft = Invoice(
        customer=payer,
        currency=payable.currency,
        due_on=invoice.due_on,
        discount=payable.discount,
        tax_rate=payable.tax_rate,
        tax_behavior=payable.tax_behavior,
    )
    line = InvoiceLine(description=payable.offering, quantity=1, unit_price=payable.subtotal)
    payable.invoice = issue_invoice(create_invoice(draft, lines=[line], actor=actor), actor=actor)
    _save(payable, "invoice")


def _take_back_invoice(
    invoice: Invoice, refund: bool, most: int | None, reason: str, actor: Actor
) -> Payment | None:
    """Refund the payments of an invoice if asked, and void it unless something is kept."""
    payments = Payment.objects.visible_to(actor).taken().filter(invoice=invoice)
    refunds = list[Payment]()
    for payment in payments if refund else ():
        left = payment.amount if most is None else most - sum(one.amount for one in refunds)
        if (made := _refund(payment, left, reason, actor)) is not None:
            refunds.append(made)
    if not keeps_money(invoice, actor=actor):
        void_invoice(invoice, actor=actor)
    return next(iter(refunds), None)


def _refund(payment: Payment, most: int, reason: str, actor: Actor) -> Payment | None:
    """Refund at most this much of a payment, and no more than is left of it."""
    if payment.status != Payment.Status.SUCCEEDED:
        return None
    amount = min(most, amount_left(payment, actor=actor))
    if amount <= 0:
        return None
    return refund_payment(Payment(refunds=payment, amount=amount, reason=reason), actor=actor)


def _reference(payable: AnyPayable) -> str:
    return show_id(payable.id_prefix, payable.pk)


def _save(payable: AnyPayable, *fields: str) -> None:
    payable.save(update_fields=[*fields, "updated_at"])
