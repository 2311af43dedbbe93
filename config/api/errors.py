"""From whatever was raised to the answer of the surface that was asked."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.core.exceptions import (
    DisallowedHost,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpResponse
from rest_framework import exceptions

from config.card_numbers import CardNumber, mask_card_numbers
from config.errors import Conflict, Invalid, Refusal
from config.outages import DEADLOCK, Outage, outage_of

from .idempotency import Replay
from .problems import Problem, Refused, quoted
from .surfaces import Surface

log = logging.getLogger("regulars.api")

# Words for the codes that belong to the frame; rules bring their own (config.errors).
FRAME_CODES: dict[str, tuple[str, str]] = {
    "bad_request": (
        "The request could not be read.",
        "Check the JSON, the names of fields and parameters, and the bounds of numbers.",
    ),
    "missing_field": (
        "A field that is needed is not there.",
        "The answer names the field; send it and try again.",
    ),
    "not_authenticated": (
        "There is no credential, or it does not open.",
        "Ask for a new access token, or check that the API key was not revoked.",
    ),
    "missing_scope": (
        "The credential may not do this.",
        "Ask the company's staff to grant the scope that the message names.",
    ),
    "not_found": (
        "There is nothing at this address.",
        "Check the id; what belongs to another company answers the same.",
    ),
    "method_not_allowed": (
        "This address does not take this method.",
        "The Allow header names the methods that it takes.",
    ),
    "timeout": (
        "The body of the request did not arrive in time.",
        "Send the request again, at 16 kB a second or faster.",
    ),
    "payload_too_large": ("The body is larger than 1 MiB.", "Send less at a time."),
    "unsupported_media_type": ("The body is not JSON.", "Send it as application/json."),
    "too_many_requests": (
        "More requests came in a minute than the client, its company or the address may send.",
        "Wait for as long as Retry-After says. The RateLimit header of every answer tells what is "
        "left; the company's staff can raise the limit of a client.",
    ),
    "too_many_at_once": (
        "As many requests of the company are being answered as may be at the same time.",
        "Wait for a second, and send fewer side by side.",
    ),
    "busy": (
        "Others are changing the same record.",
        "Wait for a second and send the same request again.",
    ),
    "unavailable": (
        "The database cannot answer at the moment, or others hold what the request needs.",
        "Wait for as long as Retry-After says and send the same request again, with the same "
        "Idempotency-Key: it then takes effect once, even where the first answer was lost.",
    ),
    "overloaded": (
        "Every thread of the server was in use for half a minute.",
        "Wait for as long as Retry-After says and send the same request again.",
    ),
    "precondition_failed": (
        "What was to be changed is not as you have seen it: its ETag is another one by now.",
        "Read it again, decide whether your change still makes sense, and send the new ETag.",
    ),
    "precondition_required": (
        "This credential is held to change only what it has seen, and the request had no If-Match.",
        "Send If-Match with the ETag of the answer that you decided upon; `*` changes it anyway.",
    ),
    "request_in_flight": (
        "A request under the same Idempotency-Key has not been answered yet.",
        "Wait for a second and send the same request again: its answer will be there.",
    ),
    "answer_not_kept": (
        "This was done before, under the same Idempotency-Key, and the answer showed a secret.",
        "Secrets are shown once and never stored. Have a new one made in its place.",
    ),
    "idempotency_key_reused": (
        "The Idempotency-Key was sent before, with another request.",
        "Make a new key for each thing that is to be done, and use it again only to repeat that.",
    ),
    "internal_error": (
        "Something went wrong on our side.",
        "Nothing was changed. Try again, and tell us the Request-Id if it happens again.",
    ),
}


def error_body(problem: Problem, surface: Surface) -> dict[str, Any]:
    """Word a problem in the surface's own error body, card numbers masked.

    An answer under an Idempotency-Key is stored, and its sentences quote what was sent. The
    `error_code` of the response is for the log of requests: some surfaces do not show the code.
    """
    mask = mask_card_numbers
    fields = {mask(name): mask(sentence) for name, sentence in problem.fields.items()}
    return surface.error(replace(problem, message=mask(problem.message), fields=fields))


def answer(problem: Problem, surface: Surface) -> HttpResponse:
    """Answer with a problem, in the surface's own error body."""
    body = json.dumps(error_body(problem, surface), ensure_ascii=False)
    # A lone surrogate that a caller sent in a name goes back as the escape that it came as.
    response = HttpResponse(
        body.encode("utf-8", "backslashreplace"),
        status=problem.status,
        content_type="application/json",
    )
    response.error_code = problem.code  # type: ignore[attr-defined]
    for name, value in problem.headers.items():
        response[name] = value
    return response


