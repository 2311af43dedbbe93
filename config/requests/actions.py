"""Writes and removes entries of the log of API requests."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now

from config.tenancy.ids import new_id
from config.tenancy.scoping import acting_for
from config.times import database_now

from .models import DAYS_KEPT, ApiRequest, RequestCount

REMOVED_AT_ONCE = 1_000
_ROWS_A_STATEMENT = 500

# The rows are sorted in the order of the unique index, so that two processes cannot deadlock.
_ADD_COUNTS = """
INSERT INTO requests_requestcount AS kept
       (id, company_id, credential_id, operation, scope, status, hour, count)
SELECT id, %(company)s, credential_id, operation, scope, status, hour, count
  FROM unnest(%(ids)s::uuid[], %(credentials)s::uuid[], %(operations)s::text[],
              %(scopes)s::text[], %(statuses)s::smallint[], %(hours)s::timestamptz[],
              %(counts)s::integer[])
       AS noted (id, credential_id, operation, scope, status, hour, count)
 ORDER BY credential_id, operation, status, hour
    ON CONFLICT (company_id, credential_id, operation, status, hour) DO UPDATE
   SET count = kept.count + excluded.count
"""


class NotedRequest(NamedTuple):
    """An entry for the log; `answered_at` is a time of this process's monotonic clock."""

    id: UUID
    company_id: UUID
    answered_at: float
    request_id: str
    operation: str
    method: str
    path: str
    status: int
    error_code: str
    milliseconds: int
    credential_kind: str
    credential_id: UUID
    credential_name: str


class CountedRequest(NamedTuple):
    """The key of a count; `minute` is a minute of this process's monotonic clock."""

    company_id: UUID
    credential_id: UUID
    operation: str
    scope: str
    status: int
    minute: int


# The key of a RequestCount: credential, operation, scope, status and hour.
type CountedHour = tuple[UUID, str, str, int, datetime]


def record_requests(
    company_id: UUID, noted: Iterable[NotedRequest], counts: Mapping[CountedRequest, int]
) -> None:
    """Write the collected requests of a company and add to its counts, in one transaction.

    Times are converted to the database's clock. Requests that are already written are skipped.
    """
    with acting_for(company_id):
        start = database_now() - timedelta(seconds=monotonic())
        rows = [_row(one, start) for one in noted]
        ApiRequest.objects.bulk_create(rows, _ROWS_A_STATEMENT, ignore_conflicts=True)
        hourly: Counter[CountedHour] = Counter()
        for key, count in counts.items():
            hour = start + timedelta(minutes=key.minute)
            hour = hour.replace(minute=0, second=0, microsecond=0)
            hourly[key.credential_id, key.operation, key.scope, key.status, hour] += count
        if hourly:
            _add_counts(company_id, hourly)


def _row(one: NotedRequest, start: datetime) -> ApiRequest:
    """Return the row of an entry; `start` is the time at which the monotonic clock was 0."""
    facts = one._asdict()
    created_at = start + timedelta(seconds=facts.pop("answered_at"))
    return ApiRequest(created_at=created_at, **facts)


def _add_counts(company_id: UUID, counts: Counter[CountedHour]) -> None:
    credentials, operations, scopes, statuses, hours = map(list, zip(*counts, strict=True))
    values: dict[str, Any] = {
        "company": company_id,
        "ids": [new_id() for _ in counts],
        "credentials": credentials,
        "operations": operations,
        "scopes": scopes,
        "statuses": statuses,
        "hours": hours,
        "counts": [*counts.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ADD_COUNTS, values)


def remove_old_requests() -> bool:
    """Remove a batch of the active company's requests and counts older than DAYS_KEPT.

    Returns whether there may be more to remove.
    """
    removed = (_remove_some(ApiRequest, "created_at"), _remove_some(RequestCount, "hour"))
    return max(removed) == REMOVED_AT_ONCE


def _remove_some(model: type[ApiRequest] | type[RequestCount], age: str) -> int:
    old = model.objects.filter(**{f"{age}__lt": Now() - timedelta(days=DAYS_KEPT)})
    return model.objects.filter(pk__in=old.order_by(age)[:REMOVED_AT_ONCE]).remove()
