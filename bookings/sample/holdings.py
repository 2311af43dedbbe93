"""What customers hold: passes that they bought, credits that they were given, and the ledger."""

from dataclasses import dataclass, field
from typing import Any

from .batch import Batch, array, escape, shown
from .money import pay
from .offers import Coupon, Pass, ends_on
from .people import Person
from .tables import CREDIT, ENTRY, NULL, PASS
from .words import AUTHORS, GIVEN, REVOKED

AMOUNT, PERCENTAGE = "amount", "percentage"
_REVOKED = 0.02
# A few moments lie between buying a pass and using it.
_A_WHILE = 90


@dataclass(slots=True)
class Holding:
    """A balance with its entries. `last` is the last day on which it can be used, None for ever.

    `usable` is what may still be taken: what was given back in the end is not taken again.
    """

    id: str
    issued: int
    last: int | None
    balance: int
    offerings: tuple[str, ...]
    terms: Coupon | Pass
    row: dict[str, Any]
    usable: int = field(init=False)
    uses: int = 0
    used: int = 0
    touched: int = 0

    def __post_init__(self) -> None:
        self.usable, self.touched = self.balance, self.issued

    @property
    def is_pass(self) -> bool:
        return isinstance(self.terms, Pass)

    @property
    def is_multi_use(self) -> bool:
        return isinstance(self.terms, Coupon) and self.terms.multi_use

    @property
    def can_be_revoked(self) -> bool:
        """What a plan granted is left alone, or the plan would grant it again."""
        return not self.is_pass and "rule_id" not in self.row

    def can_pay(self, what: str, moment: int, day: int, visits: int) -> bool:
        """Say whether it is good for something that is booked at a moment of a day."""
        return (
            self.issued < moment
            and self.usable >= (visits if self.is_pass else 1)
            and (self.last is None or day <= self.last)
            and (not self.offerings or what in self.offerings)
        )


@dataclass(slots=True)
class Use:
    """A use of a holding: its entry, what it took, and how much of a price that covers."""

    holding: Holding
    entry: str
    cost: int
    covered: int


def buy_pass(batch: Batch, person: Person, product: Pass, moment: int) -> Holding:
    """Let somebody buy a pass at a moment, and pay for it."""
    row = {
        "product_id": product.id,
        "purchased_at": batch.show(moment),
        "visits": product.visits,
        "price": product.price,
        "offerings": array(product.offerings),
    }
    offerings = product.offerings
    holding = _open(batch, moment, product.visits, offerings, product, row, last=None)
    if product.price:
        pay(batch, person, moment, product.price)
    return holding


def give_credit(
    batch: Batch,
    coupon: Coupon,
    moment: int,
    *,
    last: int | None = None,
    reason: str = "",
    **row: Any,
) -> Holding:
    """Issue a coupon at a moment; `last` is its last day where the coupon does not say."""
    opening = (coupon.amount or 0) if coupon.entitlement == AMOUNT else 1
    offerings = (coupon.offering,) if coupon.offering else ()
    row |= {
        "coupon_id": coupon.id,
        "entitlement": coupon.entitlement,
        "amount": NULL if coupon.amount is None else coupon.amount,
        "percentage": NULL if coupon.percentage is None else coupon.percentage,
        "offering": escape(coupon.offering),
        "multi_use": "t" if coupon.multi_use else "f",
    }
    return _open(
        *(batch, moment, opening, offerings, coupon, row),
        last=last,
        reason=reason or batch.some(GIVEN),
    )


def use(
    batch: Batch, holding: Holding, moment: int, total: int, visits: int, reference: str
) -> Use:
    """Take from a holding what something costs that is booked at a moment."""
    cost, covered = _cost(holding, total, visits)
    holding.balance -= cost
    holding.usable -= cost
    holding.uses += 1
    holding.used = max(holding.used, moment)
    holding.touched = max(holding.touched, moment)
    entry = _append(batch, holding, moment, "redeem", -cost, reference=reference)
    return Use(holding, entry, cost, covered)


def take_back(batch: Batch, use: Use, moment: int) -> None:
    """Give back what a use took, unless the holding has ended."""
    holding = use.holding
    if holding.last is not None and batch.calendar.day_of(moment) > holding.last:
        return
    holding.balance += use.cost
    holding.uses -= 1
    holding.touched = max(holding.touched, moment)
    _append(batch, holding, moment, "reverse", use.cost, reverses_id=use.entry)


def close(batch: Batch, person: Person, holding: Holding) -> None:
    """Write a holding as it is on the reference day: used up, revoked, expired or open."""
    ended = _ended(batch, holding)
    last = holding.last
    batch.put(
        PASS if holding.is_pass else CREDIT,
        holding.issued,
        id=holding.id,
        updated_at=shown(holding.touched, batch.calendar),
        customer_id=person.id,
        currency=batch.plan.currency,
        balance=holding.balance,
        times_redeemed=holding.uses,
        expiry_date=NULL if last is None else batch.calendar.date(last),
        **holding.row,
        **ended,
    )


def _open(
    batch: Batch,
    moment: int,
    opening: int,
    offerings: tuple[str, ...],
    terms: Coupon | Pass,
    row: dict[str, Any],
    *,
    last: int | None,
    reason: str = "",
) -> Holding:
    calendar = batch.calendar
    if last is None:
        ends = ends_on(calendar.dates[calendar.day_of(moment)], terms.valid_for)
        last = None if ends is None else calendar.day(ends)
    holding = Holding(batch.ids.at(moment), moment, last, opening, offerings, terms, row)
    _append(batch, holding, moment, "issue", opening, reason=reason)
    return holding


def _cost(holding: Holding, total: int, visits: int) -> tuple[int, int]:
    """Return what a use takes from the balance, and how much of the price it covers."""
    terms = holding.terms
    if isinstance(terms, Pass):
        return visits, total
    if terms.entitlement == AMOUNT:
        taken = min(holding.usable, total)
        return taken, taken
    if terms.entitlement == PERCENTAGE:
        return 0 if terms.multi_use else 1, (total * (terms.percentage or 0) + 50) // 100
    return 0 if terms.multi_use else 1, total


def _ended(batch: Batch, holding: Holding) -> dict[str, Any]:
    """Return when a holding was used up, revoked or expired, with an entry for what was left."""
    if holding.balance == 0 and not holding.is_multi_use:
        return {"redeemed_at": batch.show(holding.used)}
    over = batch.now
    if holding.last is not None and holding.last < batch.today:
        over = batch.calendar.at(holding.last + 1, 0)
    moment = holding.touched + _A_WHILE
    if holding.can_be_revoked and moment < over and batch.chance(_REVOKED):
        _end(batch, holding, "revoke", moment, batch.some(REVOKED))
        return {"revoked_at": batch.show(moment)}
    if holding.last is not None and holding.last < batch.today:
        _end(batch, holding, "expire", over, "")
        return {"expired_at": batch.show(over)}
    return {}


def _end(batch: Batch, holding: Holding, kind: str, moment: int, reason: str) -> None:
    _append(batch, holding, moment, kind, -holding.balance, reason=reason)
    holding.balance, holding.touched = 0, moment


def _append(
    batch: Batch, holding: Holding, moment: int, kind: str, amount: int, **more: Any
) -> str:
    owner = "purchase_id" if holding.is_pass else "credit_id"
    more[owner] = holding.id
    by_hand = kind in ("issue", "revoke")
    return batch.put(
        ENTRY,
        moment,
        kind=kind,
        amount=amount,
        actor_name=batch.some(AUTHORS) if by_hand else "manage.py",
        **more,
    )
