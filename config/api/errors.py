"""Converts exceptions to error responses in the format of the surface."""

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

from config.card_numbers import mask_card_numbers
from config.errors import Conflict, Invalid, Outdated, Refusal
from config.outages import DEADLOCK, Outage, outage_of

from .faults import Faults, faults_of
from .idempotency import Replay
from .problems import Fault, Problem, Refused, quoted
from .surfaces import Surface

log = logging.getLogger("regulars.api")

# The descriptions of codes that no rule has; refusals of rules have their own (config.errors).
FRAME_CODES: dict[str, tuple[str, str]] = {
    "bad_request": (
        "The request cannot be read, or asks for a change that has no effect.",
        "Check that the body is a JSON object and that each header and field is sent once.",
    ),
    "missing_field": (
        "The body lacks a field that this operation needs.",
        "Send the field. The answer names every field that is missing, and what else is wrong.",
    ),
    "unknown_field": (
        "The body has a field that this operation does not know.",
        "Leave the field out, or correct its name. The reference lists the fields of every "
        "operation.",
    ),
    "unknown_parameter": (
        "The query has a parameter that this operation does not know.",
        "Leave the parameter out, or correct its name. The reference lists the parameters of every "
        "operation.",
    ),
    "invalid_parameter": (
        "The value of a query parameter is not valid.",
        "Send one of the values, or a value in the form, that the message names.",
    ),
    "read_only_field": (
        "The body has another value for a field that cannot be changed here.",
        "Leave the field out, or send the value that the object has.",
    ),
    "not_authenticated": (
        "The request has no credential, or one that is wrong, expired, suspended or revoked.",
        "Request a new access token, or check that the API key was not revoked.",
    ),
    "missing_scope": (
        "The credential lacks the scope that this operation needs.",
        "Ask the company's staff to grant the scope that the message names.",
    ),
    "not_found": (
        "The path is unknown, or the company has no object with this id.",
        "Check the method, the path and the id. An id of another company is answered the same.",
    ),
    "method_not_allowed": (
        "This path does not take this method.",
        "Send one of the methods that the Allow header names.",
    ),
    "timeout": (
        "The body of the request did not arrive in time.",
        "Send the request again, at 16 kB a second or faster.",
    ),
    "payload_too_large": (
        "The body is larger than 1 MiB, or a file is larger than 50 MiB.",
        "Send less in one request, or split the file.",
    ),
    "unsupported_media_type": (
        "The body is not JSON, or a file is of a type that the operation does not take.",
        "Send JSON as application/json, and a file as one of the types that the message names.",
    ),
    "too_many_requests": (
        "The client, its company or its address sent more requests in a minute than it may.",
        "Wait for as many seconds as Retry-After says. Reuse a token for its whole hour. The "
        "RateLimit header of every answer tells what is left; the company's staff can raise the "
        "limit of a client.",
    ),
    "too_many_at_once": (
        "The company has as many requests in flight as it may have.",
        "Wait for a second, and send fewer requests at the same time.",
    ),
    "busy": (
        "Other requests are changing the same record.",
        "Wait for a second and send the same request again.",
    ),
    "unavailable": (
        "The database cannot answer at the moment, or the request waited too long for a lock.",
        "Wait for as long as Retry-After says and send the same request again, with the same "
        "Idempotency-Key: it then takes effect once, even where the first answer was lost.",
    ),
    "overloaded": (
        "Every thread of the server was in use for half a minute.",
        "Wait for as long as Retry-After says and send the same request again.",
    ),
    "precondition_failed": (
        "The object has changed since the client read it: its ETag is another one now.",
        "Read the object again, decide whether the change still makes sense, and send the new "
        "ETag.",
    ),
    "precondition_required": (
        "This credential must send If-Match with every change, and the request has none.",
        "Send If-Match with the ETag of the object that you read; `*` changes the object in any "
        "case.",
    ),
    "request_in_flight": (
        "A request under the same Idempotency-Key has not been answered yet.",
        "Wait for a second and send the same request again; it replays the first answer.",
    ),
    "answer_not_kept": (
        "The first request under this Idempotency-Key was done, and its answer showed a secret.",
        "Secrets are shown once and never stored. Rotate the secret to get a new one.",
    ),
    "answer_erased": (
        "The first request under this Idempotency-Key was done, and its answer had data of a "
        "person who was erased since.",
        "Do not send the request again: it would be done twice. Read what it made, or list it.",
    ),
    "idempotency_key_reused": (
        "The Idempotency-Key was sent before, with another request.",
        "Make a new key for each request, and send it again only to repeat the same request.",
    ),
    "internal_error": (
        "The server failed while it worked on the request.",
        "Nothing was changed. Try again, and tell us the Request-Id if it happens again.",
    ),
}


