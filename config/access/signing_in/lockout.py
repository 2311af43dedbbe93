"""Five failed attempts lock sign-in for 15 minutes.

An attempt is counted before its secret is checked, so that concurrent attempts get no extra tries;
a success resets the count. Passwords and links are counted by e-mail address and network address,
so that nobody can lock out a colleague from elsewhere. 50 attempts from one network address, for
any names, lock that address. Codes of the second factor are counted across all network addresses,
because only a user with the right password can enter one.
"""

import math
from datetime import timedelta
from typing import Any

from axes.handlers.base import AxesHandler
from django.contrib import admin
from django.db import connection, transaction
from django.db.models import Max, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from config.card_numbers import mask_card_numbers

from ..models import AttemptCount, Staff
from .addresses import client_address

Kind = AttemptCount.Kind
COOL_OFF = timedelta(minutes=15)
MOST_BY_NAME = 5
MOST_BY_PLACE = 50

# _COUNT counts one attempt and returns a row, or no row if a limit is reached. _LOCK serializes the
# attempts from one network address.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('sign-in from ' || %(address)s, 0))"
_COUNT = """
INSERT INTO access_attemptcount AS counted (kind, name, address, attempts, latest_at)
SELECT %(kind)s, %(name)s, %(address)s::inet, 1, now()
 WHERE (SELECT coalesce(sum(attempts), 0) FROM access_attemptcount
         WHERE latest_at > now() - %(cool_off)s AND address = %(address)s::inet) < %(by_place)s
   AND (SELECT coalesce(sum(attempts), 0) FROM access_attemptcount
         WHERE latest_at > now() - %(cool_off)s AND kind = %(kind)s AND name = %(name)s
           AND (address = %(address)s::inet OR %(everywhere)s)) < %(by_name)s
ON CONFLICT (kind, name, address) DO UPDATE
   SET attempts = 1 + CASE WHEN counted.latest_at > now() - %(cool_off)s
                           THEN counted.attempts ELSE 0 END,
       latest_at = now()
RETURNING attempts
"""


def may_try(request: HttpRequest, kind: Kind, name: str) -> bool:
    """Count an attempt; if too many failed before, return False and make the response a 429.

    Call this before checking the secret. The caller must commit its transaction, if it has one.
    """
    values: dict[str, Any] = {
        "kind": kind,
        "name": _compared(name),
        "address": client_address(request),
        "cool_off": COOL_OFF,
        "everywhere": kind == Kind.CODE,
        "by_name": MOST_BY_NAME,
        "by_place": MOST_BY_PLACE,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK, values)
        cursor.execute(_COUNT, values)
        is_counted = cursor.fetchone() is not None
    if not is_counted:
        _lock_out(request, kind, name)
    return is_counted


def note_failure(request: HttpRequest, kind: Kind, name: str) -> None:
    """Make the response a 429 if the failed attempt reached the limit."""
    counts = list(_counts(request, kind, name))
    if any(_attempts(count) >= most for count, most in counts):
        _lock_out(request, kind, name)


class Lockout(AxesHandler):
    """The handler by which django-axes counts passwords before each authentication."""

    def is_allowed(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        return may_try(request, Kind.PASSWORD, _name_in(credentials))

    def user_login_failed(
        self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any
    ) -> None:
        note_failure(request, Kind.PASSWORD, _name_in(credentials))

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        name = _compared(user.email)
        from_here = Q(kind=Kind.PASSWORD, address=client_address(request))
        AttemptCount.objects.filter(from_here | Q(kind=Kind.CODE), name=name).delete()


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Return the page that says when to try again; it does not show if the address is known."""
    kind, name = credentials["locked"] if credentials else (Kind.PASSWORD, "")
    minutes = _minutes_left(request, kind, name)
    context = {**admin.site.each_context(request), "title": _("Too many tries"), "minutes": minutes}
    return TemplateResponse(
        request,
        "admin/signing_in/locked_out.html",
        context,
        status=429,
        headers={"Retry-After": str(minutes * 60)},
    ).render()


def failures_of(staff: Staff) -> QuerySet[AttemptCount]:
    """Return the recent failed attempts for a staff member, from all network addresses."""
    return _recent().filter(name=_compared(staff.email), kind__in=[Kind.PASSWORD, Kind.CODE])


def is_locked_out(staff: Staff) -> bool:
    """Whether failed attempts lock a staff member out, from one network address or all."""
    failed = failures_of(staff)
    passwords = failed.filter(kind=Kind.PASSWORD, attempts__gte=MOST_BY_NAME)
    return passwords.exists() or _attempts(failed.filter(kind=Kind.CODE)) >= MOST_BY_NAME


def forget_old_attempts() -> int:
    """Remove expired counts; return how many rows were removed."""
    return AttemptCount.objects.filter(latest_at__lte=Now() - COOL_OFF).delete()[0]


def _name_in(credentials: dict[str, Any] | None) -> str:
    given = credentials or {}
    return str(given.get(Staff.USERNAME_FIELD) or given.get("username") or "")


def _compared(name: str) -> str:
    return mask_card_numbers(name.replace("\x00", "").strip().lower()[:255])


def _recent() -> QuerySet[AttemptCount]:
    return AttemptCount.objects.filter(latest_at__gt=Now() - COOL_OFF)


def _counts(
    request: HttpRequest, kind: Kind, name: str
) -> tuple[tuple[QuerySet[AttemptCount], int], ...]:
    """Return the counts that include an attempt, each with its limit."""
    here = _recent().filter(address=client_address(request))
    by_name = (_recent() if kind == Kind.CODE else here).filter(kind=kind, name=_compared(name))
    return (by_name, MOST_BY_NAME), (here, MOST_BY_PLACE)


def _attempts(counts: QuerySet[AttemptCount]) -> int:
    return counts.aggregate(sum=Sum("attempts"))["sum"] or 0


def _minutes_left(request: HttpRequest, kind: Kind, name: str) -> int:
    """Return the minutes until the lock ends, rounded up; at least 1."""
    latest = [
        counts.aggregate(left=Max("latest_at") + COOL_OFF - Now())["left"]
        for counts, most in _counts(request, kind, name)
        if _attempts(counts) >= most
    ]
    return max(1, *(math.ceil(left / timedelta(minutes=1)) for left in latest if left), 1)


def _lock_out(request: HttpRequest, kind: Kind, name: str) -> None:
    """Make the middleware of django-axes respond with `locked_out`."""
    request.axes_locked_out = True  # type: ignore[attr-defined]
    request.axes_credentials = {"locked": (kind, name)}  # type: ignore[attr-defined]
