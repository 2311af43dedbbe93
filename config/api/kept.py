"""Statements that PostgreSQL keeps, run by libpq in one message with what opens their transaction.

A cursor takes about a tenth of a millisecond to send a statement and to wait for its rows, which is
most of what a short answer costs. Here a whole read is one call of libpq, which lets other threads
work until the rows are there.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer

# Each keeps a plan in the memory of its connection.
MOST = 100
_SLOT = re.compile(r"%\(([^)]+)\)s|%%")
_GOOD = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
# It was kept for a table that has changed since, or somebody on the way has forgotten it.
_STALE = ("0A000", "26000")
Rows = list[tuple[Any, ...]]


class Kept:
    """The statements that one connection keeps, by their text."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._owner, self._connection = connection, connection.pgconn
        self._transformer = Transformer(connection)
        self._names: dict[str, tuple[bytes, list[str]]] = {}
        self._count = 0

    @classmethod
    def of(cls, connection: Any) -> "Kept":
        """Return what a connection keeps."""
        kept: Kept | None = connection.__dict__.get("_regulars_kept")
        if kept is None:
            kept = connection.__dict__["_regulars_kept"] = cls(connection)
        return kept

    def rows(self, text: str, values: Mapping[str, Any], begin: bytes = b"") -> Rows:
        """Run a statement with the values of its slots, `%(name)s`, and return its rows.

        SQL that opens a transaction may go before it: the two are one by themselves then.
        """

        def run() -> Any:
            name, slots = self._name_of(text)
            literals = [self._transformer.as_literal(values[slot]) for slot in slots]
            listed = b"(%b)" % b", ".join(literals) if literals else b""
            return self._connection.exec_(b"%bEXECUTE %b%b" % (begin, name, listed))

        return self._loaded(run)

    def row(self, text: str, values: Sequence[bytes]) -> tuple[Any, ...]:
        """Run a statement with the parameters `$1` and so on, and return its one row."""
        rows = self._loaded(lambda: self._connection.exec_prepared(self._name_of(text)[0], values))
        return rows[0]

    def _loaded(self, run: Callable[[], Any]) -> Rows:
        # As cursors do: a transaction begins with the first statement of who wants one.
        if not (self._owner.autocommit or self._is_inside):
            self._checked(self._connection.exec_(b"BEGIN"))
        try:
            result = self._checked(run())
        except psycopg.Error as error:
            if error.sqlstate not in _STALE or self._is_inside:
                raise
            self._names.clear()
            result = self._checked(run())
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, tuple)

    @property
    def _is_inside(self) -> bool:
        return self._connection.transaction_status != pq.TransactionStatus.IDLE

    def _name_of(self, text: str) -> tuple[bytes, list[str]]:
        # What was used last stands last.
        found = self._names.pop(text, None) or self._prepare(text)
        self._names[text] = found
        return found

    def _prepare(self, text: str) -> tuple[bytes, list[str]]:
        if len(self._names) >= MOST:
            oldest, _ = self._names.pop(next(iter(self._names)))
            self._checked(self._connection.exec_(b"DEALLOCATE " + oldest))
        slots: list[str] = []
        numbered = _SLOT.sub(lambda found: _number(found[1], slots), text)
        self._count += 1
        name = b"kept_%d" % self._count
        self._checked(self._connection.prepare(name, numbered.encode()))
        return name, slots

    def _checked(self, result: Any) -> Any:
        if result.status in _GOOD:
            return result
        if self._connection.status != pq.ConnStatus.OK:
            raise psycopg.OperationalError(result.get_error_message())
        raise errors.error_from_result(result)


def _number(slot: str | None, slots: list[str]) -> str:
    """Return what PostgreSQL calls a slot, which may stand more than once."""
    if slot is None:
        return "%"
    if slot not in slots:
        slots.append(slot)
    return f"${slots.index(slot) + 1}"
