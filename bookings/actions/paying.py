"""Pay for bookings and media, in whole or in part, with one or several means.

The caller holds the lock of the customer who pays.
"""

from collections.abc import Sequence
from typing import cast

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.payments import take_payment
from billing.models import Invoice, Payment
from config.tenancy.actors import Actor
from credits.actions.ledger import check_pays_for
from credits.actions.paying import CreditPart, InvoiceMeans, settle_invoices
from credits.eligibility import is_good_for
from credits.errors import OnePercentage, OtherCurrency
from credits.models import Credit, Entry, PassPurchase
from customers.errors import CustomerMerged
from customers.models import Customer

from .. import errors
from ..models import AnyPayable, Booking, MediaPurchase
from .locks import lock_customers
from .using import save_fields, send_invoice, use_credit_for, use_pass_for

# A means of payment: a pass or a credit of the customer, or an unsaved payment or invoice.
Means = PassPurchase | Credit | Payment | Invoice
# Several means, each for a part. An invoice among them has the due date of the rest.
Parts = Sequence[Means | CreditPart]


@transaction.atomic
def pay_booking(
    booking: Booking, *, means: Means | Parts, keep_excess_as_credit: bool = False, actor: Actor
) -> None:
    """Pay for a booking, or for the rest that a credit left of its price.

    An archived customer can still pay with money, in parts too. Raises CustomerArchived,
    BookingNotOpen for a cancelled booking, AlreadyPaid, AlreadyCovered, AlreadyInvoiced,
    NotTheirHolding, or the refusals of using the means.
    """
    rows = Booking.objects.visible_to(actor).select_related("transaction__customer", "customer")
    booking = rows.get(pk=booking.pk)
    to_end = pays_with_money(means)
    payer = lock_customers([booking.payer], to_end=to_end, actor=actor)[booking.payer.pk]
    booking = rows.select_for_update(no_key=True, of=("self",)).get(pk=booking.pk)
    if booking.payer.pk != payer.pk:
        raise CustomerMerged
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
    """Pay for several things of one customer at once, with a single payment of money.

    Skips free things; a balance of money pays as much as it holds. For parts or several means, each
    thing gets an invoice, and the parts pay the invoices in turn. Raises AlreadyPaid if nothing is
    left to pay.
    """
    each = _each(means)
    unpaid = [one for one in payables if any(_is_open(one, part) for part in each)]
    if not unpaid:
        raise errors.AlreadyPaid
    if _is_whole(each, unpaid) and not keep_excess_as_credit:
        _pay_whole(unpaid, cast(Means, each[0]), payer, actor)
    else:
        pay_in_parts(
            unpaid,
            parts=each,
            payer=payer,
            keep_excess_as_credit=keep_excess_as_credit,
            actor=actor,
        )


