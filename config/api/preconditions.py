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
from .request_logging import READS

_NOT_ONE = "This path shows no single object to compare with. Leave the header out."


def tag_of(document: bytes, editable: Collection[tuple[str, ...]]) -> str:
    """Return the ETag of an object, of which a change can change what stands at `editable` paths.

    A path is the names that lead to a member. Where there are none, both parts stand for the whole.
    """
    parts = [document]
    if editable:
        members, values = json.loads(document), []
        for name, *deeper in editable:
            value = members.get(name)
            for one in deeper:
                value = value and value.get(one)
            values.append(value)
        parts.insert(0, json.dumps(values).encode())
    prints = [urlsafe_b64encode(sha256(part).digest()[:15]).decode() for part in parts]
    return f'"{prints[0]}.{prints[-1]}"'


def tagged(request: Any, body: bytes, tag: str, status: int = 200) -> HttpResponse:
    """Return an answer with an ETag; a client that has what it stands for gets a bare 304."""
    seen = request.META.get("HTTP_IF_NONE_MATCH")
    if seen and request.method in READS and _is_among(tag, parse_etags(seen)):
        response = HttpResponse(status=304)
        del response["Content-Type"]
    else:
        response = HttpResponse(body, status=status, content_type="application/json")
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
