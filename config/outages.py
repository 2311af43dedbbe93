"""Database errors that are temporary, and the error that a client gets for each."""

from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout

# Raised while the database is unavailable, by the driver, the pool or the job queue.
AWAY = (OperationalError, InterfaceError, PoolTimeout, ConnectorException)
# The same, and errors that `outage_of` must check, because they may also be bugs.
ERRORS = (*AWAY, InternalError)

_DEADLOCKS = ("40001", "40P01")
_LOCK_TIMEOUT = "55P03"
_CANCELLED = "57014"
_READ_ONLY = "25006"
# A transaction was idle for too long, or took too long.
_TRANSACTION_TIMEOUTS = ("25P03", "25P04")
_CONNECTION_LOST = ("08", "57")
# Also a lack of resources, such as disk and memory, and system errors.
_CLASSES = (*_CONNECTION_LOST, "53", "58")


@dataclass(frozen=True, slots=True)
class Outage:
    """The error for a client: a sentence, and after how many seconds to retry."""

    message: str
    seconds: int = 5


DEADLOCK = Outage("Others are changing the same record. Nothing was changed. Retry in 1 s.", 1)
LOCKED = Outage("The request waited too long for a lock. Nothing was changed. Try again.", 1)
TOO_SLOW = Outage("This took longer than a request may. Nothing was changed. Try again.")
READ_ONLY = Outage("The database takes no changes at the moment. Try again.")
UNREACHABLE = Outage("The database cannot answer at the moment. Try again.")
LOST_COMMIT = Outage(
    "The database went away while this was being kept, so it was done either wholly or not at all. "
    "Send the same request again with its Idempotency-Key; without one, look first whether it was "
    "done."
)


def outage_of(error: BaseException | None, *, in_commit: bool = False) -> Outage | None:
    """Return the outage that caused an exception, None if a retry would fail as well.

    If the connection is lost `in_commit`, it is unknown whether the transaction was committed.
    """
    if not isinstance(error, ERRORS):
        return None
    state = _sqlstate(error)
    if state is None and (isinstance(error, InternalError) or _is_bug(error)):
        return None
    if in_commit and (state is None or state[:2] in _CONNECTION_LOST):
        return LOST_COMMIT
    if state in _DEADLOCKS:
        return DEADLOCK
    if state == _LOCK_TIMEOUT:
        return LOCKED
    if state == _CANCELLED or state in _TRANSACTION_TIMEOUTS:
        return TOO_SLOW
    if state == _READ_ONLY:
        return READ_ONLY
    is_away = state is None or state[:2] in _CLASSES or isinstance(error, OperationalError)
    return UNREACHABLE if is_away else None


def _sqlstate(error: BaseException) -> Any:
    """Return the SQLSTATE of an error, from the driver's exception that caused it."""
    behind = error.__cause__ or error
    return getattr(behind, "sqlstate", None)


def _is_bug(error: BaseException) -> bool:
    """Whether the job queue reports something other than a failed connection."""
    return isinstance(error, ConnectorException) and error.__cause__ is None
