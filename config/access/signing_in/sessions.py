"""A back-office session ends after 8 hours, or after 30 minutes without a request by a person."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, cast
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends import db
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from config.times import Clock, database_now

from ..models import Staff

SIGNED_IN_AT = "signed_in_at"
SEEN_AT = "seen_at"
# Pages send this header when they poll by script: such requests do not keep a session alive.
WATCHING = "X-Watching"

# The last request is saved at most once a minute, to avoid a write per request. So a session may
# end after 29 idle minutes.
NOTED_EVERY = timedelta(minutes=1)


class SessionStore(db.SessionStore):
    """Store a digest of each session key, so that a copy of the database opens no session."""

    _now: datetime | None = None

    @property
    def now(self) -> int:
        """When the session was loaded, by the database's clock, in seconds since 1970."""
        self._get_session()  # type: ignore[attr-defined]
        return int((self._now or database_now()).timestamp())

    def _get_session_from_db(self) -> Any:
        rows = self.model.objects.annotate(clock=Now())
        found = rows.filter(session_key=_digest(self.session_key), expire_date__gt=Now()).first()
        if found is None:
            self._session_key = None
            return None
        self._now = found.clock
        return found

    def exists(self, session_key: str) -> bool:
        return super().exists(_digest(session_key))

    def create_model_instance(self, data: Any) -> Any:
        row = super().create_model_instance(data)
        row.session_key = _digest(row.session_key)
        row.expire_date = Now() + timedelta(seconds=self.get_expiry_age())
        return row

    @classmethod
    def clear_expired(cls) -> None:
        cls.get_model_class().objects.filter(expire_date__lt=Now()).delete()

    def delete(self, session_key: str | None = None) -> None:
        if key := session_key or self.session_key:
            super().delete(_digest(key))


def _digest(key: str | None) -> str:
    return blake2b((key or "").encode("utf-8", "surrogatepass"), digest_size=20).hexdigest()


class SessionLimits:
    """Middleware that ends old and idle sessions; signing in leads back to the same page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Only the back-office has sessions: the API must not spend a query on them.
        is_here = request.path.startswith(settings.SESSION_COOKIE_PATH)
        if is_here and settings.SESSION_COOKIE_NAME in request.COOKIES and (end := _end(request)):
            return end
        return self.get_response(request)


def _ended(session: Any, by_a_person: bool) -> str:
    """Return why a session has ended, "" if it has not; save the time of a person's request."""
    now = session.now
    seen_at = session.get(SEEN_AT, now)
    if now - session.setdefault(SIGNED_IN_AT, now) >= settings.SESSION_COOKIE_AGE:
        return _("You had been signed in for 8 hours, so you were signed out.")
    if now - seen_at >= settings.SESSION_IDLE_SECONDS:
        return _("You were signed out, since nothing was done for 30 minutes.")
    is_due = SEEN_AT not in session or now - seen_at >= NOTED_EVERY.total_seconds()
    if by_a_person and is_due:
        session[SEEN_AT] = now
    return ""


def _end(request: HttpRequest) -> HttpResponse | None:
    if not request.user.is_authenticated:
        return None
    reason = _ended(request.session, by_a_person=WATCHING not in request.headers)
    return _sign_in_again(request, reason) if reason else None


def _sign_in_again(request: HttpRequest, reason: str) -> HttpResponse:
    back = page_of(request)
    if request.method == "POST":
        reason += " " + _("What you sent was not saved.")
    logout(request)
    messages.warning(
        request, reason + " " + _("Sign in, and you come back to the page where you were.")
    )
    return redirect_to_login(back, reverse("admin:login"))


def page_of(request: HttpRequest) -> str:
    """Return the address of the person's page; for a sent form, of the page that showed it."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    referer = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure()):
        parts = urlsplit(referer)
        return parts._replace(scheme="", netloc="").geturl() or reverse("admin:index")
    return reverse("admin:index")


def has_just_signed_in(request: HttpRequest) -> bool:
    """Whether the user signed in so recently that the password need not be asked for again."""
    session: Any = request.session
    at = session.get(SIGNED_IN_AT)
    return at is not None and session.now - at < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def sign_out_elsewhere(request: HttpRequest) -> None:
    """End all sessions of the user except that of this request."""
    from django.contrib.auth import update_session_auth_hash

    staff = cast(Staff, request.user)
    staff.signed_out_at = Clock()
    staff.save(update_fields=["signed_out_at"])
    update_session_auth_hash(request, staff)
