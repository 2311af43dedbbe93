"""The operations and scopes that a credential used in the last 30 days, from RequestCount."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.db.models import Min, Q, Sum
from django.db.models.functions import Coalesce, Now

from config.tenancy.scoping import RemovableQuerySet
from config.times import database_now

from .models import DAYS_KEPT, RequestCount


class OperationUse(NamedTuple):
    """How often a credential called an operation; `errors` counts statuses of 400 and above."""

    operation: str
    last_day: int
    last_month: int
    errors: int


def operations_used(credential_id: UUID) -> list[OperationUse]:
    """Return the operations that a credential called, the most frequent first."""

    def total(condition: Q) -> Coalesce:
        return Coalesce(Sum("count", filter=condition), 0)

    rows = (
        _kept()
        .filter(credential_id=credential_id)
        .values("operation")
        .annotate(
            last_day=total(Q(hour__gt=Now() - timedelta(hours=24))),
            last_month=Sum("count"),
            errors=total(Q(status__gte=400)),
        )
        .order_by("-last_month", "operation")
    )
    return [OperationUse(**row) for row in rows]


def unused_scopes(credential_id: UUID, scopes: Iterable[str]) -> list[str]:
    """Return the scopes that no request of the credential used.

    Requests that were refused with 403 do not count.
    """
    rows = _kept().filter(credential_id=credential_id).exclude(status=403)
    used = set(rows.values_list("scope", flat=True).distinct())
    return [scope for scope in scopes if scope not in used]


def watched_since(created_at: datetime) -> datetime:
    """Return since when requests of a credential, created at `created_at`, are counted.

    Counts begin with the company's oldest RequestCount.
    """
    begin = _kept().aggregate(first=Min("hour"))["first"]
    return max(created_at, begin or database_now())


def _kept() -> RemovableQuerySet[RequestCount]:
    return RequestCount.objects.filter(hour__gte=Now() - timedelta(days=DAYS_KEPT))
