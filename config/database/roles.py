"""The two roles and the database."""

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

# The owner makes tables and, in tests, databases; the runtime role owns nothing, so that
# row-level security holds for it.
_ROLES = {
    OWNER: sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS CREATEDB NOCREATEROLE"),
    RUNTIME: sql.SQL("LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"),
}
# Done in template1, so that a database made later by the owner, a test's say, is the same.
# That every role may connect to a new database is PostgreSQL's own default.
_SCHEMA = (
    sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(OWNER)),
    sql.SQL("REVOKE CREATE ON SCHEMA public FROM PUBLIC"),
    sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(sql.Identifier(RUNTIME)),
)


def url(role: str, sockets: Path) -> str:
    """The address of the database for a role.

    It names the port, since PGPORT in somebody's environment would lead elsewhere.
    """
    return f"postgresql://{role}@:{PORT}/{DATABASE}?host={quote(str(sockets))}"


@contextmanager
def superuser(sockets: Path, database: str = "postgres") -> Iterator[psycopg.Connection]:
    """Connect as the superuser, each statement on its own."""
    connection = psycopg.connect(
        host=str(sockets),
        port=PORT,
        user=SUPERUSER,
        dbname=database,
        connect_timeout=_SECONDS_TO_CONNECT,
        autocommit=True,
    )
    # Closes it; psycopg's own block would commit as well, which autocommit leaves without sense.
    try:
        yield connection
    finally:
        connection.close()


def make_roles_and_database(sockets: Path) -> None:
    """Make what is missing. The database comes last, so its being there says that all is done."""
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
