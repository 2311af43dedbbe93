import datetime
from contextlib import suppress

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.locks import lock_invoice
from billing.actions.reductions import return_cover
from billing.models import Invoice, Payment
from config.statements.lookups import Lookup, by_id
from config.tenancy.actors import Actor
from config.tenancy.ids import read_id
from config.tenancy.money_permissions import MoneyAction, check_money_action
from customers.actions.locks import share_customer

from ..errors import (
    AlreadyReversed,
    AmountMissing,
    AmountNotTaken,
    CannotBeRevoked,
    CouponArchived,
    HasEnded,
    OutOfBounds,
    PaidOut,
    ReasonMissing,
)
from ..models import Coupon, Credit, Entry
from ..models.credits import terms_of
from ..models.entries import AGAIN
from .ledger import decide_end, give_back, open_holding, revoke, share_receiver, take

_coupon: Lookup[Coupon] = by_id(Coupon.objects)


@transaction.atomic
def issue_credit(credit: Credit, *, reason: str = "", actor: Actor) -> Credit:
    """Issue a coupon to a customer, with the present terms of the coupon.

    Without `expires_at`, the credit ends after the coupon's `valid_for`. Raises CouponArchived,
    CustomerGone or ExpiryPast (contract, section 4), and AboveRoleLimit for front desk.
    """
    share_receiver(credit.customer_id, actor=actor)
    coupon = _coupon.get(company_id=actor.company_id, id=credit.coupon_id)
    if coupon.is_archived:
        raise CouponArchived
    check_money_action(
        actor, MoneyAction.ISSUE_CREDIT, coupon.amount, currency=coupon.currency, field="coupon_id"
    )
    decide_end(credit, coupon.valid_for, actor=actor)
    credit.company_id = actor.company_id
    for name, value in terms_of(coupon).items():
        setattr(credit, name, value)
    open_holding(credit, credit.opening_balance, reason=reason, actor=actor)
    return credit


@transaction.atomic
def redeem_credit(
    credit: Credit,
    *,
    amount: int | None = None,
    begins_at: datetime.datetime | None = None,
    covered: int | None = None,
    reference: str,
    reason: str = "",
    actor: Actor,
) -> Entry:
    """Use a credit, once for each reference.

    An `amount`, in the smallest unit, is required for a balance of money and refused for other
    credits. `begins_at` is the start of the booking to pay, now by default. `covered` is the amount
    paid of the invoice in `reference`. Raises CustomerArchived, AmountMissing, AmountNotTaken,
    OutOfBounds, UsedUp, Revoked, Expired, EndsTooSoon, NotEnough or ReferenceTaken.
    """
    share_customer(credit.customer_id, actor=actor)
    if credit.is_amount and not amount:
        raise AmountMissing
    if amount is not None and not credit.is_amount:
        raise AmountNotTaken
    if amount is not None and amount < 0:
        sentence = _("Must be above 0; got “%(amount)s”.") % {"amount": amount}
        raise OutOfBounds.at("amount", sentence)
    return take(
        credit,
        credit.cost_of(amount),
        begins_at=begins_at,
        uses_up=not credit.multi_use,
        covered=covered,
        reference=reference,
        reason=reason,
        actor=actor,
    )


@transaction.atomic
def reverse_redemption(entry: Entry, *, reason: str = "", actor: Actor) -> Entry:
    """Reverse a use of a credit, and return its amount to the balance.

    If the use paid for an invoice, a credit note is created. Raises PaidOut for money that was
    refunded, AlreadyReversed, HasEnded, or InvoiceIsVoid.
    """
    assert entry.credit is not None
    _check_not_paid_out(entry, entry.credit, actor)
    if entry.covered is not None:
        return _return_cover(entry, reason, actor)
    share_customer(entry.credit.customer_id, to_end=True, actor=actor)
    return give_back(entry, reason=reason, actor=actor)


@transaction.atomic
def give_back_credits(invoice: Invoice, *, reason: str, actor: Actor) -> None:
    """Give back the credits that paid for an invoice, within the role limit of refunds.

    Skips credits that have ended. Raises ReasonMissing, InvoiceIsVoid, AlreadyReversed or HasEnded
    if there is nothing to give back, or the refusals of `check_money_action`.
    """
    if not reason.strip():
        raise ReasonMissing
    invoice = lock_invoice(invoice, to_end=True, actor=actor)
    uses = Entry.objects.visible_to(actor).paying_for(invoice)
    if not uses.standing().exists():
        text = _("No credit has paid for this invoice, or what it paid was given back already.")
        raise AlreadyReversed(text)
    worth, before = uses.returnable().covered_in_all(), uses.given_back().covered_in_all()
    if not worth:
        raise HasEnded
    currency = invoice.currency
    check_money_action(actor, MoneyAction.REFUND, worth, before=before, currency=currency)
    return_credits(invoice, reason=reason.strip(), actor=actor)


def return_credits(invoice: Invoice, *, reason: str, actor: Actor) -> None:
    """Give back the credits that paid for an invoice, each with a credit note.

    Skips credits that have ended.
    """
    uses = Entry.objects.visible_to(actor).paying_for(invoice)
    for use in uses.select_related("credit").oldest_first():
        with suppress(HasEnded, AlreadyReversed):
            reverse_redemption(use, reason=reason, actor=actor)


@transaction.atomic
def revoke_credit(credit: Credit, *, reason: str = "", actor: Actor) -> None:
    """Revoke the rest of a credit; revoking it again changes nothing.

    Raises CannotBeRevoked if the credit was redeemed or has expired, or if the customer is archived
    (contract, section 4).
    """
    revoke(
        credit,
        used_up=str(CannotBeRevoked.message),
        expired="This credit has expired and cannot be revoked.",
        reason=reason,
        actor=actor,
    )


def _check_not_paid_out(entry: Entry, credit: Credit, actor: Actor) -> None:
    key = read_id(Payment.id_prefix, entry.reference)
    if credit.payment_id is None or key is None:
        return
    refunds = Payment.objects.visible_to(actor).given_back().filter(refunds=credit.payment_id)
    if refunds.filter(pk=key).exists():
        raise PaidOut


def _return_cover(entry: Entry, reason: str, actor: Actor) -> Entry:
    """Reverse a use that paid for an invoice, and create its credit note."""
    assert entry.covered is not None
    key = read_id(Invoice.id_prefix, entry.reference.partition(AGAIN)[0])
    assert key is not None
    found = Invoice.objects.visible_to(actor).get(pk=key)
    invoice = lock_invoice(found, to_end=True, actor=actor)
    reversal = give_back(entry, reason=reason, actor=actor)
    return_cover(invoice, amount=entry.covered, reason=reason, actor=actor)
    return reversal
