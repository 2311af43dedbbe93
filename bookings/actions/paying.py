"""How bookings and media are paid for, and what is given back.

Whoever calls these holds the lock of the customer who pays.
"""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions import (
    create_invoice,
    issue_invoice,
    refund_payment,
    take_payment,
    void_invoice,
)
from billing.models import Invoice, InvoiceLine, Payment
from config.access.actors import Actor
from config.access.ids import show_id
from credits.actions import redeem_credit, reverse_redemption, reverse_use, use_pass
from credits.eligibility import is_good_for
from credits.errors import AlreadyReversed, HasEnded, OtherCurrency, OtherOffering
from credits.models import Credit, PassPurchase
from credits.models.coupons import PERCENTAGE
from customers.models import Customer

from ..errors import (
    AlreadyCovered,
    AlreadyInvoiced,
    AlreadyPaid,
    BookingNotOpen,
    NotInvoiced,
    NotTheirHolding,
)
from ..models import Booking, MediaPurchase
from ..models.payable import PAID, Payable
from .locks import lock_customers

# What something is paid with: a pass or a credit that the customer has, or money or an invoice
# that is not written yet.
Means = PassPurchase | Credit | Payment | Invoice


@transaction.atomic
def pay_booking(booking: Booking, *, means: Means, actor: Actor) -> None:
    """Pay for a booking, or for what a credit left of its price.

    Raises CustomerArchived, BookingNotOpen for one that was cancelled, AlreadyPaid, AlreadyCovered,
    AlreadyInvoiced, NotTheirHolding, or what using the means raises.
    """
    rows = Booking.objects.visible_to(actor).select_related("transaction__customer", "customer")
    booking = rows.get(pk=booking.pk)
    payer = booking.transaction.customer if booking.transaction else booking.customer
    payer = lock_customers([payer], actor=actor)[payer.pk]
    booking = rows.select_for_update(no_key=True, of=("self",)).get(pk=booking.pk)
    if booking.cancelled_at is not None:
        raise BookingNotOpen(_("This booking is cancelled."))
    pay_together([booking], payer, means, actor=actor)


def pay_together(payables: Sequence[Any], payer: Customer, means: Means, *, actor: Actor) -> None:
    """Pay for what one customer buys at once; money is taken once for all of it.

    What costs nothing is passed over, and a balance of money pays as far as it goes. Raises
    AlreadyPaid where nothing is left to pay.
    """
    unpaid = [payable for payable in payables if _is_open(payable, means)]
    if not unpaid:
        raise AlreadyPaid
    match means:
        case PassPurchase():
            for payable in unpaid:
                _use_pass(payable, means, payer, actor)
        case Credit():
            _use_credit(unpaid, means, payer, actor)
        case Invoice():
            for payable in unpaid:
                _ask(payable, means, payer, actor)
        case Payment():
            _take_money(unpaid, means, payer, actor)


def give_back(payable: Any, *, refund: bool, reason: str, actor: Actor) -> None:
    """Give back what something took; money only where it is to be refunded. Saves nothing."""
    if payable.entry is not None:
        reverse = reverse_use if payable.entry.purchase_id else reverse_redemption
        # What has ended meanwhile takes nothing back, and keeps nobody from cancelling.
        with suppress(HasEnded, AlreadyReversed):
            reverse(payable.entry, reason=reason, actor=actor)
    invoice = _open_invoice(payable)
    if invoice is not None:
        payable.refund = _settle_invoice(invoice, refund, actor)
    elif refund and payable.payment is not None:
        payable.refund = _refund(payable.payment, payable.due, actor)


def _is_open(payable: Any, means: Means) -> bool:
    """Tell whether there is something to pay; visits pay for a place whatever its price."""
    if not any((payable.entry_id, payable.payment_id, getattr(payable, "invoice_id", None))):
        return bool(payable.total) or isinstance(means, PassPurchase)
    standing = type(payable).objects.with_payment().values_list("standing", flat=True)
    return standing.get(pk=payable.pk) != PAID


def _check_uncovered(payable: Any) -> None:
    if payable.entry_id is not None:
        raise AlreadyCovered
    if _open_invoice(payable) is not None:
        raise AlreadyInvoiced


def _open_invoice(payable: Any) -> Invoice | None:
    invoice = getattr(payable, "invoice", None)
    return invoice if invoice is not None and invoice.voided_at is None else None


def _use_pass(payable: Any, purchase: PassPurchase, payer: Customer, actor: Actor) -> None:
    _check_uncovered(payable)
    _check_holding(purchase, payable, payer)
    payable.entry = use_pass(
        purchase, visits=_visits(payable), reference=_reference(payable), actor=actor
    )
    payable.covered = payable.total
    _save(payable, "entry", "covered")


