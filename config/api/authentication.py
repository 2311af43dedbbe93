"""What a request says of itself: its credential, and why it is sent."""

from typing import Any
from urllib.parse import unquote

from rest_framework.authentication import BaseAuthentication

from config.changes.context import LONGEST_REASON

from .problems import Refused


def refused() -> Refused:
    """The one answer to every credential that does not open: it never says why."""
    return Refused(
        401,
        "not_authenticated",
        "Send a valid access token or API key.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def presented(request: Any) -> str:
    """Return the credential that a request carries; raises the 401 for none or two."""
    scheme, _, bearer = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    key = request.META.get("HTTP_X_API_KEY", "").strip()
    bearer = bearer.strip() if scheme.lower() == "bearer" else ""
    if bool(key) == bool(bearer):
        raise refused()
    return key or bearer


def reason_of(request: Any) -> str | None:
    """Return the reason that a request gives for what it changes, None for one that is no text.

    Letters beyond ASCII come percent-encoded, as in `caf%C3%A9`: of a header with any other byte
    nothing is left when it reaches us, so an empty one is no reason either.
    """
    header = request.META.get("HTTP_X_REASON")
    if header is None:
        return ""
    try:
        reason = unquote(header.encode("latin-1").decode(), errors="strict").strip()
    except UnicodeError:
        return None
    return reason if 0 < len(reason) <= LONGEST_REASON and reason.isprintable() else None


class Credential(BaseAuthentication):
    """Names access tokens and API keys in the document; it is `admission.admit` that lets in."""
