"""The headers of requests and responses, and files, in the OpenAPI document."""

from collections.abc import Iterable
from typing import Any

from config.tenancy.answers import HOURS_KEPT
from config.tenancy.authors import LONGEST_REASON

from .. import dry_run, object_lookup
from ..idempotency import GUARD, LONGEST_KEY
from ..unknown import MOST_BYTES, MOST_NAMES

# HTTP trims header values, so a value must contain a character that is no space.
_PRINTABLE = "^[ -~]*[!-~][ -~]*$"

REASON = {
    "name": "X-Reason",
    "in": "header",
    "description": (
        f"Why the change is made, in up to {LONGEST_REASON} characters. The change feed and the "
        "audit log show it. Percent-encode characters beyond ASCII, as in `caf%C3%A9`."
    ),
    "schema": {"type": "string", "pattern": _PRINTABLE},
}
KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": (
        f"Makes it safe to send the request again: for {HOURS_KEPT} hours the same request with "
        "the same key gets the first answer again, and changes nothing more. Use a new key, such "
        "as a random UUID, for each new change."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": _PRINTABLE},
}
REPLAYED = {
    "description": "`true` where this is the answer to an earlier request under the same key.",
    "schema": {"type": "string", "const": "true"},
}
DRY_RUN = {
    dry_run.HEADER: {
        "description": "`true` where nothing was changed, because `dry_run` asked for that.",
        "schema": {"type": "string", "const": "true"},
    },
    dry_run.EVENTS: {
        "description": "Of a dry run: the types of the events that would follow, each with its "
        "number: `customer.created=1, address.created=1`.",
        "schema": {"type": "string"},
    },
    dry_run.EMAILS: {
        "description": "Of a dry run: the kinds of e-mails that would be sent, each with its "
        "number: `invitation=1`.",
        "schema": {"type": "string"},
    },
}
LOCATION = {
    "description": "The URL of the new object.",
    "schema": {"type": "string", "format": "uri-reference"},
}
IGNORED = {
    "description": (
        "The fields and parameters that were ignored, percent-encoded, separated by commas: the "
        f"first {MOST_NAMES}, in at most {MOST_BYTES:,} bytes."
    ),
    "schema": {"type": "string", "maxLength": MOST_BYTES},
}
MERGED_INTO = {
    "description": (
        "The id of the customer that the answer is about, if the customer of the path was merged "
        "into that one. Else the header is absent."
    ),
    "schema": {"type": "string"},
}
ETAG = {
    "description": "The version of the object that the body shows. Send it as `If-Match` or "
    "`If-None-Match`.",
    "schema": {"type": "string"},
}
HEADERS = {
    "Request-Id": (
        "Identifies this request in the log of requests and in changes: the `Request-Id` that the "
        "request sent, or a new one."
    ),
    "WWW-Authenticate": "How to authenticate: `Bearer`, or `Basic` where a token is asked for.",
    "Retry-After": "How many seconds to wait before you send the request again.",
    "RateLimit-Policy": (
        "The limits that this request counts towards: `q` requests in `w` seconds. `at-once` is "
        "how many of a company's requests are answered at the same time."
    ),
    "RateLimit": (
        "What is left of each limit: `r` more requests now. In `t` seconds more are allowed."
    ),
}
# A request that is not authenticated counts towards no client's limits.
UNCOUNTED = ("401", "503")
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": (
        "The ETag of the object as you read it. If the object has changed since, nothing is "
        "changed and the answer is a 412. `*` changes the object in any case."
    ),
    "schema": {"type": "string"},
}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of the object as you have it. If the object still has this ETag, the "
    "answer is a 304 without a body.",
    "schema": {"type": "string"},
}
# For upserts.
IF_ABSENT = {
    "name": "If-None-Match",
    "in": "header",
    "description": (
        "`*` only creates: if the object is there already, nothing is changed and the answer is a "
        "412. With an ETag, an object that still has this ETag is not changed."
    ),
    "schema": {"type": "string"},
}
REFUSE_DUPLICATES = {
    "name": GUARD,
    "in": "header",
    "description": (
        "`true` refuses a new customer who is likely one that is there already, with a 409 "
        "`possible_duplicate` that names the candidates; `false` creates the customer all the "
        "same. Absent: as the company's staff have set it for the client or key, `false` at first."
    ),
    "schema": {"type": "boolean"},
}
PARAMETERS = {
    "IfAbsent": IF_ABSENT,
    "IdempotencyKey": KEY,
    "IfMatch": IF_MATCH,
    "IfNoneMatch": IF_NONE_MATCH,
    "Reason": REASON,
    "RefuseDuplicates": REFUSE_DUPLICATES,
}


def texts(headers: dict[str, str]) -> dict[str, Any]:
    """Return headers with text values; `headers` maps names to descriptions."""
    return {
        name: {"description": words, "schema": {"type": "string"}}
        for name, words in headers.items()
    }


def merged_into(parameters: Iterable[str], path: str) -> dict[str, Any]:
    """Return the header Merged-Into, if the path has one of the parameters."""
    is_there = any(f"{{{name}}}" in path for name in parameters)
    return {object_lookup.MERGED_INTO: MERGED_INTO} if is_there else {}


def files(types: Iterable[str]) -> dict[str, Any]:
    """Return the `content` of a body that is a file of one of these media types."""
    return {
        one: {"schema": {"type": "object" if one == "application/json" else "string"}}
        for one in types
    }


def file_answer(types: Iterable[str]) -> dict[str, Any]:
    """Return the response that sends a file of one of these media types."""
    words = 'That the answer is a file, and its name: `attachment; filename="customers.csv"`.'
    name = {"description": words, "schema": {"type": "string"}}
    headers = {"Content-Disposition": name}
    words = "The file, in the media type that the header `Content-Type` names."
    return {"description": words, "headers": headers, "content": files(types)}
