"""Pay for bookings and media, and give back what they took.

The caller holds the lock of the customer who pays.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import cast

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.invoices import keeps_credit, keeps_money, void_invoice
from billing.actions.payments import amount_left, refund_payment, take_payment
from billing.models import Invoice, Payment
from config.tenancy.actors import Actor
from credits.actions.credits import return_credits, reverse_redemption
from credits.actions.ledger import check_pays_for
from credits.actions.passes import reverse_use
from credits.actions.paying import CreditPart
from credits.errors import AlreadyReversed, HasEnded, OtherCurrency
from credits.models import Credit, Entry, PassPurchase
from customers.models import Customer

from .. import errors
from ..models import AnyPayable, Booking
from .locks import lock_customers
from .parts import Means, Parts, pay_in_parts
from .using import save_fields, send_invoice, use_credit_for, use_pass_for


@transaction.atomic
def pay_booking(
    booking: Booking, *, means: Means | Parts, keep_excess_as_credit: bool = False, actor: Actor
) -> None:
    """Pay for a booking, or for what a credit left of its price.

    An archived customer can still pay with money. Raises CustomerArchived, BookingNotOpen for a
    cancelled booking, AlreadyPaid, AlreadyCovered, AlreadyInvoiced, NotTheirHolding, or the
    refusals of using the means.
    """
    rows = Booking.objects.visible_to(actor).select_related("transaction__customer", "customer")
    booking = rows.get(pk=booking.pk)
    is_money = all(isinstance(one, Payment) for one in _each(means))
    payer = lock_customers([booking.payer], to_end=is_money, actor=actor)[booking.payer.pk]
    booking = rows.select_for_update(no_key=True, of=("self",)).get(pk=booking.pk)
    if booking.cancelled_at is not None:
        raise errors.BookingNotOpen(_("This booking is cancelled, so nothing is owed for it."))
    pay_together(
        [booking],
        payer=payer,
        means=means,
        keep_excess_as_credit=keep_excess_as_credit,
        actor=actor,
    )


def pay_together(
    payables: Sequence[AnyPayable],
    *,
    payer: Customer,
    means: Means | Parts,
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> None:
    """Pay for what one customer buys at once; money is taken once for all of it.

    Skips what costs nothing; a balance of money pays as much as it holds. What is paid in parts or
    by several means is put on invoices, one for each thing, which the parts pay in turn. Raises
    AlreadyPaid if nothing is left to pay.
    """
    each = _each(means)
    unpaid = [one for one in payables if any(_is_open(one, part) for part in each)]
    if not unpaid:
        raise errors.AlreadyPaid
    if len(each) == 1 and _pays_for_all(each[0]) and not keep_excess_as_credit:
        _pay_whole(unpaid, cast(Means, each[0]), payer, actor)
    else:
        pay_in_parts(unpaid, each, payer, keep_excess_as_credit, actor)


def _each(means: Means | Parts) -> Parts:
    return means if isinstance(means, Sequence) else [means]


def _pays_for_all(one: Means | CreditPart) -> bool:
    """Whether it is no part: money without an amount, or something used as the action decides."""
    return not isinstance(one, CreditPart) and not (
        isinstance(one, Payment) and one.amount is not None
    )


def _pay_whole(unpaid: Sequence[AnyPayable], means: Means, payer: Customer, actor: Actor) -> None:
    match means:
        case PassPurchase():
            for payable in unpaid:
                use_pass_for(payable, means, payer, actor)
        case Credit():
            use_credit_for(unpaid, means, payer, actor)
        case Invoice():
            for payable in unpaid:
                send_invoice(payable, means, payer, actor)
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

    With `keeps_entry` the use stays, and so do the credits that paid for an invoice; at most the
    amount `most` of the money goes back.
    """
    if payable.entry is not None and not keeps_entry:
        reverse = reverse_use if payable.entry.purchase_id else reverse_redemption
        # A holding that has ended takes nothing back, which does not prevent cancelling.
        with suppress(HasEnded, AlreadyReversed):
            reverse(payable.entry, reason=reason, actor=actor)
    if payable.open_invoice is not None:
        if not keeps_entry:
            return_credits(payable.open_invoice, reason=reason, actor=actor)
        payable.refund = _take_back_invoice(payable.open_invoice, refund, most, reason, actor)
    elif refund and payable.payment is not None:
        most = payable.due if most is None else most
        payable.refund = _refund(payable.payment, most, reason, actor)


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
        save_fields(payable, "payment")


def _balance_of(invoice: Invoice) -> int:
    return vars(Invoice.objects.with_amounts().get(pk=invoice.pk))["balance"]


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
    if not (keeps_money(invoice, actor=actor) or keeps_credit(invoice, actor=actor)):
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


def _is_open(payable: AnyPayable, means: Means | CreditPart) -> bool:
    """Return whether there is something to pay; visits pay for a place whatever its price."""
    if not (payable.entry_id or payable.payment_id or payable.invoice_id):
        return bool(payable.total) or isinstance(means, PassPurchase)
    return not type(payable).objects.paid().filter(pk=payable.pk).exists()
