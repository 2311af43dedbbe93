"""Checks that must pass before a process serves; run at every start and by /readyz."""

import secrets
import time
from collections.abc import Callable
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections, transaction
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from psycopg import pq
from psycopg.errors import LockNotAvailable

from config.access.checks import broken_fence

from .keys import other_secret_key, register_key
from .rights import wrong_rights

MOST_SECONDS_APART = 5


def refuse_start() -> str:
    """Return one sentence that says why this process may not start, "" if it may.

    The first start registers the secret key. Raises the database's own errors.
    """
    checks = (forgetful_pooler, *CHECKS, register_key)
    return next(filter(None, (check() for check in checks)), "")


def unready() -> str:
    """Return one sentence that says why this process cannot serve now, "" if it can.

    A clock can be corrected while the process runs, so it is checked here and not at the start. A
    check is skipped if another session has locked its table: it passed at the start, and requests
    for other tables work. Raises the database's own errors.
    """
    return next(filter(None, map(_unless_locked, (*CHECKS, differing_clock))), "")


def _unless_locked(check: Callable[[], str]) -> str:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '500ms'")
            return check()
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            return ""
        raise


def forgetful_pooler() -> str:
    """Return a sentence if a pooler shares sessions but does not track prepared statements.

    Behind such a pooler, the prepared statements of several clients collide in one session.
    """
    other = connection.copy()
    try:
        connection.ensure_connection()
        other.ensure_connection()
        # Both may get different sessions by chance, so they are tested more than once.
        collides = any(
            _collide(connection.connection.pgconn, other.connection.pgconn) for _ in range(5)
        )
    finally:
        other.close()
    if collides:
        return (
            "DATABASE_URL leads through a pooler in transaction mode that does not follow prepared "
            "statements. Use PgBouncer 1.21 or newer with max_prepared_statements above 0, set "
            "the pooler to session mode, or name PostgreSQL itself."
        )
    return ""


def _collide(one: Any, other: Any) -> bool:
    """Whether two connections cannot both prepare a statement under one name."""
    name = f"regulars_{secrets.token_hex(8)}".encode()
    prepared = one.prepare(name, b"SELECT 1"), other.prepare(name, b"SELECT 2")
    for connected in (one, other):
        connected.close_prepared(name)
    return any(result.status != pq.ExecStatus.COMMAND_OK for result in prepared)


def read_only_database() -> str:
    """Return a sentence if the database accepts no writes, such as a standby."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_is_in_recovery(), current_setting('transaction_read_only')::bool")
        is_standby, is_read_only = cursor.fetchone()
    if is_standby:
        return "The database is a read-only standby: let DATABASE_URL name the primary."
    if is_read_only:
        return (
            "The database is read-only for the runtime role: let DATABASE_URL name the primary, "
            "and set default_transaction_read_only to off."
        )
    return ""


def missing_migrations() -> str:
    """Return a sentence if the schema is older than the code; one version newer is allowed."""
    if missing := unapplied():
        one = len(missing) == 1
        count = "1 migration is" if one else f"{len(missing)} migrations are"
        first = ".".join(missing[0])
        return (
            f"The schema is older than this version: {count} not applied ({first} is the first). "
            "Run manage.py migrate."
        )
    return ""


def differing_clock() -> str:
    """Return a sentence if this machine's clock differs too much from the database's.

    The difference may be MOST_SECONDS_APART. The database's time is compared with our time before
    and after the query, so a slow answer counts as no difference.
    """
    before = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (there,) = cursor.fetchone()
    ahead, behind = before - there, there - time.time()
    apart = max(ahead, behind)
    if apart <= MOST_SECONDS_APART:
        return ""
    way = "ahead of" if ahead > behind else "behind"
    return (
        f"The clock of this server is {apart:,.0f} seconds {way} the database's; at most "
        f"{MOST_SECONDS_APART} are allowed. Let both machines synchronise their clocks (NTP)."
    )


def unapplied(using: str = DEFAULT_DB_ALIAS) -> list[Any]:
    """Return the migrations that are not applied to the database."""
    applied = MigrationRecorder(connections[using]).applied_migrations()
    return sorted(_known() - applied.keys())


@cache
def _known() -> frozenset[Any]:
    loader = MigrationLoader(None)
    return frozenset(loader.disk_migrations) - frozenset(
        replaced for one in loader.replacements.values() for replaced in one.replaces
    )


# The checks run in this order; the error of the first check that fails is the result.
CHECKS: list[Callable[[], str]] = [
    read_only_database,
    missing_migrations,
    broken_fence,
    wrong_rights,
    other_secret_key,
]
