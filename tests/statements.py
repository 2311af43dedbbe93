"""Counts the SQL statements that an answer takes, and keeps them to be looked at."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

Ran = tuple[str, Any]


@contextmanager
def recorded() -> Iterator[list[Ran]]:
    """Yield the list to which every statement of the runtime role is added, with its values."""
    ran: list[Ran] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        ran.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield ran


def listed(ran: list[Ran]) -> str:
    """Return statements as an assertion prints them: numbered, one to a line."""
    return "\n".join(f"{number}. {' '.join(sql.split())}" for number, (sql, _) in enumerate(ran, 1))
