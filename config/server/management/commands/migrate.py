from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.exceptions import MigrationSchemaMissing

from config.access.checks import strong_role
from config.access.operations import runtime_role

OWNER = "owner"
# Any number that nothing else locks in this database.
LOCK = 7_264_185


class Command(migrate.Command):
    """Django's `migrate`, as the role that owns the tables, and never twice at the same time.

    Grants and policies are written for the runtime role, so it must be a fit one beforehand.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        for action in parser._actions:
            if action.dest == "database":
                action.default, action.help = OWNER, "The connection to use, “owner” by default."

    def handle(self, *args: Any, **options: Any) -> None:
        if reason := strong_role(runtime_role(), options["database"]):
            raise CommandError(reason)
        with connections[options["database"]].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                super().handle(*args, **options)
            except MigrationSchemaMissing:
                raise CommandError(
                    "The role of DATABASE_OWNER_URL may not make tables in the schema public: "
                    "let it own the database, or the schema."
                )
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
