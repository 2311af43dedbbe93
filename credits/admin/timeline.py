"""What a customer's timeline tells of their credits and passes: the ledger."""

from typing import Any

from django.db.models import F
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.admin.tables import label
from config.admin.timeline import Branch, Told

from ..models import Credit, Entry, PassPurchase
from .entries import COLOURS, with_sign

CREDITS = "credits"
NAMES = {CREDITS: gettext_lazy("Credits and passes")}
_OF_ENTRY = {name: F(name) for name in ("kind", "amount", "reference", "reason", "actor_name")}


def _of_credits(whose: Any) -> Any:
    return Entry.objects.visible_to(whose).filter(credit__customer_id=whose.pk)


def _of_passes(whose: Any) -> Any:
    return Entry.objects.visible_to(whose).filter(purchase__customer_id=whose.pk)


def _tell(told: dict[str, Any]) -> Told:
    entry = Entry(kind=told["kind"], amount=told["amount"])
    if "entitlement" in told:
        entry.credit = Credit(entitlement=told["entitlement"], currency=told["currency"])
    by = _("by %(name)s") % {"name": told["actor_name"]} if told["actor_name"] else ""
    return Told(
        told["name"],
        details=[told["reason"], _reference(told), by],
        mark=label(capfirst(entry.get_kind_display()), COLOURS[entry.kind]),
        amount=with_sign(entry) if entry.amount else "",
    )


def _reference(told: dict[str, Any]) -> str:
    """Return what another system called a use; our own bookings and media stand beside it."""
    return "" if told["reference"].startswith(("bk_", "media_")) else told["reference"]


BRANCHES = (
    Branch(
        CREDITS,
        "redeem",
        _of_credits,
        "created_at",
        {
            **_OF_ENTRY,
            "name": F("credit__coupon__name"),
            "entitlement": F("credit__entitlement"),
            "currency": F("credit__currency"),
        },
        _tell,
        Credit,
        "credit_id",
    ),
    Branch(
        CREDITS,
        "confirmation_number",
        _of_passes,
        "created_at",
        {**_OF_ENTRY, "name": F("purchase__product__name")},
        _tell,
        PassPurchase,
        "purchase_id",
    ),
)