def answer_refusal(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's exception handler; what it does not know goes on as a 500."""
    view = context["view"]
    if isinstance(error, Replay):
        return error.answer
    problem = problem_of(error, view.surface, getattr(view, "domain_names", {}))
    if problem is None:
        return None
    return answer(problem, view.surface)


def problem_of(error: Exception, surface: Surface, names: Mapping[str, str] = {}) -> Problem | None:
    """Return the problem behind an exception; `names` maps the domain's fields to the surface's."""
    match error:
        case Refused():
            return error.problem
        case Refusal():
            fields = {names.get(field, field): text for field, text in error.fields.items()}
            return Problem(status_of(type(error), surface), error.code, _told(error, names), fields)
        case exceptions.ValidationError():
            return _invalid(error, surface)
        case exceptions.MethodNotAllowed():
            return Problem(405, "method_not_allowed", "This address does not take this method.")
        case TooManyFieldsSent():
            return unreadable_problem(error)
    if outage := outage_of(error):
        log.error("The database did not answer: %s", error)
        return outage_problem(outage)
    return None


def unreadable_problem(error: Exception | None, host: str = "") -> Problem:
    """Return the problem of a request that Django refuses to read."""
    match error:
        case TooManyFieldsSent():
            most = settings.DATA_UPLOAD_MAX_NUMBER_FIELDS
            sentence = f"The request has more than {most:,} parameters or fields. Send fewer."
        case TooManyFilesSent():
            most = settings.DATA_UPLOAD_MAX_NUMBER_FILES
            sentence = f"The request has more than {most:,} files. Send fewer."
        case RequestDataTooBig():
            most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
            sentence = f"The form is larger than {most:,} bytes. Send less at a time."
            return Problem(413, "payload_too_large", sentence)
        case DisallowedHost():
            sentence = (
                f"{quoted(host)} is not a host of this server. "
                f"Send the request to {settings.PUBLIC_URL}."
            )
        case _:
            sentence = "The request could not be read."
    return Problem(400, "bad_request", sentence)


def _told(refusal: Refusal, names: Mapping[str, str]) -> str:
    """Return its sentence, with the surface's name for the field that it begins with."""
    field, colon, rest = str(refusal).partition(": ")
    return f"{names.get(field, field)}{colon}{rest}" if field in refusal.fields else str(refusal)


def status_of(refusal: type[Refusal], surface: Surface) -> int:
    """Return the status with which a surface answers a kind of refusal."""
    if issubclass(refusal, Conflict):
        return 409
    return surface.invalid if issubclass(refusal, Invalid) else surface.misuse


def outage_problem(outage: Outage) -> Problem:
    """Return the problem that stands for a database that cannot answer, which is worth a retry."""
    status, code = (409, "busy") if outage == DEADLOCK else (503, "unavailable")
    return Problem(status, code, outage.message, {}, {"Retry-After": str(outage.seconds)})


def _invalid(error: exceptions.ValidationError, surface: Surface) -> Problem:
    """Tell what is missing from what is there and not valid."""
    fields, codes = _flatten(error.detail)
    missing = {name: fields[name] for name, code in codes.items() if code == "required"}
    if missing:
        return Problem(surface.missing, "missing_field", _sentence(missing), fields)
    named = {name: text for name, text in fields.items() if name}
    code = CardNumber.code if CardNumber.code in codes.values() else "invalid"
    return Problem(surface.invalid, code, _sentence(fields), named)


def _sentence(fields: Mapping[str, str]) -> str:
    name, text = next(iter(fields.items()), ("", "This is not valid."))
    return f"{name}: {text}" if name else text


def _flatten(detail: Any, path: str = "") -> tuple[dict[str, str], dict[str, str]]:
    """Return sentences and codes by dotted field name."""
    if isinstance(detail, str):
        return {path: str(detail)}, {path: getattr(detail, "code", "invalid")}
    fields: dict[str, str] = {}
    codes: dict[str, str] = {}
    parts = detail.items() if isinstance(detail, dict) else enumerate(detail)
    if isinstance(detail, list) and all(isinstance(part, str) for part in detail):
        code = getattr(detail[0], "code", "invalid") if detail else "invalid"
        return {path: " ".join(detail)}, {path: code}
    for name, part in parts:
        here = "" if name == "non_field_errors" else str(name)
        more, more_codes = _flatten(part, ".".join(filter(None, (path, here))))
        fields |= more
        codes |= more_codes
    return fields, codes
