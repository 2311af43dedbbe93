"""The content of an error, before a surface words it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from config.card_numbers import mask_card_numbers

# How many faults an answer tells, in words and in a list: each of thousands of rows can have one.
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
    """A refusal on its way out: a status, a stable code, one sentence, and the faults it names.

    Of several faults, the code and the sentence are those of the first. `details` are further
    members of v1's error body.
    """

    status: int
    code: str
    message: str
    faults: tuple[Fault, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def sentences(self) -> dict[str, list[str]]:
        """The sentences about each field and parameter, by its name."""
        messages: dict[str, list[str]] = {}
        for param, _, message in self.faults:
            if param:
                messages.setdefault(param, []).append(message)
        return messages

    @property
    def whole_message(self) -> str:
        """The sentences of all faults, for error bodies that do not list them."""
        messages = [self.message, *map(str, self.faults[1:])]
        more = len(messages) - MOST_IN_SENTENCE
        return " ".join(messages[:MOST_IN_SENTENCE]) + (f" And {more} more." if more > 0 else "")


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
        faults = tuple(Fault(name, code, text) for name, text in (fields or {}).items())
        self.problem = Problem(status, code, message, faults, headers or {})
        super().__init__(message)

    @classmethod
    def of(cls, problem: Problem) -> "Refused":
        refused = cls(problem.status, problem.code, problem.message)
        refused.problem = problem
        return refused


def quoted(value: Any) -> str:
    """Return a value as an error names it: in quotation marks, cut to 40 letters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # Masked before it is cut: half a card number is not recognized as one.
    text = mask_card_numbers(text[:100])
    return f"“{text[:39]}…”" if len(text) > 40 else f"“{text}”"


def one_of(words: Iterable[Any]) -> str:
    """Return the words that are allowed as an error lists them: `one of a, b, c`."""
    listed = [str(word) for word in words]
    return f"one of {', '.join(listed)}" if len(listed) > 1 else listed[0]


def not_found(noun: str) -> Refused:
    """Return the 404 of an unknown id and of another company's: the same, so it names no id."""
    return Refused(404, "not_found", f"No such {noun}. Check the id.")


def missing_scope(scope: str) -> Refused:
    """Return the 403 of a credential that lacks a scope."""
    sentence = f"This needs the scope {scope}. Ask the company's staff to grant it."
    return Refused(403, "missing_scope", sentence)


def missing_parameter(name: str) -> Refused:
    """Return the 400 for a query parameter that is needed and absent or empty."""
    sentence = "Send this query parameter: it is required."
    return Refused(400, "missing_field", f"{name}: {sentence}", {name: sentence})


def bad_request(message: str, fields: Mapping[str, str] | None = None) -> Refused:
    return Refused(400, "bad_request", message, fields)


def invalid_parameters(sentences: Mapping[str, str]) -> Refused:
    """Return the 400 for query parameters that are not valid, with the sentence of each."""
    name, sentence = next(iter(sentences.items()))
    return Refused(400, "invalid_parameter", f"{name}: {sentence}", sentences)
