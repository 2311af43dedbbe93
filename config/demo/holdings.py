"""Passes and credits of sample customers, and the ledger entries of both."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from billing.actions.tax import tax_on
from credits.eligibility import is_good_for
from credits.models import Coupon, Credit, Entry, Goodwill, PassProduct, PassPurchase
from credits.models.credits import terms_of

from .batch import Batch, new_id
from .tables import array, escape
from .words import AUTHORS, GIVEN, REVOKED

_REVOKED = 0.02
# Seconds from the last use of a credit to its revocation.
_LATER = 90


@dataclass(slots=True)
class Holding:
    """A pass or credit with its entries; `last` is its last valid day, None if it has no end.

    `usable` is the balance that may still be used. Units that were given back are not used again,
    because their entries may be later than those of the next use.
    """

    id: str
    issued: int
    last: int | None
    terms: Coupon | PassProduct
    balance: int
    usable: int
    row: dict[str, Any]
    uses: int = 0
    used: int = 0
    changed: int = 0

    def can_pay(self, what: str, booked: int, day: int, visits: int) -> bool:
        """Return whether it can pay for a booking made at the moment `booked` for the day `day`."""
        return (
            self.issued < booked
            and self.usable >= (visits if isinstance(self.terms, PassProduct) else 1)
            and (self.last is None or day <= self.last)
            and fits(self.terms, what)
        )


@dataclass(slots=True)
class Use:
    """A use of a holding: its ledger entry, its cost in the holding's units, the covered price."""

    holding: Holding
    entry: str
    cost: int
    covered: int


@cache
def fits(terms: Coupon | PassProduct, service: str) -> bool:
    """Return whether the credits of a coupon, or the passes of a product, pay for a service."""
    if isinstance(terms, PassProduct):
        return is_good_for(PassPurchase(offerings=terms.offerings), service)
    return is_good_for(Credit(**terms_of(terms)), service)


def buy_pass(batch: Batch, product: PassProduct, moment: int) -> Holding:
    """Add a pass that a customer buys at a moment."""
    row: dict[str, Any] = {
        "product_id": product.pk,
        "visits": product.visits,
        "price": product.price,
        "tax_rate": product.tax_rate,
        "tax_behavior": product.tax_behavior,
        "tax": tax_on(product.price, product.tax_rate, product.tax_behavior),
    }
    row["offerings"] = array(product.offerings)
    last = batch.calendar.last_day(batch.calendar.day_of(moment), product.valid_for)
    return _open(batch, product, product.visits, moment, last, row, reason="")


def give_credit(
    batch: Batch,
    coupon: Coupon,
    moment: int,
    *,
    last: int | None = None,
    reason: str = "",
    **row: Any,
) -> Holding:
    """Issue a coupon at a moment; `last` is the credit's last day if the coupon has no validity."""
    if last is None:
        last = batch.calendar.last_day(batch.calendar.day_of(moment), coupon.valid_for)
    credit = _credit(coupon)
    row |= {**terms_of(coupon), "coupon_id": coupon.pk, "offering": escape(coupon.offering)}
    reason = reason or batch.some(GIVEN)
    return _open(batch, coupon, credit.opening_balance, moment, last, row, reason=reason)


def give(batch: Batch, customer: str, coupon: Coupon, moment: int) -> Holding:
    """Issue a coupon as a gift; a gift of money is also a goodwill of staff."""
    holding = give_credit(batch, coupon, moment, reason=batch.some(GIVEN))
    if coupon.amount:
        batch.put(
            Goodwill,
            moment,
            customer_id=customer,
            amount=coupon.amount,
            reason=batch.some(GIVEN),
            asked_by=batch.some(AUTHORS),
            decision=Goodwill.Decision.GIVEN.value,
            decided_by=batch.some(AUTHORS),
            decided_at=moment,
            credit_id=holding.id,
        )
    return holding


