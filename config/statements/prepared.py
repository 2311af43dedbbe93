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
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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


class Message(NamedTuple):
    """A message to the server, which runs a statement, or prepares one, or closes one."""

    send: Callable[..., None]
    arguments: tuple[Any, ...]
    sql: str
    prepares: Prepared | None = None
    closes: bool = False


class Result(NamedTuple):
    """The rows of a statement as they came, which cost less to compare than to read."""

    result: Any
    transformer: Any

    def rows(self) -> Rows:
        self.transformer.set_pgresult(self.result)
        return self.transformer.load_rows(0, self.result.ntuples, tuple)

    def raw(self) -> list[bytes | None]:
        """Return the columns of the first row as PostgreSQL wrote them."""
        return [self.result.get_value(0, at) for at in range(self.result.nfields)]


# The results of a batch, or the error that ended it.
type Outcome = list[Result] | psycopg.Error


class PlanChanged(psycopg.OperationalError):
    """A statement is stale in an open transaction, which has to be run again."""


class PreparedStatements:
    """The prepared statements of one connection, by their SQL."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._owner, self._connection = connection, connection.pgconn
        self._transformer = Transformer(connection)
        self._arrival = select.poll()
        self._arrival.register(self._connection.socket, select.POLLIN)
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

    def run(self, *batches: Batch) -> list[Outcome]:
        """Run batches of statements in one round trip, and return the outcome of each.

        Each batch is a transaction, or goes on with the open one. A batch that fails does not stop
        those behind it; only the last batch may have a BEGIN. On a connection without autocommit
        the last batch begins a transaction, which stays open. A batch whose prepared statement is
        stale is run again with all those behind it, so these must be batches that may run twice.
        In an open transaction its outcome is PlanChanged: the caller has to run that again.

        Raises psycopg.OperationalError where the connection is lost.
        """
        if self._connection.transaction_status != pq.TransactionStatus.IDLE:
            outcomes = self._send(batches)
            if stale := _stale(outcomes):
                self._forget()
                at, error = stale[0]
                outcomes[at] = changed = PlanChanged(f"A statement is stale: {error}")
                changed.__cause__ = error
            return outcomes
        if not self._owner.autocommit:
            batches = *batches[:-1], [BEGIN, *batches[-1]]
        outcomes = self._send(batches)
        if stale := _stale(outcomes):
            self._end_transaction()
            self._forget()
            at = stale[0][0]
            outcomes[at:] = self._send(batches[at:])
        if self._owner.autocommit:
            self._end_transaction()
        return outcomes

    def _send(self, batches: Sequence[Batch]) -> list[Outcome]:
        """Send batches, each with a Sync behind it, and return the outcome of each."""
        # A value that cannot be sent raises here, before anything is sent.
        new: dict[str, Prepared] = {}
        sent = [self._messages(batch, new) for batch in batches]
        surplus = len(self._prepared) - MAX_PREPARED
        if surplus > 0:
            # A batch has far fewer statements, so these are not among them.
            sent[0][:0] = self._closing([*self._prepared][:surplus])
        with self._pipeline():
            for messages in sent:
                for message in messages:
                    message.send(*message.arguments)
                self._connection.pipeline_sync()
            while self._connection.flush():
                self._wait_to_send()
            return [self._outcome(messages) for messages in sent]

    def _messages(self, batch: Batch, new: dict[str, Prepared]) -> list[Message]:
        """Return the messages of a batch; `new` has what they prepare."""
        connection, messages = self._connection, []
        for one in batch:
            if isinstance(one, Unprepared):
                arguments: tuple[Any, ...] = one.sql.encode(), None
                messages.append(Message(connection.send_query_params, arguments, one.sql))
                continue
            if isinstance(one, PlannedRun):
                unnamed = _prepared(one.sql, "")
                arguments = unnamed.sql, self._dumped(one.values, unnamed)
                messages.append(Message(connection.send_query_params, arguments, one.sql))
                continue
            prepared = self._prepared.pop(one.sql, None)
            if prepared is not None:
                self._prepared[one.sql] = prepared
            elif one.sql in new:
                prepared = new[one.sql]
            else:
                prepared = new[one.sql] = _prepared(one.sql, self._salt)
                arguments = prepared.name, prepared.sql
                messages.append(Message(connection.send_prepare, arguments, one.sql, prepared))
            arguments = prepared.name, self._dumped(one.values, prepared)
            messages.append(Message(connection.send_query_prepared, arguments, one.sql))
        return messages

    def _dumped(self, values: Values, prepared: Prepared) -> Any:
        """Return the values of a statement's placeholders, in their order, as texts."""
        given = [values[parameter] for parameter in prepared.parameters]
        return self._transformer.dump_sequence(given, [PyFormat.TEXT] * len(given))

    def _outcome(self, messages: list[Message]) -> Outcome:
        results, outcome = self._results(), []
        for message, result in zip(messages, results, strict=False):
            if result.status not in _GOOD:
                return errors.error_from_result(result)
            if message.prepares:
                self._prepared[message.sql] = message.prepares
            elif not message.closes:
                outcome.append(Result(result, self._transformer))
        if len(results) > len(messages):
            # The transaction failed at the Sync, by a deferred constraint for example.
            return errors.error_from_result(results[-1])
        return outcome

    def _results(self) -> list[Any]:
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

    @contextmanager
    def _pipeline(self) -> Iterator[None]:
        """Put the connection into pipeline mode, and leave it before anybody else uses it.

        A connection with unread results is closed.
        """
        self._connection.enter_pipeline_mode()
        try:
            yield
            self._connection.exit_pipeline_mode()
        finally:
            if self._connection.pipeline_status != pq.PipelineStatus.OFF:
                self._connection.finish()

    def _wait_to_send(self) -> None:
        """Wait until more can be sent, and read meanwhile: the server may wait for that."""
        either = select.poll()
        either.register(self._connection.socket, select.POLLIN | select.POLLOUT)
        if any(event != select.POLLOUT for _, event in either.poll()):
            self._connection.consume_input()

    def _end_transaction(self) -> None:
        """Roll back the transaction that a batch has left open, if one has."""
        if self._connection.transaction_status != pq.TransactionStatus.IDLE:
            self._send([[Unprepared("ROLLBACK")]])

    def _forget(self) -> None:
        """Close all statements, and prepare them under other names from now on.

        Their texts change as well: a pooler prepares one text once for all its clients.
        """
        with self._pipeline():
            for message in self._closing([*self._prepared]):
                message.send(*message.arguments)
            self._connection.pipeline_sync()
            while self._connection.flush():
                self._wait_to_send()
            self._results()
        self._salt = f" -- {secrets.token_hex(8)}"

    def _closing(self, statements: list[str]) -> list[Message]:
        """Return the messages that close statements."""
        close = self._connection.send_close_prepared
        return [
            Message(close, (self._prepared.pop(sql).name,), sql, closes=True) for sql in statements
        ]


def _stale(outcomes: list[Outcome]) -> list[tuple[int, psycopg.Error]]:
    """Return the places and errors of the batches that met a stale prepared statement."""
    return [
        (at, outcome)
        for at, outcome in enumerate(outcomes)
        if isinstance(outcome, psycopg.Error) and outcome.sqlstate in STALE
    ]


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
