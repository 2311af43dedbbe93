"""Every error code: what it means, what to do about it, and how each surface words it."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from config.api.errors import FRAME_CODES, status_of
from config.api.problems import Problem
from config.api.surfaces import Surface, accounts, credits, m2m, v1
from config.errors import Invalid, Refusal

SURFACES = (v1, m2m, accounts, credits)
# The statuses of the frame's codes; those of a rule follow from the kind of its refusal.
STATUSES = {
    "bad_request": 400,
    "not_authenticated": 401,
    "missing_scope": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "timeout": 408,
    "busy": 409,
    "request_in_flight": 409,
    "answer_not_kept": 409,
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
    """Return every code, the rules' and the frame's."""
    codes = {code: _of_frame(code, *words) for code, words in FRAME_CODES.items()}
    waiting = [Refusal]
    while waiting:
        refusal = waiting.pop()
        waiting += refusal.__subclasses__()
        codes.setdefault(refusal.code, _of_rule(refusal))
    return codes


def _of_frame(code: str, meaning: str, advice: str) -> ErrorCode:
    if code == "missing_field":
        statuses = {surface: surface.missing for surface in SURFACES}
    else:
        statuses = dict.fromkeys(SURFACES, STATUSES[code]) if code in STATUSES else {}
    fields = {"email": "This field is required."} if code == "missing_field" else {}
    return ErrorCode(meaning, advice, _wordings(code, meaning, fields, statuses))


def _of_rule(refusal: type[Refusal]) -> ErrorCode:
    meaning = str(refusal.message)
    statuses = {surface: status_of(refusal, surface) for surface in SURFACES}
    fields = {"email": "Enter a valid email address."} if refusal is Invalid else {}
    return ErrorCode(meaning, refusal.advice, _wordings(refusal.code, meaning, fields, statuses))


def _wordings(
    code: str, meaning: str, fields: dict[str, str], statuses: dict[Surface, int]
) -> tuple[Wording, ...]:
    told = "".join(f"{name}: {text}" for name, text in fields.items()) or meaning
    return tuple(
        Wording(surface.title, status, _shown(surface.error(Problem(status, code, told, fields))))
        for surface, status in statuses.items()
    )


def _shown(body: dict[str, Any]) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)
