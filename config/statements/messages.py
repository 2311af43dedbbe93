"""What is sent to PostgreSQL: statements to run, and the messages that run them."""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg.adapt import PyFormat

_PLACEHOLDER = re.compile(r"%\(([^)]+)\)s|%%")

Values = Mapping[str, Any]


class Run(NamedTuple):
    """A prepared statement to run: SQL with placeholders, `%(name)s`, and their values."""

    sql: str
    values: Values = {}


class PlannedRun(Run):
    """A statement that is planned for its values each time, and not prepared."""


class Unprepared(NamedTuple):
    """SQL to run as it is: a command whose text differs from one company or call to the next."""

    sql: str


BEGIN, BEGIN_READ_ONLY, COMMIT = Run("BEGIN"), Run("BEGIN READ ONLY"), Run("COMMIT")

type Batch = Sequence[Run | Unprepared]


class Prepared(NamedTuple):
    """A statement under the name that a session knows it by."""

    name: bytes
    sql: bytes
    parameters: list[str]
    formats: list[PyFormat]


class Message(NamedTuple):
    """A message to the server, which runs a statement, or prepares one, or closes one."""

    send: Callable[..., None]
    arguments: tuple[Any, ...]
    sql: str
    prepares: Prepared | None = None
    closes: bool = False


def prepare(sql: str, salt: str) -> Prepared:
    """Return a statement under a name; with another `salt` it has another name and text."""
    parameters: list[str] = []

    def number(placeholder: re.Match[str]) -> str:
        name = placeholder[1]
        if name is None:
            return "%"
        if name not in parameters:
            parameters.append(name)
        return f"${parameters.index(name) + 1}"

    # Named by its text: every session has the same statement under this name.
    name = f"regulars_{hashlib.sha256((sql + salt).encode()).hexdigest()[:32]}"
    text = (_PLACEHOLDER.sub(number, sql) + salt).encode()
    return Prepared(name.encode(), text, parameters, [PyFormat.TEXT] * len(parameters))
