"""The statements to run, and the protocol messages that run them."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg.adapt import PyFormat

_PLACEHOLDER = re.compile(r"%\(([^)]+)\)s|%%")

Values = Mapping[str, Any]


class Run(NamedTuple):
    """A statement to prepare and run: SQL with placeholders, `%(name)s`, and their values."""

    sql: str
    values: Values = {}


class PlannedRun(Run):
    """A statement that is not prepared, so that it is planned for its values each time."""


class Unprepared(NamedTuple):
    """SQL that is not prepared because its text varies, such as a SET with a company's id."""

    sql: str


BEGIN, BEGIN_READ_ONLY, COMMIT = Run("BEGIN"), Run("BEGIN READ ONLY"), Run("COMMIT")

type Batch = Sequence[Run | Unprepared]


class Prepared(NamedTuple):
    """A prepared statement: its name in the session, its SQL and its parameters."""

    name: bytes
    sql: bytes
    parameters: list[str]
    formats: list[PyFormat]


class Message(NamedTuple):
    """A message to the server that runs, prepares or closes a statement."""

    send: Callable[..., None]
    arguments: tuple[Any, ...]
    sql: str
    prepares: Prepared | None = None
    closes: bool = False


def prepare(sql: str, salt: str) -> Prepared:
    """Return a statement with a name; another `salt` gives another name and another SQL text."""
    parameters: list[str] = []

    def number(placeholder: re.Match[str]) -> str:
        name = placeholder[1]
        if name is None:
            return "%"
        if name not in parameters:
            parameters.append(name)
        return f"${parameters.index(name) + 1}"

    # The name is a digest of the text, so a name has the same statement in every session.
    name = f"regulars_{hashlib.sha256((sql + salt).encode()).hexdigest()[:32]}"
    text = (_PLACEHOLDER.sub(number, sql) + salt).encode()
    return Prepared(name.encode(), text, parameters, [PyFormat.TEXT] * len(parameters))
