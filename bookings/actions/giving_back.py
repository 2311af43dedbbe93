"""Return the payments of cancelled bookings and media: visits, credit and money.

The caller holds the lock of the customer who pays.
"""

from contextlib import suppress

from django.utils.translation import gettext as _

from billing.actions.invoices import keeps_credit, keeps_money, take_back_invoice
from billing.actions.payments import amount_left, refund_payment
from billing.actions.reductions import let_go_of_rest
from billing.models import Invoice, Payment
from config.tenancy.actors import Actor
from credits.actions.credits import return_credits, reverse_redemption
from credits.actions.passes import reverse_use
from credits.errors import AlreadyReversed, HasEnded

from ..models import AnyPayable


def give_back(
    payable: AnyPayable,
    *,
    refund: bool,
    keeps_entry: bool = False,
    most: int | None = None,
    reason: str,
    actor: Actor,
) -> None:
    """Reverse the use of a pass or credit and, with `refund`, the payment.

    The caller saves the payable. `keeps_entry` prevents the reversal, also of the credits that paid
    for an invoice. `most` limits the money refunded.
    """
    if payable.entry is not None and not keeps_entry:
        reverse = reverse_use if payable.entry.purchase_id else reverse_redemption
        # A pass or credit that has ended takes nothing back; the cancellation continues anyway.
        with suppress(HasEnded, AlreadyReversed):
            reverse(payable.entry, reason=reason, actor=actor)
    if payable.open_invoice is not None:
        if not keeps_entry:
            return_credits(payable.open_invoice, reason=reason, actor=actor)
        payable.refund = _take_back_invoice(payable.open_invoice, refund, most, reason, actor)
    elif refund and payable.payment is not None:
        most = payable.due if most is None else most
        payable.refund = _refund(payable.payment, most, reason, actor)


def _take_back_invoice(
    invoice: Invoice, refund: bool, most: int | None, reason: str, actor: Actor
) -> Payment | None:
    """Refund the payments of an invoice if asked, and void it if it then keeps nothing.

    If the invoice keeps money or credits, its balance is reduced to 0.
    """
    payments = Payment.objects.visible_to(actor).taken().filter(invoice=invoice)
    refunds = list[Payment]()
    for payment in payments if refund else ():
        left = payment.amount if most is None else most - sum(one.amount for one in refunds)
        if (made := _refund(payment, left, reason, actor)) is not None:
            refunds.append(made)
    if not (keeps_money(invoice, actor=actor) or keeps_credit(invoice, actor=actor)):
        take_back_invoice(invoice, actor=actor)
    else:
        let_go_of_rest(invoice, reason=reason or _("Cancelled"), actor=actor)
    return next(iter(refunds), None)


def _refund(payment: Payment, most: int, reason: str, actor: Actor) -> Payment | None:
    """Refund a payment up to this amount, and up to what is left of it."""
    if payment.status != Payment.Status.SUCCEEDED:
        return None
    amount = min(most, amount_left(payment, actor=actor))
    if amount <= 0:
        return None
    return refund_payment(Payment(refunds=payment, amount=amount, reason=reason), actor=actor)
