"""Likely duplicates that wait to be looked at, for those who may decide on them."""

from typing import Any

from django.db.models import Exists, Value
from django.urls import reverse

from config.admin.tables import page_name
from customers.models import Duplicate

# More are not counted.
MOST = 500
PERMISSION = "customers.change_duplicate"


def has_duplicates(request: Any) -> Exists | Value:
    """Return the expression that says whether a pair waits for this staff member."""
    if not request.user.has_perm(PERMISSION):
        return Value(False)
    return Exists(Duplicate.objects.visible_to(request.actor).waiting())


def waiting_duplicates(request: Any) -> dict[str, Any]:
    """Return how many pairs wait, and where they are listed."""
    count = Duplicate.objects.visible_to(request.actor).waiting()[: MOST + 1].count()
    return {
        "count": min(count, MOST),
        "has_more": count > MOST,
        "address": reverse(page_name(Duplicate, "changelist")),
    }
