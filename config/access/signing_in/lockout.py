"""Five misses lock the door for a while.

A password is missed by an e-mail address from one place, so that nobody can lock a colleague out
from elsewhere; who misses for many addresses from one place is locked there too. A code of the
second factor is missed by whoever knows the password already, and from anywhere.
"""

import math
from datetime import timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.db.models import Max, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from ..models import Staff

CODE_OF = "code of "

# How many misses of each kind that `counted_by` names weigh as much as one.
WEIGHTS = (1, 10)


def counted_by(request: Any, credentials: dict[str, Any] | None = None) -> list[Any]:
    """Return by what misses are added up, for AXES_LOCKOUT_PARAMETERS."""
    if name_of(request, credentials).startswith(CODE_OF):
        return ["username"]
    return [["username", "ip_address"], "ip_address"]


def name_of(request: Any, credentials: dict[str, Any] | None = None) -> str:
    """Return the address that was tried, as it is compared, for AXES_USERNAME_CALLABLE."""
    given = credentials or {}
    name = str(given.get(Staff.USERNAME_FIELD) or given.get("username") or "")
    return name.replace("\x00", "").strip().lower()[:255]


def of_code(staff: Staff) -> dict[str, str]:
    """Return what misses of a staff member's second factor are counted under."""
    return {Staff.USERNAME_FIELD: f"{CODE_OF}{staff.email}"}


def of_link(email: str) -> dict[str, str]:
    """Return what asking for a link to a new password is counted under."""
    return {Staff.USERNAME_FIELD: f"link for {email}"}


class Lockout(AxesDatabaseHandler):
    """Counts in the database; a sign-in forgets the misses of whoever signed in, and no others."""

    def get_failures(self, request: Any, credentials: dict[str, Any] | None = None) -> int:
        kinds = self.get_user_attempts(request, credentials)
        return max(_misses(kind) // weight for kind, weight in zip(kinds, WEIGHTS, strict=False))

    def user_logged_in(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        from_here = Q(username=user.email.lower(), ip_address=request.axes_ip_address)
        code = name_of(request, of_code(user))
        AccessAttempt.objects.filter(from_here | Q(username=code)).delete()

    def user_logged_out(self, sender: Any, request: Any, user: Any, **kwargs: Any) -> None:
        """Nothing is kept of who left."""

    def minutes_left(self, request: Any, credentials: dict[str, Any] | None) -> int:
        """Return after how many minutes, at most, the door opens again."""
        kinds = self.get_user_attempts(request, credentials)
        latest = [kind.aggregate(at=Max("attempt_time"))["at"] for kind in kinds]
        wait = _cool_off() - (timezone.now() - max(filter(None, latest), default=timezone.now()))
        return max(1, math.ceil(wait / timedelta(minutes=1)))


def _misses(attempts: QuerySet[AccessAttempt]) -> int:
    return attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0


def _cool_off() -> timedelta:
    cool_off = get_cool_off()
    assert cool_off is not None
    return cool_off


def locked_out(
    request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None
) -> HttpResponse:
    """Say when to try again, in the same words whether the address is known or not."""
    minutes = Lockout().minutes_left(request, credentials)
    context = {**admin.site.each_context(request), "title": _("Too many tries"), "minutes": minutes}
    return TemplateResponse(
        request,
        "admin/signing_in/locked_out.html",
        context,
        status=429,
        headers={"Retry-After": str(minutes * 60)},
    ).render()


def is_locked(request: HttpRequest, credentials: dict[str, str]) -> bool:
    """Whether nobody is listened to under these credentials; the answer becomes `locked_out`."""
    if AxesProxyHandler.is_allowed(request, credentials):
        return False
    request.axes_locked_out = True  # type: ignore[attr-defined]
    request.axes_credentials = credentials  # type: ignore[attr-defined]
    return True


def miss(request: HttpRequest, credentials: dict[str, str]) -> None:
    """Count a miss."""
    AxesProxyHandler.user_login_failed(sender=__name__, credentials=credentials, request=request)


def misses_of(staff: Staff) -> QuerySet[AccessAttempt]:
    """Return what was missed lately in a staff member's name, from wherever."""
    names = [staff.email.lower(), f"{CODE_OF}{staff.email}".lower()]
    since = timezone.now() - _cool_off()
    return AccessAttempt.objects.filter(username__in=names, attempt_time__gte=since)


def is_locked_out(staff: Staff) -> bool:
    """Whether a staff member is locked out somewhere, by misses in their name."""
    places: dict[tuple[str | None, str | None], int] = {}
    for attempt in misses_of(staff):
        is_code = (attempt.username or "").startswith(CODE_OF)
        place = (attempt.username, None if is_code else attempt.ip_address)
        places[place] = places.get(place, 0) + attempt.failures_since_start
    return any(misses >= settings.AXES_FAILURE_LIMIT for misses in places.values())


def forget_old_misses() -> int:
    """Remove what no longer counts; returns how many rows that were."""
    old = AccessAttempt.objects.filter(attempt_time__lt=timezone.now() - _cool_off())
    return old.delete()[0]
