import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.migrations.exceptions import MigrationSchemaMissing

from config.access.checks import strong_role
from config.server.operations import LOCK_TIMEOUT, is_lock_failure, retry_locks
from config.tenancy.operations import runtime_role

OWNER = "owner"
# The key of an advisory lock that nothing else in this database uses.
LOCK = 7_264_185
SECONDS_BETWEEN_ATTEMPTS = 0.5


class Command(migrate.Command):
    """Django's `migrate`, run as the owner of the tables, and only once at a time.

    Grants and policies are for the runtime role, so the role is checked first. A statement that
    waits too long for a lock is cancelled, and its migration is run again.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        for action in parser._actions:
            if action.dest == "database":
                action.default, action.help = OWNER, "The connection to use, “owner” by default."

    def handle(self, *args: Any, **options: Any) -> None:
        using = options["database"]
        if reason := strong_role(runtime_role(), using):
            raise CommandError(reason)
        with _alone(using):
            try:
                retry_locks(lambda: super(Command, self).handle(*args, **options))
            except MigrationSchemaMissing:
                raise CommandError(
                    "The role of DATABASE_OWNER_URL may not make tables in the schema public: "
                    "let it own the database, or the schema."
                )
            except OperationalError as error:
                if not is_lock_failure(error):
                    raise
                raise CommandError(
                    "A migration could not lock a table that other transactions keep in use. "
                    "End the long ones, which the view pg_stat_activity lists, and run "
                    "`manage.py migrate` again: it continues where it stopped."
                )


@contextmanager
def _alone(using: str) -> Iterator[None]:
    """Hold the migration lock, with the lock timeout set.

    The lock is polled. A waiting statement would hold a snapshot, and a concurrent index build
    would wait for that snapshot in turn.
    """
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        while cursor.fetchone() != (True,):
            time.sleep(SECONDS_BETWEEN_ATTEMPTS)
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        try:
            cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
            yield
        finally:
            cursor.execute("RESET lock_timeout")
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