def error_body(problem: Problem, surface: Surface) -> dict[str, Any]:
    """Return a problem in the error format of a surface, with card numbers masked.

    Card numbers must be masked because error messages quote the input, and responses to requests
    with an Idempotency-Key are stored.
    """
    mask = mask_card_numbers
    faults = tuple(
        fault._replace(param=mask(fault.param), message=mask(fault.message))
        for fault in problem.faults
    )
    return surface.error(replace(problem, message=mask(problem.message), faults=faults))


def answer(problem: Problem, surface: Surface) -> HttpResponse:
    """Return the error response for a problem, in the error format of the surface.

    `error_code` of the response is for the request log: some surfaces do not show the code.
    """
    body = json.dumps(error_body(problem, surface), ensure_ascii=False)
    # Write lone surrogates from the request as escapes, as the client sent them.
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
    """Return the response for an exception; None if it is unknown and becomes a 500."""
    view = context["view"]
    if isinstance(error, Replay):
        return error.answer
    problem = problem_of(error, view.surface, getattr(view, "domain_names", {}))
    if problem is None:
        return None
    return answer(problem, view.surface)


def problem_of(error: Exception, surface: Surface, names: Mapping[str, str] = {}) -> Problem | None:
    """Convert an exception to a problem; `names` maps fields of the domain to the surface's."""
    match error:
        case Refused():
            return error.problem
        case Refusal():
            faults = tuple(
                Fault(names.get(field, field), refusal.code, text)
                for refusal in (error, *error.also)
                for field, text in refusal.fields.items()
            )
            status, message = status_of(type(error), surface), _message_of(error, names)
            return Problem(status, error.code, message, faults, details=error.details)
        case exceptions.ValidationError():
            return Faults(faults_of(error.detail)).problem(surface)
        case exceptions.MethodNotAllowed():
            sentence = f"{error.detail} Send one of the methods that the header Allow names."
            return Problem(405, "method_not_allowed", sentence)
        case TooManyFieldsSent():
            return unreadable_problem(error)
    if outage := outage_of(error):
        log.error("The database did not answer: %s", error)
        return outage_problem(outage)
    return None


def unreadable_problem(error: Exception | None, host: str = "") -> Problem:
    """Return the problem for a request that Django refused to read."""
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


def _message_of(refusal: Refusal, names: Mapping[str, str]) -> str:
    """Return the message; if it begins with a field, use the surface's name of the field."""
    field, colon, rest = str(refusal).partition(": ")
    return f"{names.get(field, field)}{colon}{rest}" if field in refusal.fields else str(refusal)


def status_of(refusal: type[Refusal], surface: Surface) -> int:
    """Return the HTTP status of a class of refusals on a surface."""
    if issubclass(refusal, Outdated):
        return 412
    if issubclass(refusal, Conflict):
        return 409
    return surface.invalid if issubclass(refusal, Invalid) else surface.misuse


def outage_problem(outage: Outage) -> Problem:
    """Return the problem for a database that cannot respond now; the client should retry."""
    status, code = (409, "busy") if outage == DEADLOCK else (503, "unavailable")
    return Problem(status, code, outage.message, (), {"Retry-After": str(outage.seconds)})
