"""Collects all errors in the fields and parameters of a request, to report them together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import ErrorDetail, ValidationError

from config.errors import every_refusal

from .problems import MOST_TOLD, Fault, Problem, Refused

if TYPE_CHECKING:
    from .surfaces import Surface

MISSING = "missing_field"
# Codes for faults of the body or query as such: they are reported first, and the status is 400.
UNREADABLE = (
    *("unknown_field", "unknown_parameter", "invalid_parameter", "read_only_field"),
    "bad_request",
)
_WHOLE = "non_field_errors"


class Faults(list[Fault]):
    """The faults of one request, in the order in which they were found."""

    def add(self, param: str, code: str, message: str) -> None:
        self.append(Fault(param, code, message))

    @contextmanager
    def collecting(self) -> Iterator[None]:
        """Collect the faults that the block raises, instead of raising them."""
        try:
            yield
        except ValidationError as error:
            self.extend(faults_of(error.detail))
        except Refused as error:
            if not error.problem.faults:
                raise
            self.extend(error.problem.faults)

    def check(self, surface: Surface) -> None:
        """Raise a 400 or 422 with all faults, if there are any."""
        if self:
            raise Refused.of(self.problem(surface))

    def problem(self, surface: Surface) -> Problem:
        """Return a problem with all faults; those that decide the status come first."""
        ranked = sorted(self, key=lambda fault: _rank(fault.code))[:MOST_TOLD]
        first = ranked[0]
        status = (400, surface.missing, surface.invalid)[_rank(first.code)]
        return Problem(status, first.code, str(first), tuple(ranked))


def faults_of(detail: Any, path: str = "") -> list[Fault]:
    """Convert the detail of a ValidationError to faults with dotted names."""
    if isinstance(detail, str):
        detail = [detail]
    if isinstance(detail, list) and all(isinstance(part, str) for part in detail):
        code = _public(getattr(detail[0], "code", "")) if detail else "invalid"
        return [Fault(path, code, " ".join(detail))]
    found = []
    for name, part in detail.items() if isinstance(detail, dict) else enumerate(detail):
        here = "" if name == _WHOLE else str(name)
        found += faults_of(part, ".".join(filter(None, (path, here))))
    return found


def detail_of(faults: list[Fault]) -> dict[str, list[ErrorDetail]]:
    """Convert faults to the detail of a ValidationError."""
    detail: dict[str, list[ErrorDetail]] = {}
    for fault in faults:
        messages = detail.setdefault(fault.param or _WHOLE, [])
        messages.append(ErrorDetail(fault.message, fault.code))
    return detail


def _rank(code: str) -> int:
    if code in UNREADABLE:
        return 0
    return 1 if code == MISSING else 2


def _public(code: str) -> str:
    """Convert a code of a serializer field to a public error code."""
    if code in ("required", MISSING):
        return MISSING
    return code if code in UNREADABLE or code in _refusal_codes() else "invalid"


@cache
def _refusal_codes() -> frozenset[str]:
    return frozenset(refusal.code for refusal in every_refusal())
