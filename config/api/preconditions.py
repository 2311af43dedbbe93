"""Conditional requests: `If-Match` and `If-None-Match` (RFC 9110, section 13).

An ETag is `"<editable>.<shown>"`: digests of the editable fields, and of the whole object.
`If-Match` compares only the first part, with the row locked, so that only one of two clients that
read the same version can change it. `If-None-Match` compares both parts, so that clients do not
keep stale values of computed fields.
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
    """Return the ETag of a document; `editable` has the paths of its editable members.

    A path is a tuple of member names. Without paths, both parts are the digest of the document.
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
    """Return a response with an ETag, or a 304 if the client has this version."""
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
    """Raise a 412 unless the current ETag satisfies the conditions of the request."""
    wanted = request.META.get("HTTP_IF_MATCH")
    unwanted = parse_etags(request.META.get("HTTP_IF_NONE_MATCH", ""))
    if wanted is not None:
        seen = [_editable_part(one) for one in parse_etags(wanted)]
        if _editable_part(tag) not in seen and seen != ["*"]:
            raise _failed()
    if _is_among(tag, unwanted):
        raise _failed()


def check_absent(request: Any) -> None:
    """Raise a 412 if the request has If-Match, since the row does not exist yet."""
    if "HTTP_IF_MATCH" in request.META:
        raise _failed()


def refuse(request: Any) -> None:
    """Raise a 400 for a condition on a path without an ETag, which would have no effect."""
    for name in ("If-Match", "If-None-Match"):
        if f"HTTP_{name.upper().replace('-', '_')}" in request.META:
            raise bad_request(f"{name}: {_NOT_ONE}", {name: _NOT_ONE})


def required() -> Refused:
    """Return the 428 for a change without If-Match by a credential that must send it."""
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
    """Whether an ETag is in a list, by weak comparison; ETags of compressed responses match."""
    same = [one.removeprefix("W/").replace(f'{MARK}"', '"') for one in given]
    return tag in same or given == ["*"]
