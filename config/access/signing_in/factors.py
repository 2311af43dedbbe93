"""The second factor: whether a user must have one, has one, and used it in this session."""

from functools import cache
from typing import Any, cast
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from config.tenancy.companies import Company
from config.tenancy.permissions import Role

from ..models import Membership, Staff
from .sessions import page_of

METHOD = "mfa"

# The roles that need a second factor in a company that requires it.
ASKED = (Role.OWNER, Role.MANAGER)


def with_duty(staff: QuerySet[Staff]) -> QuerySet[Staff]:
    """Annotate staff with `must_have_factor`: whether a company of theirs requires it.

    Companies require it of owners and managers; superusers are owners of every company.
    """
    return staff.annotate(must_have_factor=_is_asked())


@cache
def _is_asked() -> ExpressionWrapper:
    """Return the expression of `must_have_factor`, built once: every request needs it."""
    strict = Company.objects.usable().filter(requires_second_factor=True)
    asked_by = Membership.objects.filter(staff=OuterRef("pk"), role__in=ASKED, company__in=strict)
    asked = Exists(asked_by) | Q(Exists(strict), is_superuser=True)
    return ExpressionWrapper(asked, BooleanField())


def must_have_factor(staff: Any) -> bool:
    """Whether a staff member may not work without a second factor."""
    if hasattr(staff, "must_have_factor"):
        return bool(staff.must_have_factor)
    return with_duty(Staff.objects.filter(pk=staff.pk)).get().must_have_factor  # type: ignore[attr-defined]


def has_factor(staff: Staff) -> bool:
    """Whether a staff member signs in with a code in addition to the password."""
    return Authenticator.objects.filter(user=staff, type=Authenticator.Type.TOTP).exists()


def has_shown_factor(request: HttpRequest) -> bool:
    """Whether this session was authenticated with a second factor."""
    records = get_authentication_records(request, cast(Staff, request.user))
    return any(record.get("method") == METHOD for record in records)


def note_factor(request: HttpRequest) -> None:
    """Record in the session that it was authenticated with a second factor."""
    record_authentication(request, cast(Staff, request.user), METHOD)


def led_to_factor(request: HttpRequest) -> HttpResponse | None:
    """Redirect to the second factor if it is required and was not used yet, else return None."""
    if has_shown_factor(request) or not must_have_factor(request.user):
        return None
    has_one = has_factor(cast(Staff, request.user))
    page = reverse("mfa_reauthenticate" if has_one else "mfa_activate_totp")
    return HttpResponseRedirect(f"{page}?{urlencode({'next': page_of(request)})}")