def pay_in_parts(
    unpaid: Sequence[AnyPayable],
    *,
    parts: Parts,
    payer: Customer,
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> None:
    """Use passes for the things they are valid for, and invoice the rest; other parts pay it.

    Raises AlreadyPaid, or the refusals of using a pass and of `pay_invoices`.
    """
    rest = list(unpaid)
    for one in parts:
        if isinstance(one, PassPurchase):
            fitting = [payable for payable in rest if is_good_for(one, payable.offering)]
            for payable in fitting or rest[:1]:
                use_pass_for(payable, purchase=one, payer=payer, actor=actor)
            rest = [payable for payable in rest if payable not in fitting]
    others = [one for one in parts if not isinstance(one, PassPurchase | Invoice)]
    rest = [payable for payable in rest if payable.total]
    if not rest:
        if others:
            raise errors.AlreadyPaid
        return
    asked = next((one for one in parts if isinstance(one, Invoice)), Invoice())
    for payable in rest:
        if payable.open_invoice is None:
            send_invoice(payable, invoice=asked, payer=payer, actor=actor)
    invoices = [payable.open_invoice for payable in rest if payable.open_invoice is not None]
    if others:
        pay_invoices(
            invoices, means=others, keep_excess_as_credit=keep_excess_as_credit, actor=actor
        )


@transaction.atomic
def pay_invoice(
    invoice: Invoice,
    *,
    means: Sequence[InvoiceMeans],
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> Invoice:
    """Pay for an invoice with each of the means in turn; otherwise like `pay_invoices`."""
    (paid,) = pay_invoices(
        [invoice], means=means, keep_excess_as_credit=keep_excess_as_credit, actor=actor
    )
    return paid


@transaction.atomic
def pay_invoices(
    invoices: Sequence[Invoice],
    *,
    means: Sequence[InvoiceMeans],
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> list[Invoice]:
    """Pay the invoices of one customer, in the given order, with each of the means in turn.

    A credit pays for the invoice of a booking only if it ends after the booking begins, even if the
    booking was moved. Raises EndsTooSoon, OnePercentage if a percentage has already paid for the
    same price, or the refusals of `settle_invoices`.
    """
    lock_customers([invoice.customer for invoice in invoices], to_end=True, actor=actor)
    payables = _asked_for_by(invoices, actor)
    has_percentage = any(isinstance(one, Credit) and one.is_percentage for one in means)
    if has_percentage and any(_has_percentage(payable) for payable in payables):
        raise OnePercentage
    return settle_invoices(
        invoices,
        means=means,
        begins={
            payable.invoice_id: payable.usable_from
            for payable in payables
            if payable.invoice_id and payable.usable_from
        },
        keep_excess_as_credit=keep_excess_as_credit,
        actor=actor,
    )


def _asked_for_by(invoices: Sequence[Invoice], actor: Actor) -> list[AnyPayable]:
    """Return the bookings and media that the invoices charge for, locked so that none is moved."""
    asked = {"invoice__in": invoices, "cancelled_at__isnull": True}
    found = list[AnyPayable]()
    for model in (Booking, MediaPurchase):
        rows = model.objects.visible_to(actor).filter(**asked).order_by("pk")
        locked = rows.select_for_update(no_key=True, of=("self",))
        found += locked.select_related("entry__credit")
    return found


def check_still_paid(booking: Booking) -> None:
    """Raise EndsTooSoon if a pass or credit that paid for a booking ends before it begins."""
    uses = list[Entry]()
    if booking.entry_id is not None:
        uses += Entry.objects.filter(pk=booking.entry_id).standing()
    if booking.open_invoice is not None:
        uses += Entry.objects.paying_for(booking.open_invoice).standing()
    for use in uses:
        holding = use.credit or use.purchase
        assert holding is not None
        check_pays_for(holding, booking.starts_at)


def pays_with_money(means: Means | Parts) -> bool:
    """Whether only money pays, now or by invoice, as an archived customer still can."""
    each = _each(means)
    has_money = any(isinstance(one, Payment) for one in each)
    return has_money and all(isinstance(one, Payment | Invoice) for one in each)


def _each(means: Means | Parts) -> Parts:
    return means if isinstance(means, Sequence) else [means]


def _is_whole(each: Parts, unpaid: Sequence[AnyPayable]) -> bool:
    """Whether a single means pays for everything: it has no amount of its own.

    A second credit, after one that covered a part, pays through an invoice.
    """
    one = each[0]
    if len(each) > 1 or isinstance(one, CreditPart):
        return False
    if isinstance(one, Credit):
        return all(payable.entry_id is None for payable in unpaid)
    return not (isinstance(one, Payment) and one.amount is not None)


def _pay_whole(unpaid: Sequence[AnyPayable], means: Means, payer: Customer, actor: Actor) -> None:
    match means:
        case PassPurchase():
            for payable in unpaid:
                use_pass_for(payable, purchase=means, payer=payer, actor=actor)
        case Credit():
            use_credit_for(unpaid, credit=means, payer=payer, actor=actor)
        case Invoice():
            for payable in unpaid:
                send_invoice(payable, invoice=means, payer=payer, actor=actor)
        case Payment():
            _take_money(unpaid, means, payer, actor)


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


def _has_percentage(payable: AnyPayable) -> bool:
    credit = payable.entry.credit if payable.entry is not None else None
    if credit is None or not credit.is_percentage:
        return False
    return not Entry.objects.filter(reverses=payable.entry).exists()


def _balance_of(invoice: Invoice) -> int:
    return vars(Invoice.objects.with_amounts().get(pk=invoice.pk))["balance"]


def _is_open(payable: AnyPayable, means: Means | CreditPart) -> bool:
    """Return whether something is left to pay; visits can pay for a free place too."""
    if not (payable.entry_id or payable.payment_id or payable.invoice_id):
        return bool(payable.total) or isinstance(means, PassPurchase)
    return not type(payable).objects.paid().filter(pk=payable.pk).exists()
