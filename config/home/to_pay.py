"""The card of money that customers owe: open invoices, and what has no invoice yet."""

import datetime
from collections import Counter
from dataclasses import replace
from typing import Any

from django.db.models import Sum

from billing.models import Invoice
from bookings.models import Booking, MediaPurchase
from config.money import show_money
from config.tenancy.actors import Actor
from config.tenancy.companies import Company

from .counting import Card, Counted, Number, grouped


def to_pay(actor: Actor, company: Company, today: datetime.date) -> Card:
    rows = {
        "invoices": (Invoice.objects.visible_to(actor).unpaid().with_amounts(), {"status": "open"}),
        "bookings": (Booking.objects.visible_to(actor).to_pay(), {"paid": "to_pay"}),
        "media": (MediaPurchase.objects.visible_to(actor).to_pay(), {"paid": "to_pay"}),
    }
    counts = {name: _sums(found, filters) for name, (found, filters) in rows.items()}
    return CardToPay("to_pay", rows["bookings"][0], counts)


def _sums(rows: Any, filters: dict[str, Any]) -> Counted:
    query = grouped(rows, "currency", amount=Sum("balance"))
    return Balances(rows.model, query, filters)


class Balances(Counted):
    """Rows with an unpaid balance, by currency."""

    def worth(self) -> Number:
        """Return the unpaid balance by currency, linked to the list of the rows."""
        return replace(self.number(), shown=_in_words([self]))


class CardToPay(Card):
    """The total that customers owe."""

    @property
    def total(self) -> str:
        return _in_words(self.counts.values())


def _in_words(counts: Any) -> str:
    sums: Counter[str] = Counter()
    for group in (group for counted in counts for group in counted.groups):
        sums[group["currency"]] += group["amount"]
    return ", ".join(show_money(amount, currency) for currency, amount in sorted(sums.items()))
