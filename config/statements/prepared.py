"""Prepared statements, sent in libpq's pipeline mode.

A cursor waits for the rows of one statement before it sends the next, which is most of what a short
read costs. A pipeline sends every statement of a request in one round trip.

Statements are prepared and closed by messages of the protocol, not by SQL, so that a pooler in
transaction mode can follow them (PgBouncer 1.21 or newer).
"""

import hashlib
import re
import secrets
import select
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import errors, pq
from psycopg.adapt import PyFormat, Transformer

# Each statement keeps a plan in the memory of its session.
MAX_PREPARED = 100
# The server does not know the statement, knows another one by its name, or must not use its plan.
STALE = ("26000", "42P05", "0A000")
_PLACEHOLDER = re.compile(r"%\(([^)]+)\)s|%%")
_GOOD = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)

Values = Mapping[str, Any]
Rows = list[tuple[Any, ...]]


class Run(NamedTuple):
    """A prepared statement to run: SQL with placeholders, `%(name)s`, and their values."""

    sql: str
    values: Values = {}


class Constant(NamedTuple):
    """SQL to run that is not prepared, because it is seldom the same again."""

    sql: str


BEGIN, COMMIT = Run("BEGIN"), Run("COMMIT")

type Batch = Sequence[Run | Constant]


class Prepared(NamedTuple):
    """A statement under the name that a session knows it by."""

    name: bytes
    sql: bytes
    parameters: list[str]


class Message(NamedTuple):
    """A message to the server: it prepares a statement, runs a prepared one, or runs a constant."""

    sql: str
    prepares: Prepared | None = None
    runs: Prepared | None = None
    values: Sequence[Any] = ()

    def send(self, connection: Any) -> None:
        if self.prepares:
            connection.send_prepare(self.prepares.name, self.prepares.sql)
        elif self.runs:
            connection.send_query_prepared(self.runs.name, self.values)
        else:
            connection.send_query_params(self.sql.encode(), None)


class Result:
    """The rows of a statement as they came, which cost less to compare than to read."""

    def __init__(self, result: Any, transformer: Any) -> None:
        self._result, self._transformer = result, transformer

    def rows(self) -> Rows:
        self._transformer.set_pgresult(self._result)
        return self._transformer.load_rows(0, self._result.ntuples, tuple)

    def raw(self) -> list[bytes | None]:
        """Return the columns of the first row as PostgreSQL wrote them."""
        return [self._result.get_value(0, at) for at in range(self._result.nfields)]


# The results of a batch, or the error that ended it.
type Outcome = list[Result] | psycopg.Error


