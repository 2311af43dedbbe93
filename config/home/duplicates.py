"""Likely duplicates that wait for a decision, for staff who may decide."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Value
from django.urls import reverse

from config.admin.tables import page_name
from customers.models import Duplicate

# More are not counted.
MOST = 500
PERMISSION = "customers.change_duplicate"


def duplicates_of(request: Any) -> ArraySubquery | Value:
    """Return the expression that has an element for each pair that waits for this staff member."""
    if not request.user.has_perm(PERMISSION):
        return Value(0)
    pairs = Duplicate.objects.visible_to(request.actor).waiting().annotate(pair=Value(1))
    return ArraySubquery(pairs.values("pair")[: MOST + 1])


def waiting_duplicates(count: int) -> dict[str, Any]:
    """Return the number of waiting pairs, and the URL of their list."""
    return {
        "count": min(count, MOST),
        "has_more": count > MOST,
        "address": reverse(page_name(Duplicate, "changelist")),
    }
