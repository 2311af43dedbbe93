"""What an error says, before a surface words it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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


def not_found() -> Refused:
    """Nothing there, or nothing that this credential may know of: always the same words."""
    return Refused(404, "not_found", "There is nothing here.")


def bad_request(message: str, fields: Mapping[str, str] | None = None) -> Refused:
    return Refused(400, "bad_request", message, fields)
