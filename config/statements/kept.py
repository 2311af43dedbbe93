"""Statements that PostgreSQL keeps, run by libpq in one message with what opens their transaction.

A cursor takes about a tenth of a millisecond to send a statement and to wait for its rows, which is
most of what a short answer costs. Here a whole read is one message, and other threads work until
its rows are there.
"""

import re
import select
from collections.abc import Callable, Mapping
from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg.adapt import Transformer

# Each keeps a plan in the memory of its connection.
MOST = 100
_SLOT = re.compile(r"%\(([^)]+)\)s|%%")
_GOOD = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
# It was kept for a table that has changed since, or somebody on the way has forgotten it.
STALE = ("0A000", "26000")
Values = Mapping[str, Any]
Rows = list[tuple[Any, ...]]
# A statement with the values of its slots.
Run = tuple[str, Values]


class Row:
    """A row as it came, which costs less to compare than to read."""

    def __init__(self, result: Any, load: Callable[[Any], Rows]) -> None:
        self.raw: list[bytes | None] = [result.get_value(0, at) for at in range(result.nfields)]
        self._result, self._load = result, load

    def read(self) -> tuple[Any, ...]:
        return self._load(self._result)[0]


class Kept:
    """The statements that one connection keeps, by their text."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._owner, self._connection = connection, connection.pgconn
        self._transformer = Transformer(connection)
        self._socket = select.poll()
        self._socket.register(self._connection.socket, select.POLLIN)
        self._names: dict[str, tuple[bytes, list[str]]] = {}
        self._count = 0

    @classmethod
    def of(cls, connection: Any) -> "Kept":
        """Return what a connection keeps."""
        kept: Kept | None = connection.__dict__.get("_regulars_kept")
        if kept is None:
            kept = connection.__dict__["_regulars_kept"] = cls(connection)
        return kept

    def rows(self, text: str, values: Values, begin: bytes = b"") -> Rows:
        """Run a statement with the values of its slots, `%(name)s`, and return its rows.

        SQL that opens a transaction may go before it: the two are one by themselves then.
        """

        # As cursors do: a transaction begins with the first statement of who wants one.
        if not (self._owner.autocommit or self._is_inside):
            self._checked(self._connection.exec_(b"BEGIN"))

        def run() -> Rows:
            return self._loaded(self._connection.exec_(begin + self._execution(text, values)))

        try:
            return run()
        except psycopg.Error as error:
            if error.sqlstate not in STALE or self._is_inside:
                raise
            self._names.clear()
            return run()

    def rows_then(self, text: str, values: Values, then: bytes) -> Rows:
        """Run a statement inside a transaction, and in the same message a command behind it."""
        results = self._results(b"%b; %b" % (self._execution(text, values), then))
        for result in results:
            self._checked(result)
        return self._loaded(results[0])

    def rows_after(self, first: Run, then: Run, begin: bytes) -> tuple[Row, Rows | psycopg.Error]:
        """Run two statements in one message, each in a transaction of its own.

        That of the second goes on, on a connection that does not commit by itself. The first has
        one row, and stands whatever becomes of the second, whose rows or error come second. Raises
        what the first fails with, and then the second has not been run.
        """
        message = b"BEGIN; %b; COMMIT; %b%b%b"
        message %= (
            self._execution(*first),
            b"" if self._owner.autocommit else b"BEGIN; ",
            begin,
            self._execution(*then),
        )
        results = self._results(message)
        try:
            for result in results[:3]:
                self._checked(result)
        except psycopg.Error:
            self._connection.exec_(b"ROLLBACK")
            raise
        told = Row(results[1], self._loaded)
        try:
            return told, self._loaded(results[-1])
        except psycopg.Error as error:
            if error.sqlstate not in STALE:
                return told, error
        if self._is_inside:
            self._checked(self._connection.exec_(b"ROLLBACK"))
        self._names.clear()
        return told, self.rows(*then, begin)

    def _execution(self, text: str, values: Values) -> bytes:
        name, slots = self._name_of(text)
        literals = [self._transformer.as_literal(values[slot]) for slot in slots]
        return b"EXECUTE %b(%b)" % (name, b", ".join(literals)) if literals else b"EXECUTE " + name

    def _results(self, message: bytes) -> list[Any]:
        """Return what came of each statement of a message, up to the first that failed."""
        connection = self._connection
        results: list[Any] = []
        connection.send_query(message)
        while connection.flush():
            select.select([], [connection.socket], [])
        while True:
            while connection.is_busy():
                self._socket.poll()
                connection.consume_input()
            result = connection.get_result()
            if result is None:
                return results
            results.append(result)

    def _loaded(self, result: Any) -> Rows:
        self._transformer.set_pgresult(self._checked(result))
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