def _use_credit(payables: Sequence[Any], credit: Credit, payer: Customer, actor: Actor) -> None:
    for payable in payables:
        _check_uncovered(payable)
        _check_holding(credit, payable, payer)
        # What is left of it after the ones before.
        credit = Credit.objects.visible_to(actor).get(pk=credit.pk)
        if credit.is_amount and not credit.balance and payable is not payables[0]:
            return
        amount = _amount_of(credit, payable)
        payable.entry = redeem_credit(
            credit, amount=amount, reference=_reference(payable), actor=actor
        )
        payable.covered = _worth(credit, amount, payable)
        _save(payable, "entry", "covered")


def _amount_of(credit: Credit, payable: Any) -> int | None:
    """Return how much of a balance of money a price takes, None of what is used as a whole."""
    if not credit.is_amount:
        return None
    if credit.currency != payable.currency:
        raise OtherCurrency
    # Of a credit that is used up one unit is asked for, to be told so.
    return min(credit.balance, payable.total) or 1


def _worth(credit: Credit, amount: int | None, payable: Payable) -> int:
    """Return how much of a price a credit pays."""
    if amount is not None:
        return amount
    if credit.entitlement == PERCENTAGE:
        return (payable.total * (credit.percentage or 0) + 50) // 100
    return payable.total


def _check_holding(holding: Credit | PassPurchase, payable: Any, payer: Customer) -> None:
    if holding.customer_id != payer.pk:
        raise NotTheirHolding
    if not is_good_for(holding, _name(payable)):
        raise OtherOffering


def _take_money(payables: Sequence[Any], payment: Payment, payer: Customer, actor: Actor) -> None:
    first, *others = payables
    if any(other.currency != first.currency for other in others):
        raise OtherCurrency(_("These are priced in several currencies: pay for them one by one."))
    payment.customer, payment.currency = payer, first.currency
    payment.invoice, payment.amount = None, sum(payable.due for payable in payables)
    invoice = _open_invoice(first)
    if invoice is not None:
        payment.invoice, payment.amount = invoice, _owed(invoice)
    take_payment(payment, actor=actor)
    for payable in payables:
        payable.payment = payment
        _save(payable, "payment")


def _owed(invoice: Invoice) -> int:
    return vars(Invoice.objects.with_amounts().get(pk=invoice.pk))["balance"]


def _ask(payable: Any, invoice: Invoice, payer: Customer, actor: Actor) -> None:
    """Write an invoice for a booking and issue it."""
    _check_uncovered(payable)
    if isinstance(payable, MediaPurchase):
        raise NotInvoiced
    draft = Invoice(
        customer=payer,
        currency=payable.currency,
        due_on=invoice.due_on,
        discount=payable.discount,
        tax_rate=payable.tax_rate,
    )
    line = InvoiceLine(description=_name(payable), quantity=1, unit_price=payable.subtotal)
    payable.invoice = issue_invoice(create_invoice(draft, lines=[line], actor=actor), actor=actor)
    _save(payable, "invoice")


def _settle_invoice(invoice: Invoice, refund: bool, actor: Actor) -> Payment | None:
    """Take an invoice back, with the money that came in for it where that is to be refunded."""
    if invoice.voided_at is not None:
        return None
    payments = Payment.objects.visible_to(actor).taken().filter(invoice=invoice)
    refunds = [_refund(payment, payment.amount, actor) for payment in payments if refund]
    returned = Payment.objects.visible_to(actor).given_back().filter(invoice=invoice)
    if payments.amount_in_all() == returned.amount_in_all():
        void_invoice(invoice, actor=actor)
    return next((one for one in refunds if one is not None), None)


def _refund(payment: Payment, most: int, actor: Actor) -> Payment | None:
    """Give back up to so much of a payment, as far as it has not gone back already."""
    if payment.status != Payment.Status.SUCCEEDED:
        return None
    returned = Payment.objects.visible_to(actor).given_back().filter(refunds=payment)
    amount = min(most, payment.amount - returned.amount_in_all())
    if amount <= 0:
        return None
    return refund_payment(Payment(refunds=payment, amount=amount), actor=actor)


def _visits(payable: Any) -> int:
    option = getattr(payable, "pricing_option", None)
    return option.visits * payable.spaces if option else 1


def _name(payable: Any) -> str:
    if isinstance(payable, MediaPurchase):
        return payable.media.name
    return payable.service.name if payable.service else payable.event_date.event.name


def _reference(payable: Any) -> str:
    prefix = "media_" if isinstance(payable, MediaPurchase) else "bk_"
    return show_id(prefix, payable.pk)


def _save(payable: Any, *fields: str) -> None:
    payable.save(update_fields=[*fields, "updated_at"])