def use(
    batch: Batch, holding: Holding, moment: int, price: int, visits: int, reference: str
) -> Use:
    """Use a holding at a moment to pay for a booking."""
    cost, covered = visits, price
    if isinstance(holding.terms, Coupon):
        amount = min(holding.usable, price) if holding.terms.is_amount else None
        cost = _credit(holding.terms).cost_of(amount)
        percentage = holding.terms.percentage
        covered = holding.terms.percentage_off(price) if percentage else amount or price
    holding.balance -= cost
    holding.usable -= cost
    holding.uses += 1
    holding.used = max(holding.used, moment)
    holding.changed = max(holding.changed, moment)
    entry = _append(batch, holding, moment, Entry.REDEEM, -cost, reference=reference)
    return Use(holding, entry, cost, covered)


def give_back(batch: Batch, use: Use, moment: int) -> None:
    """Reverse a use, unless the holding has ended by then."""
    holding = use.holding
    if holding.last is not None and batch.calendar.day_of(moment) > holding.last:
        return
    holding.balance += use.cost
    holding.uses -= 1
    holding.changed = max(holding.changed, moment)
    _append(batch, holding, moment, Entry.REVERSE, use.cost, reverses_id=use.entry)


def close(batch: Batch, customer: str, holding: Holding) -> None:
    """Write a holding in its state of today: used up, revoked, expired or live."""
    ended = _end(batch, holding)
    batch.put(
        PassPurchase if isinstance(holding.terms, PassProduct) else Credit,
        holding.issued,
        id=holding.id,
        updated_at=holding.changed,
        customer_id=customer,
        balance=holding.balance,
        times_redeemed=holding.uses,
        expires_at=None if holding.last is None else batch.calendar.end_of(holding.last),
        **holding.row,
        **ended,
    )


@cache
def _credit(coupon: Coupon) -> Credit:
    """Return an unsaved credit with the terms of a coupon, to compute its balance and its costs."""
    return Credit(**terms_of(coupon))


def _open(
    batch: Batch,
    terms: Coupon | PassProduct,
    opening: int,
    moment: int,
    last: int | None,
    row: dict[str, Any],
    *,
    reason: str,
) -> Holding:
    id = new_id(moment)
    holding = Holding(id, moment, last, terms, opening, opening, row, changed=moment)
    _append(batch, holding, moment, Entry.ISSUE, opening, reason=reason)
    return holding


def _end(batch: Batch, holding: Holding) -> dict[str, Any]:
    """Return the column with the end of a holding; write off the balance that is left."""
    if holding.balance == 0 and not getattr(holding.terms, "multi_use", False):
        return {"redeemed_at": holding.used}
    has_ended = holding.last is not None and holding.last < batch.today
    over = batch.calendar.at((holding.last or 0) + 1, 0) if has_ended else batch.now
    moment = holding.changed + _LATER
    # A plan would grant a revoked credit again.
    can_be_revoked = isinstance(holding.terms, Coupon) and "rule_id" not in holding.row
    if can_be_revoked and moment < over and batch.chance(_REVOKED):
        _write_off(batch, holding, moment, Entry.REVOKE, batch.some(REVOKED))
        return {"revoked_at": moment}
    if has_ended:
        _write_off(batch, holding, over, Entry.EXPIRE, "")
        return {"expired_at": over}
    return {}


def _write_off(batch: Batch, holding: Holding, moment: int, kind: str, reason: str) -> None:
    _append(batch, holding, moment, kind, -holding.balance, reason=reason)
    holding.balance, holding.changed = 0, moment


def _append(
    batch: Batch, holding: Holding, moment: int, kind: str, amount: int, **columns: Any
) -> str:
    owner = "purchase_id" if isinstance(holding.terms, PassProduct) else "credit_id"
    by_staff = kind in (Entry.ISSUE, Entry.REVOKE)
    name = batch.some(AUTHORS) if by_staff else "manage.py"
    columns[owner] = holding.id
    return batch.put(Entry, moment, kind=kind, amount=amount, actor_name=name, **columns)
