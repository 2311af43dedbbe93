"""Database errors that pass by themselves, and what a client is told of each."""

from dataclasses import dataclass
from typing import Any

from django.db import InterfaceError, InternalError, OperationalError
from procrastinate.exceptions import ConnectorException
from psycopg_pool import PoolTimeout

# Raised while the database is away or cannot work, out of the job queue as well.
AWAY = (OperationalError, InterfaceError, PoolTimeout, ConnectorException)
# The same, and those among which `outage_of` tells an outage from a bug.
ERRORS = (*AWAY, InternalError)

_DEADLOCKS = ("40001", "40P01")
_LOCK_TIMEOUT = "55P03"
_CANCELLED = "57014"
_READ_ONLY = "25006"
# A transaction that was idle, or took, longer than it may.
_TRANSACTION_TIMEOUTS = ("25P03", "25P04")
_CONNECTION_LOST = ("08", "57")
# And resources such as disk and memory, and the system.
_CLASSES = (*_CONNECTION_LOST, "53", "58")


@dataclass(frozen=True, slots=True)
class Outage:
    """The answer to a client: a sentence, and after how many seconds to try again."""

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
    """Return the outage behind an exception, None for one that another try would not mend.

    A connection that is lost `in_commit` leaves open whether the transaction was kept.
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
    """Return PostgreSQL's code for an error, which stands in the driver's exception behind it."""
    behind = error.__cause__ or error
    return getattr(behind, "sqlstate", None)


def _is_bug(error: BaseException) -> bool:
    """Whether the job queue says something else than that its connection failed."""
    return isinstance(error, ConnectorException) and error.__cause__ is None
