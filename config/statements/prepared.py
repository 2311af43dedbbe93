"""Prepared statements, run in libpq's pipeline mode.

A cursor waits for the result of one statement before it sends the next; for a short read, this
waiting takes most of the time. A pipeline sends all statements in one round trip.

Statements are prepared and closed by protocol messages, not by SQL, so that a transaction pooler
can track them (PgBouncer 1.21 or newer).
"""

import secrets
import select
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import errors, pq
from psycopg.adapt import Transformer

from .messages import BEGIN, Batch, Message, PlannedRun, Prepared, Unprepared, prepare

# The most prepared statements of a connection: each takes memory for its plan in PostgreSQL.
MAX_PREPARED = 100
# The SQLSTATEs of a stale statement: it is unknown, its name is taken, or its result type changed.
STALE = ("26000", "42P05", "0A000")
# The attribute of a connection that holds its PreparedStatements.
_KEPT_AT = "_regulars_prepared"
_GOOD = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)

Rows = list[tuple[Any, ...]]


class Result(NamedTuple):
    """An unparsed result; comparing its raw values is faster than parsing them."""

    result: Any
    transformer: Any

    def rows(self) -> Rows:
        self.transformer.set_pgresult(self.result)
        return self.transformer.load_rows(0, self.result.ntuples, tuple)

    def raw(self) -> list[bytes | None]:
        """Return the raw values of the first row, [] without rows."""
        columns = range(self.result.nfields if self.result.ntuples else 0)
        return [self.result.get_value(0, at) for at in columns]


# The results of a batch, or the error that ended it.
type Outcome = list[Result] | psycopg.Error


class PlanChanged(psycopg.OperationalError):
    """A statement is stale in an open transaction; the caller must run the transaction again."""


