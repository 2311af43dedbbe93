"""Conditional requests: `If-Match` and `If-None-Match` (RFC 9110, section 13).

An ETag is the fingerprint of what is shown, so that it changes whenever that does. Before a change
it is compared under the lock of the row, so that of two who saw the same only one comes through.
"""

from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from django.utils.http import parse_etags

from .problems import Refused, bad_request

_NOT_ONE = "This address shows no one object that it could be compared with."


def tag_of(body: bytes) -> str:
    """Return the strong ETag of a representation."""
    return f'"{urlsafe_b64encode(sha256(body).digest()[:15]).decode()}"'


def tagged(request: Any, response: HttpResponse, shown: bytes) -> HttpResponse:
    """Put the ETag of what is shown on an answer; a reader who has that gets a 304 and no body."""
    tag = tag_of(shown)
    seen = request.META.get("HTTP_IF_NONE_MATCH")
    if (
        seen
        and request.method in ("GET", "HEAD")
        and _is_among(tag, parse_etags(seen), weakly=True)
    ):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    response["ETag"] = tag
    return response


def is_conditional(request: Any) -> bool:
    return "HTTP_IF_MATCH" in request.META or "HTTP_IF_NONE_MATCH" in request.META


def check(request: Any, tag: str) -> None:
    """Raise the 412 unless what is to be changed is what its sender has seen."""
    wanted = request.META.get("HTTP_IF_MATCH")
    unwanted = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    if wanted is not None and not _is_among(tag, parse_etags(wanted)):
        raise _failed()
    if _is_among(tag, unwanted, weakly=True):
        raise _failed()


def refuse(request: Any) -> None:
    """Raise the 400 for a condition on what has no ETag: to let it pass would promise too much."""
    for name in ("If-Match", "If-None-Match"):
        if f"HTTP_{name.upper().replace('-', '_')}" in request.META:
            raise bad_request(f"{name}: {_NOT_ONE}", {name: _NOT_ONE})


def required() -> Refused:
    """The answer to a change without a condition, of a client that asked to be held to one."""
    return Refused(
        428,
        "precondition_required",
        "Send If-Match with the ETag of what you have seen, or * to change it whatever it is now.",
    )


def _failed() -> Refused:
    return Refused(
        412,
        "precondition_failed",
        "The object has changed since you read it. Read it again and repeat the change.",
    )


def _is_among(tag: str, given: list[str], *, weakly: bool = False) -> bool:
    if weakly:
        given = [one.removeprefix("W/") for one in given]
    return tag in given or given == ["*"]
