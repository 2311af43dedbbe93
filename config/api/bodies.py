"""Reads request bodies: JSON objects of up to 1 MiB, and nothing that JSON does not have."""

import json
import math
import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from .problems import Refused, bad_request


def read_object(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that a request carries, {} for no body; raises 400, 413 or 415."""
    raw = read_bytes(request)
    if not raw:
        return {}
    kind = request.content_type or "application/json"
    if not re.fullmatch(r"application/([\w.-]+\+)?json", kind):
        raise Refused(415, "unsupported_media_type", "Send JSON, as application/json.")
    try:
        document = json.loads(raw.decode(), parse_constant=_refuse, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise bad_request(f"The body is not JSON that can be read{_where(error)}.")
    if not isinstance(document, dict):
        raise bad_request("The body must be a JSON object.")
    return document


def read_bytes(request: HttpRequest) -> bytes:
    """Return the body, sent with a length or in chunks; raises the 413."""
    most = settings.MAX_BODY_BYTES
    if "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower():
        if not hasattr(request, "_body"):
            request._body = request.META["wsgi.input"].read(most + 1)
        raw = request._body
    elif int(request.META.get("CONTENT_LENGTH") or 0) > most:
        raw = b" " * (most + 1)
    else:
        raw = request.body
    if len(raw) > most:
        raise Refused(413, "payload_too_large", f"The body is larger than {most:,} bytes.")
    return raw


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
