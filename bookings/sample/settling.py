"""How bookings and media are paid for: with a pass, a credit, money, or an invoice."""

from collections.abc import Sequence
from typing import Any

from .batch import Batch
from .booked import Booked, Deal, Fate
from .calendar import AHEAD, MINUTE
from .guests import Guest
from .holdings import Holding, buy_pass, take_back, use
from .money import ask, give_money_back, pay
from .offers import Pass, ends_on
from .people import Person
from .tables import MEDIA_PURCHASE, NULL

_AHEAD, _FAILED, _NOT_REFUNDED = 0.75, 0.02, 0.15
_DAYS_UNTIL_DUE = 30
# How many visits of a pass somebody pays for who comes once, and likes to come oftener.
_WORTH = 1.8


def settle_appointment(
    batch: Batch, guest: Guest, booked: Booked, fate: Fate, tax_rate: int
) -> Deal:
    """Pay for an appointment: organisations are sent an invoice when it is over."""
    if guest.person.is_organisation:
        if not fate.is_over or not booked.total:
            return Deal()
        return _ask(batch, guest.person, booked, fate, tax_rate)
    (deal,) = settle_places(batch, guest, [booked], fate, 1)
    return deal


def settle_places(
    batch: Batch, guest: Guest, places: Sequence[Booked], fate: Fate, visits: int
) -> list[Deal]:
    """Pay for what one customer books at once; for friends they pay with money."""
    deals = [Deal() for _ in places]
    if len(places) == 1 and places[0].total:
        deals = [_use(batch, guest, places[0], fate, visits * places[0].spaces)]
    sums = [
        booked.total - (deal.use.covered if deal.use else 0)
        for booked, deal in zip(places, deals, strict=True)
    ]
    payment = _take_money(batch, guest.person, sum(sums), fate)
    for deal, paid in zip(deals, sums, strict=True):
        if payment and paid:
            deal.payment, deal.paid = payment[0], paid if payment[1] else 0
            deal.columns["payment_id"] = payment[0]
        if fate.cancelled is not None:
            _undo(batch, guest.person, deal, fate.cancelled)
    return deals


def buy_media(batch: Batch, person: Person, moment: int) -> None:
    """Let somebody buy a medium, and think better of it now and then."""
    medium = batch.some(batch.offers.media)
    payment = pay(batch, person, moment, medium.price) if medium.price else ""
    ends = ends_on(batch.calendar.dates[batch.calendar.day_of(moment)], medium.valid_for)
    row: dict[str, Any] = {"payment_id": payment or NULL, "expires_on": ends or NULL}
    changed = moment
    if batch.chance(0.02):
        changed = min(moment + batch.between(10, 5_000) * MINUTE, batch.now)
        row |= {"cancelled_at": batch.show(changed), "cancelled_by": "Booking page"}
        if payment:
            row["refund_id"] = give_money_back(batch, person, changed, medium.price, payment)
    batch.put(
        MEDIA_PURCHASE,
        moment,
        updated_at=batch.show(changed),
        purchased_at=batch.show(moment),
        media_id=medium.id,
        customer_id=person.id,
        total=medium.price,
        currency=batch.plan.currency,
        **row,
    )


def _use(batch: Batch, guest: Guest, booked: Booked, fate: Fate, visits: int) -> Deal:
    """Let a pass or a credit pay, as far as there is one that is good for it."""
    holding = _holding(batch, guest, booked.what, fate.created, visits)
    if holding is None:
        return Deal()
    used = use(batch, holding, fate.created, booked.total, visits, f"bk_{booked.id}")
    return Deal({"entry_id": used.entry, "covered": used.covered}, used)


def _holding(batch: Batch, guest: Guest, what: str, moment: int, visits: int) -> Holding | None:
    day = batch.calendar.day_of(moment)
    for holding in guest.holdings:
        if holding.can_pay(what, moment, day, visits):
            return holding
    if not guest.buys_passes:
        return None
    product = _worth_buying(batch, guest, what, day, visits)
    if product is None:
        return None
    bought = max(guest.person.joined + 2 * MINUTE, moment - 3 * MINUTE)
    holding = buy_pass(batch, guest.person, product, bought)
    guest.holdings.append(holding)
    return holding


def _worth_buying(batch: Batch, guest: Guest, what: str, day: int, needed: int) -> Pass | None:
    """Return the largest pass of which somebody will use most, None where none is worth it.

    It holds as many visits as are needed at once.
    """
    best, least = None, 0
    for product in batch.offers.passes:
        if what not in product.offerings or product.visits < max(needed, least):
            continue
        ends = ends_on(batch.calendar.dates[day], product.valid_for)
        last = batch.today + AHEAD if ends is None else batch.calendar.day(ends)
        visits = sum(day <= one.day <= last for one in guest.visits)
        if visits * _WORTH >= product.visits:
            best, least = product, product.visits + 1
    return best


def _take_money(batch: Batch, person: Person, amount: int, fate: Fate) -> tuple[str, bool] | None:
    """Take money on booking or at the visit; return the payment and whether it went through."""
    if not amount:
        return None
    if batch.chance(_AHEAD):
        went = fate.is_over or not batch.chance(_FAILED)
        status = "succeeded" if went else "failed"
        return pay(batch, person, fate.created + 30, amount, status=status), went
    if fate.status == "completed":
        return pay(batch, person, fate.ends + MINUTE, amount), True
    return None


def _undo(batch: Batch, person: Person, deal: Deal, moment: int) -> None:
    """Give back what a booking took, now that it is cancelled."""
    if deal.use is not None:
        take_back(batch, deal.use, moment)
    if deal.paid and not batch.chance(_NOT_REFUNDED):
        refund = give_money_back(batch, person, moment, deal.paid, deal.payment)
        deal.columns["refund_id"] = refund


def _ask(batch: Batch, person: Person, booked: Booked, fate: Fate, tax_rate: int) -> Deal:
    asked = ask(
        *(batch, person, fate.ends + 5 * MINUTE, [(booked.what, 1, booked.subtotal)]),
        tax_rate=tax_rate,
        discount=booked.discount,
        days=_DAYS_UNTIL_DUE,
        pays=0.85,
    )
    columns = {"invoice_id": asked.id, "payment_id": asked.payment or NULL}
    return Deal(columns, is_late=True)
