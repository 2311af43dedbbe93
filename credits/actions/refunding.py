"""Refund payments, including those kept as a credit."""

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from billing.actions.payments import amount_left, refund_payment
from billing.errors import InvalidPayment
from billing.models import Payment
from config.money import show_money
from config.tenancy.actors import Actor
from config.tenancy.ids import show_id
from customers.actions.locks import lock_customer

from ..errors import KeptCreditUsed
from ..models import Credit, Entry
from .ledger import take


@transaction.atomic
def refund_payment_and_credit(refund: Payment, *, actor: Actor) -> Payment:
    """Refund a payment; if it was kept as a credit, also deduct the amount from the credit.

    Only the unused part of the credit can be refunded; without an amount, all of it. Raises
    InvalidPayment without a reason, KeptCreditUsed, or the refusals of `refund_payment`.
    """
    assert refund.refunds is not None
    refund.reason = refund.reason.strip()
    if not refund.reason:
        raise InvalidPayment.at("reason", _("Must not be blank. Send why the money goes back."))
    # Uses of the credit take the same lock.
    lock_customer(refund.refunds.customer, to_end=True, actor=actor)
    credit = Credit.objects.visible_to(actor).filter(payment=refund.refunds).first()
    if credit is None:
        return refund_payment(refund, actor=actor)
    left = amount_left(refund.refunds, actor=actor)
    unused = left - _used(credit, refund.refunds, actor)
    if left > 0:
        refund.amount = unused if refund.amount is None else refund.amount
        if unused <= 0 or unused < refund.amount <= left:
            raise _used_already(unused, refund.amount, credit.currency)
    refund = refund_payment(refund, actor=actor)
    if credit.revoked_at is None and credit.expired_at is None:
        take(
            credit,
            refund.amount,
            begins_at=None,
            uses_up=True,
            reference=show_id(Payment.id_prefix, refund.pk),
            reason=_("Paid out by a refund"),
            actor=actor,
        )
    return refund


def _used(credit: Credit, payment: Payment, actor: Actor) -> int:
    """Return the used amount of a credit, without the refunds of its payment."""
    refunds = Payment.objects.visible_to(actor).given_back().filter(refunds=payment)
    keys = refunds.values_list("pk", flat=True)
    paid_out = [show_id(Payment.id_prefix, key) for key in keys]
    entries = Entry.objects.visible_to(actor).filter(credit=credit)
    used = entries.filter(kind__in=(Entry.REDEEM, Entry.REVERSE)).exclude(reference__in=paid_out)
    return -used.aggregate(total=Sum("amount", default=0))["total"]


def _used_already(unused: int, amount: int, currency: str) -> KeptCreditUsed:
    if unused <= 0:
        return KeptCreditUsed()
    text = _(
        "This payment was kept as a credit, of which %(unused)s is not used. Refund up to that; "
        "got %(amount)s."
    )
    facts = {"unused": show_money(unused, currency), "amount": show_money(amount, currency)}
    return KeptCreditUsed(text % facts)
