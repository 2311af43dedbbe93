"""Every error code: what it means, what to do about it, and how each surface words it."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from config.api.errors import FRAME_CODES, status_of
from config.api.problems import Fault, Problem
from config.api.surfaces import Surface, accounts, credits, m2m, v1
from config.errors import Conflict, Invalid, Refusal, every_refusal

from .reached import endpoints, refusals_of

SURFACES = (v1, m2m, accounts, credits)
# The statuses of the frame's codes; those of a rule follow from the kind of its refusal.
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


# A field or parameter and its sentence, as an example of each code that is about one.
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
    """How one surface words an error: with which status, in which body."""

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
    """Return every code that the API can answer: the frame's, and those of rules."""
    codes = {code: _of_frame(code, *words) for code, words in FRAME_CODES.items()}
    reached = refusals_of(endpoints()) - {Refusal, Conflict}
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
