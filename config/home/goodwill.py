"""Goodwill that waits for approval, for staff who may approve it."""

from typing import Any

from django.db.models import Exists, Value
from django.urls import reverse

from config.admin.tables import page_name
from credits.models import Goodwill

# How many are shown; the oldest are shown.
SHOWN = 5
PERMISSION = "credits.change_goodwill"


def has_waiting(request: Any) -> Exists | Value:
    """Return an expression for whether goodwill waits for this staff member."""
    if not request.user.has_perm(PERMISSION):
        return Value(False)
    return Exists(Goodwill.objects.visible_to(request.actor).waiting())


def waiting_goodwill(request: Any) -> dict[str, Any]:
    """Return the goodwill that waits, oldest first."""
    rows = Goodwill.objects.visible_to(request.actor).waiting().oldest_first()
    found = list(rows.select_related("customer").defer("customer__search_words")[: SHOWN + 1])
    listed = reverse(page_name(Goodwill, "changelist"))
    return {
        "rows": [_item(row) for row in found[:SHOWN]],
        "all": f"{listed}?status={Goodwill.WAITING}" if len(found) > SHOWN else "",
    }


def _item(row: Goodwill) -> dict[str, Any]:
    return {
        "row": row,
        "address": reverse(page_name(row, "change"), args=[row.pk]),
        "approve": reverse(page_name(row, "approve"), args=[row.pk]),
        "refuse": reverse(page_name(row, "refuse"), args=[row.pk]),
    }
