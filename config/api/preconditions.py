"""Conditional requests: `If-Match` and `If-None-Match` (RFC 9110, section 13).

An ETag is `"<editable>.<shown>"`: fingerprints of what a change can change, and of all that is
shown. `If-Match` compares the first part, under the lock of the row, so that of two clients that
saw the same only one changes it. `If-None-Match` compares both, so that no client keeps stale
figures.
"""

import json
from base64 import urlsafe_b64encode
from collections.abc import Collection
from hashlib import sha256
from typing import Any

from django.http import HttpResponse
from django.utils.http import parse_etags

from .compression import MARK
from .problems import Refused, bad_request

_NOT_ONE = "This path shows no single object to compare with. Leave the header out."


def tag_of(document: str, editable: Collection[str]) -> str:
    """Return the ETag of an object, of which a change can change what stands at `editable` paths.

    Where there are none, both parts stand for the whole.
    """
    shown = first = _fingerprint(document)
    if editable:
        members = json.loads(document)
        first = _fingerprint(json.dumps([_value_at(path, members) for path in editable]))
    return f'"{first}.{shown}"'


def _value_at(path: str, members: Any) -> Any:
    """Return what stands at a path such as `service.configuration`, None if nothing does."""
    for name in path.split("."):
        members = members.get(name) if members else None
    return members


def _fingerprint(text: str) -> str:
    return urlsafe_b64encode(sha256(text.encode()).digest()[:15]).decode()


def tagged(request: Any, response: HttpResponse, tag: str) -> HttpResponse:
    """Put an ETag on an answer; a client that has what it stands for gets a 304 and no body."""
    seen = request.META.get("HTTP_IF_NONE_MATCH")
    if seen and request.method in ("GET", "HEAD") and _is_among(tag, parse_etags(seen)):
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
    if wanted is not None:
        seen = [_editable_part(one) for one in parse_etags(wanted)]
        if _editable_part(tag) not in seen and seen != ["*"]:
            raise _failed()
    if _is_among(tag, unwanted):
        raise _failed()


def check_absent(request: Any) -> None:
    """Raise the 412 if what is to be changed is not there yet."""
    if "HTTP_IF_MATCH" in request.META:
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
        "This credential must send If-Match. Send the ETag of the object that you read, or * to "
        "change it whatever it is now.",
    )


def _failed() -> Refused:
    return Refused(
        412,
        "precondition_failed",
        "The object has changed since you read it. Read it again and repeat the change.",
    )


def _editable_part(tag: str) -> str:
    return tag.partition(".")[0]


def _is_among(tag: str, given: list[str]) -> bool:
    """Compare weakly; a compressed answer stands for the same."""
    same = [one.removeprefix("W/").replace(f'{MARK}"', '"') for one in given]
    return tag in same or given == ["*"]
