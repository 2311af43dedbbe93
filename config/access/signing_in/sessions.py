"""A session of the back-office lasts 8 hours, and 30 minutes without a request of a person's."""

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
# A page that looks by itself whether anything came says so in this header: nobody need sit there.
WATCHING = "X-Watching"

# A request is noted once a minute, so that reading costs no write: 30 minutes may be 29.
NOTED_EVERY = timedelta(minutes=1)


class SessionStore(db.SessionStore):
    """Keeps a digest of each session's key, so that a copy of the database opens no session."""

    _now: datetime | None = None

    @property
    def now(self) -> int:
        """The time by the database's clock, in seconds since 1970, at which this was loaded."""
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
    """Ends sessions that are too old or were left alone, and leads back to the page afterwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # No other door knows sessions, and none other is to pay for them.
        is_here = request.path.startswith(settings.SESSION_COOKIE_PATH)
        if is_here and settings.SESSION_COOKIE_NAME in request.COOKIES and (end := _end(request)):
            return end
        return self.get_response(request)


def _ended(session: Any, by_a_person: bool) -> str:
    """Return why a session is over, "" for one that goes on; a person's request is noted."""
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
    """Return the page that a person is on: of a form that was sent, the one that showed it."""
    if request.method in ("GET", "HEAD"):
        return request.get_full_path()
    referer = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}, request.is_secure()):
        parts = urlsplit(referer)
        return parts._replace(scheme="", netloc="").geturl() or reverse("admin:index")
    return reverse("admin:index")


def has_just_signed_in(request: HttpRequest) -> bool:
    """Whether somebody signed in so lately that asking for their password again tells nothing."""
    session: Any = request.session
    at = session.get(SIGNED_IN_AT)
    return at is not None and session.now - at < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT


def sign_out_elsewhere(request: HttpRequest) -> None:
    """End every session of whoever asks but the one that asks."""
    from django.contrib.auth import update_session_auth_hash

    staff = cast(Staff, request.user)
    staff.signed_out_at = Clock()
    staff.save(update_fields=["signed_out_at"])
    update_session_auth_hash(request, staff)
