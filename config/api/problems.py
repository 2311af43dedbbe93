"""The content of an error response, before it gets the format of a surface."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from config.card_numbers import mask_card_numbers

# The most faults in a message and in a list: a request with thousands of rows can have many.
MOST_IN_SENTENCE, MOST_TOLD = 20, 100


class Fault(NamedTuple):
    """An error in one field or parameter of a request.

    `param` is its dotted name, "" for the body as a whole.
    """

    param: str
    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.param}: {self.message}" if self.param else self.message


@dataclass(frozen=True, slots=True)
class Problem:
    """An error response: an HTTP status, a stable code, a message, and faults of fields.

    If there are several faults, `code` and `message` are those of the first. `details` are more
    members of the error body of v1.
    """

    status: int
    code: str
    message: str
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def sentences(self) -> dict[str, list[str]]:
        """The messages about each field and parameter, by its name."""
        messages: dict[str, list[str]] = {}
        for param, _, message in self.faults:
            if param:
                messages.setdefault(param, []).append(message)
        return messages

    @property
    def whole_message(self) -> str:
        """The messages of all faults in one text, for error bodies that do not list them."""
        messages = [self.message, *map(str, self.faults[1:])]
        more = len(messages) - MOST_IN_SENTENCE
        return " ".join(messages[:MOST_IN_SENTENCE]) + (f" And {more} more." if more > 0 else "")


class Refused(Exception):
    """Ends a request with an error that no business rule raises, such as a 401 or a 429."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        fields: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        faults = tuple(Fault(name, code, text) for name, text in (fields or {}).items())
        self.problem = Problem(status, code, message, faults, headers or {})
        super().__init__(message)

    @classmethod
    def of(cls, problem: Problem) -> "Refused":
        refused = cls(problem.status, problem.code, problem.message)
        refused.problem = problem
        return refused


def quoted(value: Any) -> str:
    """Return a value for an error message: in quotation marks, cut to 40 characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Mask before cutting: half a card number would not be recognized.
    text = mask_card_numbers(text[:100])
    return f"“{text[:39]}…”" if len(text) > 40 else f"“{text}”"


def one_of(words: Iterable[Any]) -> str:
    """Return the allowed words for an error message: `one of a, b, c`."""
    listed = [str(word) for word in words]
    return f"one of {', '.join(listed)}" if len(listed) > 1 else listed[0]


def not_found(noun: str) -> Refused:
    """Return the 404, which is the same for an unknown id and for another company's."""
    return Refused(404, "not_found", f"No such {noun}. Check the id.")


def missing_scope(scope: str) -> Refused:
    """Return the 403 for a credential that lacks a scope."""
    sentence = f"This needs the scope {scope}. Ask the company's staff to grant it."
    return Refused(403, "missing_scope", sentence)


def missing_parameter(name: str) -> Refused:
    """Return the 400 for a required query parameter that is absent or empty."""
    sentence = "Send this query parameter: it is required."
    return Refused(400, "missing_field", f"{name}: {sentence}", {name: sentence})


def bad_request(message: str, fields: Mapping[str, str] | None = None) -> Refused:
    return Refused(400, "bad_request", message, fields)


def invalid_parameters(sentences: Mapping[str, str]) -> Refused:
    """Return the 400 for invalid query parameters; `sentences` has the error of each."""
    name, sentence = next(iter(sentences.items()))
    return Refused(400, "invalid_parameter", f"{name}: {sentence}", sentences)
