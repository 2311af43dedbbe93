"""The content of an error, before a surface words it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """A refusal on its way out: a status, a stable code, one sentence, and the fields it names."""

    status: int
    code: str
    message: str
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)


class Refused(Exception):
    """Ends a request with a problem that belongs to the frame, not to a rule."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.problem = Problem(status, code, message, fields or {}, headers or {})
        super().__init__(message)


def quoted(value: Any) -> str:
    """Return a value as an error names it: in quotation marks, cut to 40 letters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return f"“{text[:39]}…”" if len(text) > 40 else f"“{text}”"


def not_found() -> Refused:
    """Return the 404 of an unknown id and of another company's: the same, so it names no id."""
    return Refused(404, "not_found", "No such object. Check the id.")


def missing_parameter(name: str) -> Refused:
    """Return the 400 for a query parameter that is needed and absent or empty."""
    sentence = "Send this query parameter: it is required."
    return Refused(400, "missing_field", f"{name}: {sentence}", {name: sentence})


def bad_request(message: str, fields: Mapping[str, str] | None = None) -> Refused:
    return Refused(400, "bad_request", message, fields)
