"""The home page: the parts that a staff member may see, with their counts."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.utils import timezone

from bookings.admin.roster import rosters_at_home
from config.jobs.models import SweepFailure
from config.jobs.sweeps import SENTENCES
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.times import database_now

from .agenda import agenda
from .cards import credits, lapsing_customers, new_customers, subscriptions
from .counting import Card, ask, large_cards
from .duplicates import duplicates_of, waiting_duplicates
from .goodwill import has_waiting, waiting_goodwill
from .models import Tally
from .money import money
from .to_pay import to_pay

# The cards in the order of the page, with the permission that each needs.
CARDS = {
    money: "billing.view_payment",
    to_pay: "billing.view_invoice",
    subscriptions: "billing.view_subscription",
    credits: "credits.view_credit",
    new_customers: "customers.view_customer",
    lapsing_customers: "customers.view_customer",
}


def home(request: Any, site: AdminSite) -> dict[str, Any]:
    """Return the context of the active company's home page."""
    makers = [make for make, permission in CARDS.items() if request.user.has_perm(permission)]
    waits = {"waits": has_waiting(request), "alike": duplicates_of(request)}
    cards, found = load_cards(makers, request.actor, request.company, waits)
    today = agenda(request, site)
    return {
        "failures": failures(request),
        "goodwill": waiting_goodwill(request) if found["waits"] else None,
        "duplicates": waiting_duplicates(len(found["alike"])) if found["alike"] else None,
        "agenda": today,
        "rosters": rosters_at_home(today["dates"], today["now"], request) if today else [],
        "cards": cards,
    }


def load_cards(
    makers: Iterable[Any], actor: Actor, company: Company, beside: dict[str, Any]
) -> tuple[list[Card], dict[str, Any]]:
    """Return cards with their counts: small cards are counted now, large ones use the last tally.

    The statement that finds the large cards also returns the values of the expressions `beside`.
    """
    today = timezone.localdate(database_now())
    cards = {make: make(actor, company, today) for make in makers}
    large, found_beside = large_cards(cards.values(), company, **beside)
    small = [card for card in cards.values() if card not in large]
    found = ask(company, **{card.name: card.query for card in small})
    for card in small:
        card.read(found[card.name])
    tally = Tally.objects.visible_to(actor).first() if large else None
    counts = tally.figures.get("cards", {}) if tally else {}
    for make, card in cards.items():
        if tally and card in large and card.name in counts:
            cards[make] = make(actor, company, timezone.localdate(tally.counted_at))
            cards[make].read(counts[card.name], tally.counted_at)
    return list(cards.values()), found_beside


def failures(request: Any) -> list[dict[str, Any]]:
    """Return the periodic tasks that fail, for staff who may see the company's settings."""
    if not request.user.has_perm("access.view_workplace"):
        return []
    rows = SweepFailure.objects.visible_to(request.actor).oldest_first()
    return [{"text": SENTENCES[row.task], "row": row} for row in rows if row.task in SENTENCES]
