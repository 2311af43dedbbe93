"""A booking: when it was made, what became of it, and its row."""

from dataclasses import dataclass, field
from typing import Any

from .batch import Batch, shown
from .calendar import HOUR, MINUTE
from .holdings import Use
from .money import percent
from .people import Person
from .tables import BOOKING
from .words import CANCELLED_BY, REASONS, WISHES

_CANCELLED, _NO_SHOW, _CANCELLED_AHEAD = 0.09, 0.05, 0.05
_WISHES, _CHECKED_IN = 0.05, 0.4
# How many hours ahead people book.
_LEADS = (1, 2, 5, 12, 24, 24, 48, 72, 100, 170, 170, 340, 500)
# What somebody did before they booked for the first time takes them some minutes.
_AT_FIRST = 5 * MINUTE


@dataclass(slots=True)
class Fate:
    """What became of a booking, moment by moment; None for what did not happen."""

    created: int
    starts: int
    ends: int
    status: str
    cancelled: int | None = None

    @property
    def is_over(self) -> bool:
        return self.status in ("completed", "no_show")


@dataclass(slots=True)
class Booked:
    """Something that was booked for somebody, and its price."""

    id: str
    person: Person
    what: str
    subtotal: int
    discount: int
    tax: int
    spaces: int = 1

    @property
    def total(self) -> int:
        return self.subtotal - self.discount + self.tax


@dataclass(slots=True)
class Deal:
    """How something was paid: columns of it, the use of what paid, and the money for the rest.

    `is_late` where an invoice stands behind it, which gets its number in the end.
    """

    columns: dict[str, Any] = field(default_factory=dict)
    use: Use | None = None
    payment: str = ""
    paid: int = 0
    is_late: bool = False


def decide(batch: Batch, person: Person, starts: int, minutes: int) -> Fate:
    """Decide when something was booked, and what became of it."""
    is_past, now = starts < batch.now, batch.now
    created = starts - batch.some(_LEADS) * HOUR - batch.between(0, HOUR)
    if created > now - HOUR:
        created = now - batch.between(HOUR, 20 * 24 * HOUR)
    created = min(max(created, person.joined + _AT_FIRST), now - 3 * MINUTE)
    fate = Fate(created, starts, starts + minutes * MINUTE, "completed" if is_past else "confirmed")
    luck = batch.draw.random()
    if luck < (_CANCELLED if is_past else _CANCELLED_AHEAD):
        latest = min(starts, now)
        fate.status = "cancelled"
        fate.cancelled = created + 2 * MINUTE
        fate.cancelled = batch.between(fate.cancelled, max(fate.cancelled, latest - 1))
    elif is_past and luck > 1 - _NO_SHOW:
        fate.status = "no_show"
    return fate


def write(
    batch: Batch, booked: Booked, fate: Fate, deal: Deal, *, tax_rate: int, **columns: Any
) -> None:
    """Write the row of a booking."""
    changed = fate.cancelled or (fate.ends if fate.is_over else fate.created)
    batch.put(
        BOOKING,
        fate.created,
        id=booked.id,
        late=deal.is_late,
        updated_at=batch.show(changed),
        customer_id=booked.person.id,
        starts_at=batch.show(fate.starts),
        status=fate.status,
        currency=batch.plan.currency,
        subtotal=booked.subtotal,
        discount=booked.discount,
        tax_rate=percent(tax_rate),
        tax=booked.tax,
        total=booked.total,
        spaces=booked.spaces,
        notes=batch.some(WISHES) if batch.chance(_WISHES) else "",
        **_moments(batch, fate),
        **deal.columns,
        **columns,
    )


def _moments(batch: Batch, fate: Fate) -> dict[str, str]:
    """Return the columns that say what became of a booking and when."""
    if fate.cancelled is not None:
        return {
            "cancelled_at": batch.show(fate.cancelled),
            "cancelled_by": batch.some(CANCELLED_BY),
            "reason": batch.some(REASONS) if batch.chance(0.6) else "",
        }
    if fate.status == "no_show":
        return {"missed_at": batch.show(fate.ends)}
    if fate.status == "completed":
        came = fate.starts if batch.chance(_CHECKED_IN) else None
        return {
            "started_at": shown(came, batch.calendar),
            "completed_at": batch.show(fate.ends),
        }
    return {}