class PreparedStatements:
    """The prepared statements of one connection."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._owner, self._connection = connection, connection.pgconn
        self._transformer = Transformer(connection)
        self._arrival = select.poll()
        self._arrival.register(self._connection.socket, select.POLLIN)
        # By SQL, in the order of last use.
        self._prepared: dict[str, Prepared] = {}
        self._salt = ""

    def run(self, *batches: Batch) -> list[Outcome]:
        """Run batches of statements in one round trip; return the outcome of each.

        Each batch is a transaction, or continues the open one. A failed batch does not stop the
        next ones; only the last batch may have a BEGIN. On a connection without autocommit, the
        last batch begins a transaction, which stays open.

        If a prepared statement is stale, its batch and all later ones are run again, so they must
        be safe to run twice. In an open transaction the outcome is PlanChanged instead: the caller
        must run the transaction again. Raises psycopg.OperationalError if the connection is lost.
        """
        is_open = self._connection.transaction_status != pq.TransactionStatus.IDLE
        if not (is_open or self._owner.autocommit):
            batches = *batches[:-1], [BEGIN, *batches[-1]]
        outcomes = self._exchange(self._messages(batches))
        if [outcome for outcome in outcomes if isinstance(outcome, psycopg.Error)]:
            self._run_stale_again(batches, outcomes, is_open=is_open)
        is_left_open = self._connection.transaction_status != pq.TransactionStatus.IDLE
        if is_left_open and self._owner.autocommit and not is_open:
            self._roll_back()
        return outcomes

    def _run_stale_again(
        self, batches: Sequence[Batch], outcomes: list[Outcome], *, is_open: bool
    ) -> None:
        """Run batches again from the first stale one on; replace their outcomes."""
        stale = _stale(outcomes)
        if not stale:
            return
        at, error = stale[0]
        if is_open:
            self._forget()
            outcomes[at] = changed = PlanChanged(f"A statement is stale: {error}")
            changed.__cause__ = error
            return
        if self._connection.transaction_status != pq.TransactionStatus.IDLE:
            self._roll_back()
        self._forget()
        outcomes[at:] = self._exchange(self._messages(batches[at:]))

    def _messages(self, batches: Sequence[Batch]) -> list[list[Message]]:
        """Return the messages of each batch; raises an error if a value cannot be converted."""
        connection, sent = self._connection, []
        new: dict[str, Prepared] = {}
        for batch in batches:
            messages: list[Message] = []
            for one in batch:
                arguments: tuple[Any, ...]
                if isinstance(one, Unprepared):
                    arguments = one.sql.encode(), None
                    messages.append(Message(connection.send_query_params, arguments, one.sql))
                    continue
                is_planned = isinstance(one, PlannedRun)
                known = self._prepared.pop(one.sql, None)
                prepared = known or new.get(one.sql) or prepare(one.sql, self._salt)
                if known is not None:
                    self._prepared[one.sql] = known
                elif not is_planned and one.sql not in new:
                    new[one.sql] = prepared
                    arguments = prepared.name, prepared.sql
                    messages.append(Message(connection.send_prepare, arguments, one.sql, prepared))
                given = [one.values[parameter] for parameter in prepared.parameters]
                values = self._transformer.dump_sequence(given, prepared.formats)
                if is_planned:
                    arguments = prepared.sql, values
                    messages.append(Message(connection.send_query_params, arguments, one.sql))
                else:
                    arguments = prepared.name, values
                    messages.append(Message(connection.send_query_prepared, arguments, one.sql))
            sent.append(messages)
        if len(self._prepared) > MAX_PREPARED:
            # Close the least recently used ones. The batches have far fewer statements than
            # MAX_PREPARED, so none of theirs is closed.
            sent[0][:0] = self._closing([*self._prepared][:-MAX_PREPARED])
        return sent

    def _exchange(self, sent: Sequence[list[Message]]) -> list[Outcome]:
        """Send the messages of the batches, each followed by a Sync; return the outcomes.

        Always leaves pipeline mode; if results were left unread, the connection is closed.
        """
        connection = self._connection
        connection.enter_pipeline_mode()
        try:
            for messages in sent:
                for message in messages:
                    message.send(*message.arguments)
                connection.pipeline_sync()
            while connection.flush():
                self._wait_to_send()
            outcomes = [self._outcome(messages) for messages in sent]
            connection.exit_pipeline_mode()
        finally:
            if connection.pipeline_status != pq.PipelineStatus.OFF:
                connection.finish()
        return outcomes

    def _outcome(self, messages: list[Message]) -> Outcome:
        """Read the results of a batch up to its Sync; libpq returns None after each message."""
        connection, results = self._connection, []
        while True:
            while connection.is_busy():
                self._arrival.poll()
                connection.consume_input()
            result = connection.get_result()
            status = None if result is None else result.status
            if status == pq.ExecStatus.PIPELINE_SYNC:
                break
            if status not in _GOOD and connection.status != pq.ConnStatus.OK:
                raise psycopg.OperationalError(connection.get_error_message())
            if result is not None:
                results.append(result)
        outcome = []
        for message, result in zip(messages, results, strict=False):
            if result.status not in _GOOD:
                return errors.error_from_result(result)
            if message.prepares:
                self._prepared[message.sql] = message.prepares
            elif not message.closes:
                outcome.append(Result(result, self._transformer))
        if len(results) > len(messages):
            # The implicit commit at the Sync failed, for example by a deferred constraint.
            return errors.error_from_result(results[-1])
        return outcome

    def _wait_to_send(self) -> None:
        """Wait until more can be sent; read meanwhile, because the server may wait for that."""
        either = select.poll()
        either.register(self._connection.socket, select.POLLIN | select.POLLOUT)
        if any(event != select.POLLOUT for _, event in either.poll()):
            self._connection.consume_input()

    def _roll_back(self) -> None:
        self._exchange(self._messages([[Unprepared("ROLLBACK")]]))

    def _forget(self) -> None:
        """Close all statements; from now on they are prepared with another salt.

        The salt changes the SQL text too, because a pooler prepares each text once for all clients.
        """
        self._exchange([self._closing([*self._prepared])])
        self._salt = f" -- {secrets.token_hex(8)}"

    def _closing(self, statements: list[str]) -> list[Message]:
        """Return the messages that close these statements, and forget them."""
        close = self._connection.send_close_prepared
        return [
            Message(close, (self._prepared.pop(sql).name,), sql, closes=True) for sql in statements
        ]


def run_batches(*batches: Batch) -> list[Outcome]:
    """Run batches on the connection of this thread (see `PreparedStatements.run`)."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    wrapper.ensure_connection()
    connection = wrapper.connection
    with wrapper.wrap_database_errors:
        prepared = connection.__dict__.get(_KEPT_AT)
        if prepared is None:
            prepared = connection.__dict__[_KEPT_AT] = PreparedStatements(connection)
        return prepared.run(*batches)


def results_of(outcome: Outcome) -> list[Result]:
    """Return the results of a batch; raises its error as Django's exception."""
    if isinstance(outcome, psycopg.Error):
        raise_error(outcome)
    return outcome


def raise_error(error: psycopg.Error) -> NoReturn:
    """Raise the error of a batch as Django's exception."""
    with connections[DEFAULT_DB_ALIAS].wrap_database_errors:
        raise error


def _stale(outcomes: list[Outcome]) -> list[tuple[int, psycopg.Error]]:
    """Return the indexes and errors of the batches with a stale prepared statement."""
    return [
        (at, outcome)
        for at, outcome in enumerate(outcomes)
        if isinstance(outcome, psycopg.Error) and outcome.sqlstate in STALE
    ]
