"""The only place where balances change: one conditional update, together with an entry.

Of two concurrent uses the second waits for the row, reads its latest version and is refused. The
unique constraints of the ledger are a second guard.
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
    """Take a shared lock on the customer who gets a credit, as `share_customer` does.

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
    """Set the end of a new credit or pass, by default the end of the last day of `valid_for`.

    Raises ExpiryPast if the given end has passed.
    """
    today, zone, now = fetch_rows(_NOW, {"id": actor.company_id})[0]
    if holding.expires_at is None:
        last = last_day(today, valid_for)
        holding.expires_at = end_of_day(last, zone) if last else None
    elif holding.expires_at <= now:
        raise errors.ExpiryPast


def check_pays_for(holding: AnyHolding, begins_at: datetime.datetime) -> None:
    """Raise EndsTooSoon if a credit or pass ends before the booking that it pays for begins."""
    if _rows(holding).filter(has_ended(begins_at)).exists():
        raise _ends_too_soon(holding, begins_at)


def open_holding(holding: AnyHolding, opening: int, *, reason: str, actor: Actor) -> None:
    """Save a new credit or pass with its opening balance and the first entry of the ledger."""
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
    """Take `cost` from a balance under a unique reference.

    `begins_at` is the start of the booking to pay, None for now. `covered` is the amount paid of an
    invoice. With `uses_up`, an empty balance marks the credit or pass as used up; a multi-use
    credit is never used up. Raises UsedUp, Revoked, Expired, EndsTooSoon, NotEnough or
    ReferenceTaken.
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

    Raises AlreadyReversed, or HasEnded for a revoked or expired credit or pass.
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
    """Revoke the rest of a credit or pass; revoking it again changes nothing.

    Raises CannotBeRevoked: `used_up` and `expired` are its messages for a credit or pass that has
    ended so.
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
    """Revoke or expire the rest of a credit or pass, and return whether it was still open.

    It expires only if its end has passed when its row is locked.
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
    """Return the refusal code of a single row, as `with_refusal` annotates it."""
    return vars(rows.get())["refusal"]


def _why(holding: AnyHolding, cost: int, begins_at: datetime.datetime | None) -> Refusal:
    """Return the refusal that explains why an update changed no row."""
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
    """Return the refusal with the end of the credit or pass and the start of the booking."""
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
