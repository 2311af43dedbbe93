"""The home page: what a staff member may see of it, put together."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import AdminSite
from django.utils import timezone

from bookings.models import Booking, Event, EventDate, Service
from customers.models import Customer

from . import cards
from .agenda import agenda
from .days import Days
from .figures import FIGURES
from .money import Money, money_card
from .numbers import Card
from .tallies import Counted, count

TODAY = ("bookings_today", "dates_today")


@dataclass(frozen=True)
class Part:
    """A card, and the figures that it is made of."""

    figures: tuple[str, ...]
    card: Callable[..., Card]


PARTS = (
    Part(("money",), lambda found, days, **kw: money_card(found["money"], **kw)),
    Part(("active", "begun", "ended"), cards.subscriptions_card),
    Part(("credits", "expiring"), cards.credits_card),
    Part(("new",), cards.new_card),
    Part(("lapsing",), cards.lapsing_card),
)


def home(request: Any, site: AdminSite, now: datetime.datetime | None = None) -> dict[str, Any]:
    """Return what the home page shows of the company at work, at a moment, now unless given."""
    days = Days(now or timezone.now())
    seen = [name for name, figure in FIGURES.items() if request.user.has_perm(figure.needs)]
    counted = count(seen, request.actor, days)
    parts = [part for part in PARTS if set(part.figures) <= set(seen)]
    return {
        "agenda": agenda(request, site, counted.found, days) if set(TODAY) <= set(seen) else None,
        "cards": [_card(part, counted, days, request.company.currency) for part in parts],
        "begin": {
            name: counted.found[name] for name in ("has_customers", "has_services", "has_events")
        },
        "may_add": {
            model._meta.model_name: site.get_model_admin(model).has_add_permission(request)
            for model in (Booking, Customer, Event, EventDate, Service)
        },
    }


def _card(part: Part, counted: Counted, days: Days, currency: str) -> Card:
    """Return a card; of what was counted before, as it was at that time."""
    is_missing = any(counted.is_missing(name) for name in part.figures)
    tallied = counted.tallied.intersection(part.figures) and not is_missing
    at = counted.tallied_at if tallied else None
    found = {name: counted.found.get(name, []) for name in part.figures}
    known = Days(at) if at else days
    if "money" in found:
        found["money"] = Money(found["money"], known, currency)
    return part.card(found, known, counted_at=at, is_missing=is_missing)
