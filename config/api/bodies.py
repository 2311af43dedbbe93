"""Reads request bodies: strict JSON objects of up to 1 MiB."""

import json
import math
import re
from collections import Counter
from functools import partial
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from .problems import Refused, bad_request, quoted

# The key in the WSGI environment that marks a request whose file the web server did not read,
# because it was already reading as many files as it may at once.
UNREAD = "regulars.unread"


def read_object(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object of a request, {} for no body; raises a 400, 413 or 415."""
    raw = read_bytes(request)
    if not raw:
        return {}
    kind = request.content_type or "application/json"
    if not re.fullmatch(r"application/([\w.-]+\+)?json", kind):
        sentence = f"The content type must be application/json; got {quoted(kind)}."
        raise Refused(415, "unsupported_media_type", sentence)
    repeats: list[tuple[dict[str, Any], str]] = []
    try:
        document = json.loads(
            raw.decode(),
            parse_constant=_refuse,
            parse_float=_finite,
            object_pairs_hook=partial(_object, repeats),
        )
    except (ValueError, RecursionError) as error:
        raise bad_request(f"The body is not JSON that can be read{_where(error)}.")
    if repeats:
        raise _given_twice(document, *repeats[-1])
    if not isinstance(document, dict):
        raise bad_request(f"The body must be a JSON object; got {quoted(document)}.")
    return document


def read_bytes(request: HttpRequest) -> bytes:
    """Return the body; raises a 413. The web server sets CONTENT_LENGTH for chunked bodies."""
    most = settings.MAX_BODY_BYTES
    if int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raise Refused(
            413, "payload_too_large", f"The body is larger than {most:,} bytes. Send less."
        )
    return request.body


def _object(
    repeats: list[tuple[dict[str, Any], str]], members: list[tuple[str, Any]]
) -> dict[str, Any]:
    """Return an object; add it to `repeats` with a name that occurs more than once."""
    document = dict(members)
    if len(document) < len(members):
        counted = Counter(name for name, _ in members)
        repeats.append((document, next(name for name, times in counted.items() if times > 1)))
    return document


def _given_twice(document: Any, inside: dict[str, Any], name: str) -> Refused:
    """Return the 400 for a name that occurs twice in an object, with its dotted path."""
    waiting: list[tuple[Any, str]] = [(document, "")]
    where = ""
    while waiting:
        value, path = waiting.pop()
        if value is inside:
            where = path
            break
        parts = value.items() if isinstance(value, dict) else enumerate(value)
        waiting += [(one, f"{path}{at}.") for at, one in parts if isinstance(one, dict | list)]
    path = f"{where}{name}"[:100]
    sentence = "Given more than once in the same object. Send it once."
    return bad_request(f"{path}: {sentence}", {path: sentence})


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def _where(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f" (line {error.lineno}, column {error.colno})"
    return ""