class PreparedStatements:
    """The prepared statements of one connection, by their SQL."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._owner, self._connection = connection, connection.pgconn
        self._pipeline, self._transformer = _Pipeline(connection.pgconn), Transformer(connection)
        # The one that was used last stands last.
        self._prepared: dict[str, Prepared] = {}
        self._salt = ""

    @classmethod
    def of(cls, connection: Any) -> "PreparedStatements":
        """Return the prepared statements of a connection."""
        found: PreparedStatements | None = connection.__dict__.get("_regulars_prepared")
        if found is None:
            found = connection.__dict__["_regulars_prepared"] = cls(connection)
        return found

    def rows(self, sql: str, values: Values, *, then: str = "") -> Rows:
        """Run one statement and return its rows.

        A command such as SAVEPOINT may follow it in the same round trip.
        """
        (outcome,) = self.run([Run(sql, values), *([Constant(then)] if then else ())])
        if isinstance(outcome, psycopg.Error):
            raise outcome
        return outcome[-2 if then else -1].rows()

    def run(self, *batches: Batch) -> list[Outcome]:
        """Run batches of statements in one round trip, and return the outcome of each.

        Each batch is a transaction, or goes on with the open one. A batch that fails does not stop
        those behind it; only the last batch may have a BEGIN. On a connection without autocommit
        the last batch begins a transaction, which stays open. A batch whose prepared statement is
        stale is run again with all those behind it, so these must be batches that may run twice.

        Raises psycopg.OperationalError where the connection is lost.
        """
        if not self._is_idle:
            outcomes = self._send(batches)
            if any(map(_is_stale, outcomes)):
                # The open transaction is lost, but the next one has to find new statements.
                self._forget()
            return outcomes
        if not self._owner.autocommit:
            batches = *batches[:-1], [BEGIN, *batches[-1]]
        outcomes = self._send(batches)
        stale = next((at for at, outcome in enumerate(outcomes) if _is_stale(outcome)), None)
        if stale is not None:
            self._end_transaction()
            self._forget()
            outcomes[stale:] = self._send(batches[stale:])
        if self._owner.autocommit:
            self._end_transaction()
        return outcomes

    @property
    def _is_idle(self) -> bool:
        return self._connection.transaction_status == pq.TransactionStatus.IDLE

    def _end_transaction(self) -> None:
        """Roll back the transaction that a batch has left open, if one has."""
        if not self._is_idle:
            self._send([[Constant("ROLLBACK")]])

    def _forget(self) -> None:
        """Close all statements, and prepare them under other names from now on.

        Their texts change as well: a pooler prepares one text once for all its clients.
        """
        self._close([*self._prepared])
        self._salt = f" -- {secrets.token_hex(8)}"

    def _close(self, statements: list[str]) -> None:
        with self._pipeline as pipeline:
            for sql in statements:
                self._connection.send_close_prepared(self._prepared.pop(sql).name)
            self._connection.pipeline_sync()
            pipeline.flush()
            pipeline.results()

    def _send(self, batches: Sequence[Batch]) -> list[Outcome]:
        """Send batches, each with a Sync behind it, and return the outcome of each."""
        surplus = len(self._prepared) - MAX_PREPARED
        if surplus > 0:
            self._close([*self._prepared][:surplus])
        # A value that cannot be sent raises here, before anything is sent.
        new: dict[str, Prepared] = {}
        sent = [self._messages(batch, new) for batch in batches]
        with self._pipeline as pipeline:
            for messages in sent:
                for message in messages:
                    message.send(self._connection)
                self._connection.pipeline_sync()
            pipeline.flush()
            return [self._outcome(messages, pipeline.results()) for messages in sent]

    def _messages(self, batch: Batch, new: dict[str, Prepared]) -> list[Message]:
        """Return the messages of a batch; `new` has what they prepare."""
        messages = []
        for one in batch:
            if isinstance(one, Constant):
                messages.append(Message(one.sql))
                continue
            prepared = self._prepared.pop(one.sql, None)
            if prepared is not None:
                self._prepared[one.sql] = prepared
            elif one.sql in new:
                prepared = new[one.sql]
            else:
                prepared = new[one.sql] = _prepared(one.sql, self._salt)
                messages.append(Message(one.sql, prepares=prepared))
            messages.append(Message(one.sql, runs=prepared, values=self._texts(one, prepared)))
        return messages

    def _texts(self, one: Run, prepared: Prepared) -> Sequence[Any]:
        """Return the values of a statement's parameters as PostgreSQL reads them."""
        if not prepared.parameters:
            return ()
        values = [one.values[parameter] for parameter in prepared.parameters]
        return self._transformer.dump_sequence(values, [PyFormat.TEXT] * len(values))

    def _outcome(self, messages: list[Message], results: list[Any]) -> Outcome:
        outcome = []
        for message, result in zip(messages, results, strict=True):
            if result.status not in _GOOD:
                return errors.error_from_result(result)
            if message.prepares:
                self._prepared[message.sql] = message.prepares
            else:
                outcome.append(Result(result, self._transformer))
        return outcome


class _Pipeline:
    """The pipeline mode of a connection, which is left before anybody else uses the connection.

    A connection with unread results is closed.
    """

    def __init__(self, connection: Any) -> None:
        self._connection, self._arrival = connection, select.poll()
        self._arrival.register(connection.socket, select.POLLIN)

    def __enter__(self) -> "_Pipeline":
        self._connection.enter_pipeline_mode()
        return self

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        try:
            if error is None:
                self._connection.exit_pipeline_mode()
        finally:
            if self._connection.pipeline_status != pq.PipelineStatus.OFF:
                self._connection.finish()

    def flush(self) -> None:
        """Send what waits to be sent, and read meanwhile: the server may wait for that."""
        while self._connection.flush():
            either = select.poll()
            either.register(self._connection.socket, select.POLLIN | select.POLLOUT)
            if any(event != select.POLLOUT for _, event in either.poll()):
                self._connection.consume_input()

    def results(self) -> list[Any]:
        """Return the results of the messages up to the next Sync."""
        connection, results = self._connection, []
        while True:
            while connection.is_busy():
                self._arrival.poll()
                connection.consume_input()
            result = connection.get_result()
            # None ends the results of one message.
            status = None if result is None else result.status
            if status in _GOOD:
                results.append(result)
            elif status == pq.ExecStatus.PIPELINE_SYNC:
                return results
            elif connection.status != pq.ConnStatus.OK:
                raise psycopg.OperationalError(connection.get_error_message())
            elif result is not None:
                results.append(result)


def _is_stale(outcome: Outcome) -> bool:
    return isinstance(outcome, psycopg.Error) and outcome.sqlstate in STALE


def _prepared(sql: str, salt: str) -> Prepared:
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
    return Prepared(name.encode(), (_PLACEHOLDER.sub(number, sql) + salt).encode(), parameters)
