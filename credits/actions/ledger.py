"""The only place where balances change: by one conditional update, with an entry beside it.

Of two concurrent uses the second waits for the row, reads its latest version and is refused. The
unique constraints of the ledger are the second guard.
"""

import datetime
from uuid import UUID

from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext as _

from config.durations import end_of_day, last_day
from config.errors import Refusal
from config.statements.compiling import fetch_rows
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.constraints import refusing
from config.tenancy.days import zone_of
from config.times import Clock, show_moment
from customers.actions.locks import share_customer
from customers.errors import CustomerArchived

from .. import errors
from ..models import AnyHolding, Credit, Entry, PassPurchase
from ..models.holdings import REFUSALS, Holding, HoldingQuerySet, has_ended


def share_receiver(customer_id: UUID, *, actor: Actor) -> None:
    """Take a shared lock on the customer who gets a credit, as `share_customer`.

    Raises CustomerGone for an archived customer.
    """
    try:
        share_customer(customer_id, actor=actor)
    except CustomerArchived:
        raise errors.CustomerGone


_NOW = """
SELECT regulars_today(id), timezone, clock_timestamp() FROM access_company WHERE id = %(id)s
"""


def decide_end(holding: Holding, valid_for: str, *, actor: Actor) -> None:
    """Set the end of a new holding: by default the end of the last day of `valid_for`.

    Raises ExpiryPast if the holding has an end that has passed.
    """
    today, zone, now = fetch_rows(_NOW, {"id": actor.company_id})[0]
    if holding.expires_at is None:
        last = last_day(today, valid_for)
        holding.expires_at = end_of_day(last, zone) if last else None
    elif holding.expires_at <= now:
        raise errors.ExpiryPast


def check_pays_for(holding: AnyHolding, begins_at: datetime.datetime) -> None:
    """Raise EndsTooSoon if a holding ends before what it pays for begins."""
    if _rows(holding).filter(has_ended(begins_at)).exists():
        raise _ends_too_soon(holding, begins_at)


def open_holding(holding: AnyHolding, opening: int, *, reason: str, actor: Actor) -> None:
    """Save a new holding with its opening balance and the entry that funds it."""
    holding.balance = opening
    insert(holding)
    _append(holding, Entry.ISSUE, opening, reason=reason, actor=actor)


def take(
    holding: AnyHolding,
    cost: int,
    *,
    begins_at: datetime.datetime | None,
    uses_up: bool,
    covered: int | None = None,
    reference: str,
    reason: str,
    actor: Actor,
) -> Entry:
    """Take `cost` from a balance under a reference that is unique to it.

    `begins_at` is when what is paid for begins, None for now. `covered` is what it pays of an
    invoice. With `uses_up` an empty balance marks
    the holding as used up, which a multi-use credit never is. Raises UsedUp, Revoked, Expired,
    EndsTooSoon, NotEnough or ReferenceTaken.
    """
    left = F("balance") - cost
    emptied = Case(When(Q(balance=cost), then=Clock()), default=None) if uses_up else Value(None)
    changed = (
        _rows(holding)
        .takeable(cost, begins_at=begins_at)
        .update(
            balance=left,
            times_redeemed=F("times_redeemed") + 1,
            redeemed_at=emptied,
            updated_at=Clock(),
        )
    )
    if not changed:
        raise _why(holding, cost, begins_at)
    with refusing(
        entry_credit_reference_once=errors.ReferenceTaken,
        entry_purchase_reference_once=errors.ReferenceTaken,
    ):
        return _append(
            holding,
            Entry.REDEEM,
            -cost,
            covered=covered,
            reference=reference,
            reason=reason,
            actor=actor,
        )


def give_back(entry: Entry, *, reason: str, actor: Actor) -> Entry:
    """Reverse a use, once.

    Raises AlreadyReversed, or HasEnded for a holding that was revoked or expired.
    """
    holding = entry.credit or entry.purchase
    assert holding is not None
    with refusing(entry_reversed_once=errors.AlreadyReversed):
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
        raise errors.HasEnded
    return reversal


def revoke(holding: AnyHolding, *, used_up: str, expired: str, reason: str, actor: Actor) -> None:
    """Revoke what is left of a holding, if it was not revoked before; raises CannotBeRevoked.

    `used_up` and `expired` are the messages for a holding that has ended in that way.
    """
    try:
        share_customer(holding.customer_id, actor=actor)
    except CustomerArchived:
        raise errors.CannotBeRevoked(_("This customer is archived. Restore the customer first."))
    rows = _rows(holding).visible_to(actor).select_for_update()
    code = _code(rows.with_refusal(0))
    if code == errors.Revoked.code:
        return
    if code == errors.UsedUp.code:
        raise errors.CannotBeRevoked(used_up)
    if code == errors.Expired.code:
        raise errors.CannotBeRevoked(expired)
    close(holding, Entry.REVOKE, reason=reason, actor=actor)


def close(holding: AnyHolding, kind: str, *, reason: str, actor: Actor) -> bool:
    """Revoke or expire what is left of a holding, and return whether it was still open.

    A holding expires only if it has ended by the time at which its row is locked.
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


def _rows(holding: AnyHolding) -> HoldingQuerySet[Credit] | HoldingQuerySet[PassPurchase]:
    if isinstance(holding, Credit):
        return Credit.objects.filter(pk=holding.pk)
    return PassPurchase.objects.filter(pk=holding.pk)


def _code(rows: HoldingQuerySet[Credit] | HoldingQuerySet[PassPurchase]) -> str | None:
    """Return the code that `with_refusal` gives a single row."""
    return vars(rows.get())["refusal"]


def _why(holding: AnyHolding, cost: int, begins_at: datetime.datetime | None) -> Refusal:
    """Return the refusal that explains why an update took nothing."""
    code = _code(_rows(holding).with_refusal(cost, begins_at=begins_at))
    if begins_at is not None and code == errors.EndsTooSoon.code:
        return _ends_too_soon(holding, begins_at)
    assert code is not None
    if code == errors.NotEnough.code:
        facts = {"cost": cost, "left": _rows(holding).get().balance}
        text = _("Use up to %(left)s, which is left of this credit or pass; got %(cost)s.")
        return errors.NotEnough(text % facts)
    return REFUSALS[code]()


def _ends_too_soon(holding: AnyHolding, begins_at: datetime.datetime) -> errors.EndsTooSoon:
    """Return the refusal with both times: the end of the holding and the begin of the booking."""
    ends_at = _rows(holding).get().expires_at
    assert ends_at is not None
    zone = zone_of(holding.company_id)
    times = {
        "ends": show_moment(ends_at, zone),
        "begins": show_moment(begins_at, zone),
        "zone": zone,
    }
    if isinstance(holding, Credit):
        text = _("This credit ends on %(ends)s and the booking begins on %(begins)s (%(zone)s).")
    else:
        text = _("This pass ends on %(ends)s and the booking begins on %(begins)s (%(zone)s).")
    return errors.EndsTooSoon(text % times)


def _append(
    holding: AnyHolding,
    kind: str,
    amount: int,
    *,
    covered: int | None = None,
    reference: str = "",
    reverses: Entry | None = None,
    reason: str,
    actor: Actor,
) -> Entry:
    entry = Entry(
        company_id=actor.company_id,
        credit=holding if isinstance(holding, Credit) else None,
        purchase=holding if isinstance(holding, PassPurchase) else None,
        kind=kind,
        amount=amount,
        covered=covered,
        reference=reference,
        reverses=reverses,
        reason=reason,
        actor_name=actor.name,
    )
    insert(entry)
    return entry
