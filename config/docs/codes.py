"""Every error code: its meaning, what to do about it, and its text on each surface."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from config.api.errors import FRAME_CODES, status_of
from config.api.problems import Fault, Problem
from config.api.surfaces import Surface, accounts, credits, m2m, v1
from config.errors import Conflict, Invalid, Outdated, Refusal, every_refusal

from .openapi import Operation
from .reached import endpoints, handler_of, refusals_of, starts_of

SURFACES = (v1, m2m, accounts, credits)
# The statuses of the frame's codes; the status of a rule's code follows from its kind of refusal.
STATUSES = {
    "bad_request": 400,
    "unknown_field": 400,
    "unknown_parameter": 400,
    "invalid_parameter": 400,
    "read_only_field": 400,
    "not_authenticated": 401,
    "missing_scope": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "timeout": 408,
    "busy": 409,
    "request_in_flight": 409,
    "answer_not_kept": 409,
    "answer_erased": 409,
    "precondition_failed": 412,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "idempotency_key_reused": 422,
    "precondition_required": 428,
    "too_many_requests": 429,
    "too_many_at_once": 429,
    "internal_error": 500,
    "unavailable": 503,
    "overloaded": 503,
}


# An example field or parameter, with its message, for each code that is about one.
_EXAMPLES = {
    "missing_field": ("email", "Send this field: it is required."),
    "unknown_field": ("emial", "There is no such field. Did you mean email?"),
    "unknown_parameter": ("serch", "There is no such parameter. Did you mean search?"),
    "invalid_parameter": ("status", "Must be one of active, inactive, deactivated; got “asleep”."),
    "read_only_field": ("created_at", "Is “2026-01-31T09:30:00Z” and never changes; got “today”."),
    Invalid.code: ("email", "Must be an e-mail address such as ann@example.com; got “ann”."),
}


@dataclass(frozen=True)
class Wording:
    """How one surface reports an error: its status and its body."""

    surface: str
    status: int
    body: str


@dataclass(frozen=True)
class ErrorCode:
    """The meaning of an error code, and what to do about it."""

    meaning: str
    advice: str
    wordings: tuple[Wording, ...]


@cache
def error_codes() -> dict[str, ErrorCode]:
    """Return every code that the API can return: the frame's and those of rules."""
    codes = {code: _of_frame(code, *words) for code, words in FRAME_CODES.items()}
    reached = refusals_of(endpoints()) - {Refusal, Conflict, Outdated}
    for refusal in every_refusal():
        if refusal in reached and not refusal.is_for_staff:
            codes.setdefault(refusal.code, _of_rule(refusal))
    return codes


def _of_frame(code: str, meaning: str, advice: str) -> ErrorCode:
    if code == "missing_field":
        statuses = {surface: surface.missing for surface in SURFACES}
    else:
        statuses = dict.fromkeys(SURFACES, STATUSES[code]) if code in STATUSES else {}
    return ErrorCode(meaning, advice, _wordings(code, meaning, _EXAMPLES.get(code), statuses))


def _of_rule(refusal: type[Refusal]) -> ErrorCode:
    meaning = str(refusal.message)
    statuses = {surface: status_of(refusal, surface) for surface in SURFACES}
    example = _EXAMPLES.get(refusal.code) or ((refusal.field, meaning) if refusal.field else None)
    return ErrorCode(meaning, refusal.advice, _wordings(refusal.code, meaning, example, statuses))


# Codes of the frame that only some requests can get.
_KEYED = ("request_in_flight", "answer_not_kept", "idempotency_key_reused")
_OF_BODIES = ("unknown_field", "unsupported_media_type", "payload_too_large")


def codes_of(operation: Operation) -> dict[str, list[str]]:
    """Return the codes that an operation can return, by the status in the document."""
    surface = next((one for one in SURFACES if one.title == operation.surface), None)
    if surface is None:
        return {}
    handler, action = handler_of(operation.method, operation.path)
    found: dict[str, list[str]] = {status: [] for status in sorted(operation.responses)}
    frame = {"missing_field": surface.missing, Invalid.code: surface.invalid, **STATUSES}
    possible = {code: frame[code] for code in frame if _is_possible(code, operation)}
    for refusal in refusals_of(starts_of(handler, action), with_jobs=False):
        if refusal.code in error_codes():
            possible[refusal.code] = status_of(refusal, surface)
    for code, status in possible.items():
        if str(status) in found:
            found[str(status)].append(code)
    return {status: sorted(codes) for status, codes in found.items() if codes}


def _is_possible(code: str, operation: Operation) -> bool:
    """Return whether an operation can return a code of the frame."""
    query = [one for one in operation.parameters if one["in"] == "query"]
    if code in _KEYED:
        return operation.takes("Idempotency-Key")
    if code in _OF_BODIES:
        # The body is read even if the operation takes none.
        return operation.method != "GET"
    if code == Invalid.code:
        return bool(operation.bodies)
    if code == "missing_field":
        return bool(operation.bodies) or any(one.get("required") for one in query)
    if code == "read_only_field":
        return operation.method in ("PUT", "PATCH")
    if code == "precondition_failed":
        return operation.takes("If-Match") or operation.takes("If-None-Match")
    return True


def _wordings(
    code: str, meaning: str, example: tuple[str, str] | None, statuses: dict[Surface, int]
) -> tuple[Wording, ...]:
    faults = [Fault(example[0], code, example[1])] if example else []
    message = next((str(fault) for fault in faults if fault.message != meaning), meaning)
    return tuple(
        Wording(
            surface.title,
            status,
            _shown(surface.error(Problem(status, code, message, tuple(faults)))),
        )
        for surface, status in statuses.items()
    )


def _shown(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)
