"""Counts the SQL statements of a response, and keeps them for inspection."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connection

from config.statements.prepared import PreparedStatements

from .backoffice import Browser

# The most statements that a page of the back-office may take.
MOST = 10
# Statements around every page: the transaction, the session settings of row-level security, and
# the update of the session once a minute.
FRAME = (*("SAVEPOINT", "RELEASE", "ROLLBACK TO", "SELECT set_config"), 'UPDATE "django_session"')

Ran = tuple[str, Any]


@contextmanager
def recorded() -> Iterator[list[Ran]]:
    """Yield a list that gets every statement of the runtime role, with its values."""
    ran: list[Ran] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        ran.append((sql, params))
        return execute(sql, params, many, context)

    run = PreparedStatements.run

    def note_batches(prepared: PreparedStatements, *batches: Any) -> Any:
        ran.extend((one.sql, getattr(one, "values", {})) for batch in batches for one in batch)
        return run(prepared, *batches)

    with (
        connection.execute_wrapper(note),
        mock.patch.object(PreparedStatements, "run", note_batches),
    ):
        yield ran


def listed(ran: list[Ran]) -> str:
    """Return statements as text for an assertion: numbered, one on each line."""
    return "\n".join(f"{number}. {' '.join(sql.split())}" for number, (sql, _) in enumerate(ran, 1))


def statements(browser: Browser, path: str, sent: dict[str, str] | None = None) -> list[str]:
    """Return the statements of a page, without those that surround every page."""
    with recorded() as ran:
        answer = browser.client.post(path, sent) if sent else browser.client.get(path)
    assert answer.status_code in (200, 302, 403, 405), (path, answer.status_code)
    return [sql for sql, _ in ran if not sql.startswith(FRAME)]
