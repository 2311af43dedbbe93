"""The only place where balances change: one conditional update, and an entry beside it.

Whoever comes second waits for the row, looks at it as it has become, and is refused. The unique
constraints of the ledger stand behind that.
"""

import datetime
from typing import Any

from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext as _

from config.access.actors import Actor
from config.access.constraints import refusing
from config.errors import Refusal
from config.statements.compiling import rows_of
from config.statements.inserting import insert
from customers.actions import share_customer
from customers.errors import CustomerArchived

from ..durations import last_day
from ..errors import (
    AlreadyReversed,
    CannotBeRevoked,
    CustomerGone,
    Expired,
    ExpiryPast,
    HasEnded,
    ReferenceTaken,
)
from ..models import Credit, Entry, PassPurchase
from ..models.holdings import REFUSALS, Holding
from ..models.today import Clock


def local_today(company_id: Any) -> datetime.date:
    """Return the day it is for a company, by the database's clock."""
    today: datetime.date = rows_of("SELECT regulars_today(%(id)s)", {"id": company_id})[0][0]
    return today


def hold_receiver(customer_id: Any, *, actor: Actor) -> None:
    """Keep a customer who is to be given something from being archived; raises CustomerGone."""
    try:
        share_customer(customer_id, actor=actor)
    except CustomerArchived:
        raise CustomerGone


def decide_last_day(holding: Holding, valid_for: str, *, actor: Actor) -> None:
    """Give a new holding its last day: its own, or as long from today as it is sold to last.

    Raises ExpiryPast for a day that is over.
    """
    today = local_today(actor.company_id)
    if holding.expiry_date is None:
        holding.expiry_date = last_day(today, valid_for)
    elif holding.expiry_date < today:
        raise ExpiryPast


def open_holding(holding: Holding, opening: int, *, reason: str, actor: Actor) -> None:
    """Save a new holding with its opening balance and the entry that funds it."""
    holding.balance = opening
    insert(holding)
    _append(holding, Entry.ISSUE, opening, reason=reason, actor=actor)


def take(
    holding: Holding, cost: int, *, uses_up: bool, reference: str, reason: str, actor: Actor
) -> Entry:
    """Take `cost` from a balance under a reference that is unique to it.

    `uses_up` says whether nothing left means used up, which a multi-use credit never is. Raises
    UsedUp, Revoked, Expired, NotEnough or ReferenceTaken.
    """
    left = F("balance") - cost
    emptied = Case(When(Q(balance=cost), then=Clock()), default=None) if uses_up else Value(None)
    changed = (
        _rows(holding)
        .with_refusal(cost)
        .filter(refusal__isnull=True)
        .update(
            balance=left,
            times_redeemed=F("times_redeemed") + 1,
            redeemed_at=emptied,
            updated_at=Clock(),
        )
    )
    if not changed:
        raise _why(holding, cost)
    with refusing(
        entry_credit_reference_once=ReferenceTaken, entry_purchase_reference_once=ReferenceTaken
    ):
        return _append(
            holding, Entry.REDEEM, -cost, reference=reference, reason=reason, actor=actor
        )


def give_back(entry: Entry, *, reason: str, actor: Actor) -> Entry:
    """Undo a use, once; raises AlreadyReversed, or HasEnded for what was revoked or expired."""
    holding = entry.credit or entry.purchase
    assert holding is not None
    with refusing(entry_reversed_once=AlreadyReversed):
        reversal = _append(
            holding, Entry.REVERSE, -entry.amount, reverses=entry, reason=reason, actor=actor
        )
    changed = (
        _rows(holding)
        .filter(revoked_at__isnull=True, expired_at__isnull=True)
        .update(
            balance=F("balance") - entry.amount,
            times_redeemed=F("times_redeemed") - 1,
            redeemed_at=None,
            updated_at=Clock(),
        )
    )
    if not changed:
        raise HasEnded
    return reversal


def revoke(holding: Any, *, used_up: str, expired: str, reason: str, actor: Actor) -> None:
    """Take back what is left of a holding, if it was not revoked before; raises CannotBeRevoked.

    `used_up` and `expired` are what to say of one that has ended in another way.
    """
    try:
        share_customer(holding.customer_id, actor=actor)
    except CustomerArchived:
        raise CannotBeRevoked(_("This customer is archived. Restore the customer first."))
    rows = type(holding).objects.visible_to(actor).filter(pk=holding.pk).select_for_update()
    now = rows.with_refusal(0).get()
    if now.revoked_at is not None:
        return
    if now.redeemed_at is not None:
        raise CannotBeRevoked(used_up)
    if now.refusal == Expired.code:
        raise CannotBeRevoked(expired)
    close(now, Entry.REVOKE, reason=reason, actor=actor)


def close(holding: Holding, kind: str, *, reason: str, actor: Actor) -> bool:
    """Revoke or expire what is left, and say whether there was anything to end.

    Only what is past its last day expires, by the clock at the moment the row is had.
    """
    rows = _rows(holding).unfinished()
    moment = "revoked_at"
    if kind == Entry.EXPIRE:
        rows, moment = rows.past_expiry(), "expired_at"
    locked = rows.select_for_update().first()
    if locked is None:
        return False
    rows.update(balance=0, updated_at=Clock(), **{moment: Clock()})
    _append(holding, kind, -locked.balance, reason=reason, actor=actor)
    return True


def _rows(holding: Holding) -> Any:
    return type(holding).objects.filter(pk=holding.pk)  # type: ignore[attr-defined]


def _why(holding: Holding, cost: int) -> Refusal:
    """Return the refusal behind an update that found nothing to take."""
    code = _rows(holding).with_refusal(cost).values_list("refusal", flat=True).get()
    return REFUSALS[code]()


def _append(holding: Holding, kind: str, amount: int, *, actor: Actor, **more: Any) -> Entry:
    entry = Entry(
        company_id=actor.company_id,
        credit=holding if isinstance(holding, Credit) else None,
        purchase=holding if isinstance(holding, PassPurchase) else None,
        kind=kind,
        amount=amount,
        actor_name=actor.name,
        **more,
    )
    insert(entry)
    return entry
