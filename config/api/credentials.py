"""The credential of a request, and its reason."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from rest_framework.authentication import BaseAuthentication

from config.tenancy.authors import LONGEST_REASON

from .limits import count_stranger, headers_of
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
    """Return the credential that a request carries; raises the 401 for none, the 400 for two."""
    credentials = credentials_in(request.META)
    if len(credentials) > 1:
        raise _two_credentials(request)
    if not credentials:
        raise refused()
    return credentials.pop()


def credentials_in(environ: Mapping[str, Any]) -> set[str]:
    """Return the credentials in the headers of a request: one, unless the client is mistaken."""
    scheme, _, bearer = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    key = environ.get("HTTP_X_API_KEY", "").strip()
    return {key, bearer.strip() if scheme.lower() == "bearer" else ""} - {""}


def _two_credentials(request: Any) -> Refused:
    return Refused(
        400,
        "bad_request",
        "Authorization and X-API-Key carry two different credentials. Send one of them.",
        headers=headers_of((count_stranger(request),)),
    )


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
    """Names access tokens and API keys in the document.

    Requests are authenticated by `config.api.authentication`.
    """
