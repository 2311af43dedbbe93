"""Create the two roles and the database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote

import psycopg
from psycopg import sql

from config.database.folders import PORT

DATABASE = "regulars"
OWNER = "regulars_owner"
RUNTIME = "regulars"
SUPERUSER = "postgres"
_SECONDS_TO_CONNECT = 5

# The owner creates tables and, in tests, databases. The runtime role owns nothing, so that
# row-level security applies to it.
_ROLES = {
    OWNER: sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB NOCREATEROLE"),
    RUNTIME: sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"),
}
# Run in template1, so that databases which the owner creates later, as tests do, get the same.
# PostgreSQL lets every role connect to a new database by default.
_SCHEMA = (
    sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)),
    sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
    sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(RUNTIME)),
)


def url(role: str, sockets: Path) -> str:
    """Return the URL of the database for a role.

    It names the port, because libpq would otherwise use PGPORT from the environment.
    """
    return f"postgresql://{role}@:{PORT}/{DATABASE}?host={quote(str(sockets))}"


@contextmanager
def superuser(sockets: Path, database: str = "postgres") -> Iterator[psycopg.Connection]:
    """Connect as the superuser, in autocommit mode."""
    connection = psycopg.connect(
        host=str(sockets),
        port=PORT,
        user=SUPERUSER,
        dbname=database,
        connect_timeout=_SECONDS_TO_CONNECT,
        autocommit=True,
    )
    # Only closes the connection: psycopg's own block would also commit, needlessly in autocommit
    # mode.
    try:
        yield connection
    finally:
        connection.close()


def make_roles_and_database(sockets: Path) -> None:
    """Create what is missing. The database is created last, so if it exists, everything does."""
    with superuser(sockets) as connection:
        if _knows(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            return
        for role, attributes in _ROLES.items():
            if not _knows(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
                connection.execute(
                    sql.SQL("CREATE ROLE {} {}").format(sql.Identifier(role), attributes)
                )
        with superuser(sockets, "template1") as template:
            for statement in _SCHEMA:
                template.execute(statement)
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {}").format(
                sql.Identifier(DATABASE), sql.Identifier(OWNER)
            )
        )


def _knows(connection: psycopg.Connection, query: LiteralString, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
