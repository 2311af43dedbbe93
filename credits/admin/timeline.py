"""The ledger of credits and passes in a customer's timeline."""

from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext_lazy

from config.admin.tables import label
from config.admin.timeline import Branch, TimelineEntry, by, fields

from ..models import Credit, Entry, PassPurchase
from .entries import COLOURS, with_sign

CREDITS = "credits"
NAMES = {CREDITS: gettext_lazy("Credits and passes")}
_OF_ENTRY = fields("kind", "amount", "reference", "reason", "actor_name")


def _describe(values: dict[str, Any]) -> TimelineEntry:
    entry = Entry(kind=values["kind"], amount=values["amount"])
    if "entitlement" in values:
        entry.credit = Credit(entitlement=values["entitlement"], currency=values["currency"])
    return TimelineEntry(
        values["name"],
        details=[values["reason"], _reference(values), by(values["actor_name"])],
        mark=label(capfirst(entry.get_kind_display()), COLOURS[entry.kind]),
        amount=with_sign(entry) if entry.amount else "",
    )


def _reference(values: dict[str, Any]) -> str:
    """Return the reference of a use by another system; our own bookings and media have entries."""
    return "" if values["reference"].startswith(("bk_", "media_")) else values["reference"]


BRANCHES = (
    Branch(
        CREDITS,
        "redeem",
        Entry.objects.all(),
        "created_at",
        {
            **_OF_ENTRY,
            "name": "credit__coupon__name",
            "entitlement": "credit__entitlement",
            "currency": "credit__currency",
        },
        _describe,
        Credit,
        of="credit_id",
        whose="credit__customer_id",
    ),
    Branch(
        CREDITS,
        "confirmation_number",
        Entry.objects.all(),
        "created_at",
        {**_OF_ENTRY, "name": "purchase__product__name"},
        _describe,
        PassPurchase,
        of="purchase_id",
        whose="purchase__customer_id",
    ),
)
