"""Migration operations that are safe on a table of ten million rows under load.

`manage.py migrate` cancels a statement that waits longer than LOCK_TIMEOUT for a lock, since
requests queue behind it, and then runs the same migration again. Two kinds of migration follow:

Atomic, Django's default: rolled back whole when a lock is not to be had. Use it for statements that
take a lock and are done at once: CreateModel and all that belongs to the new table, AddField of
a column that is nullable or has a constant `db_default`, RemoveField, Django's
AddConstraintNotValid, functions and triggers (RunSqlFiles), Grant, Revoke, GrantExecute.

`atomic = False`: for what reads or writes a whole table, or locks several tables in turn. It holds
only these operations, which commit on their own and do nothing when they run a second time, after a
lock timeout or a kill:

    AddIndexConcurrently("customer", models.Index(…))     replaces AddIndex
    RemoveIndexConcurrently("customer", "customer_old")   replaces RemoveIndex
    Backfill("customers_customer", "rank = 1", where="rank IS NULL")
    ValidateConstraint("customer", "customer_rank")       after AddConstraintNotValid
    SetNotNull("customer", "rank", models.IntegerField()) replaces AlterField
    RunSqlFiles("sql/tax.sql"), KeepChanges               also in an atomic migration

A new column with values is three migrations: AddField (null=True); then Backfill,
ValidateConstraint and SetNotNull; the code that reads the column last. The release before writes
rows meanwhile: a `db_default`, or a trigger from the first migration, gives them their value. A
column of another type is a second column, filled that way; RemoveField of the first belongs to the
next release.

The owner passes row-level security, a Backfill is not recorded as a change, and `updated_at` stays.
tests/test_migrations.py refuses everything else on a table that was there before.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.postgres import operations
from django.contrib.postgres.operations import RemoveIndexConcurrently, ValidateConstraint
from django.db import OperationalError, connections, transaction
from django.db.migrations import AlterField, RunSQL
from django.db.migrations.operations.base import Operation, OperationCategory
from psycopg.errors import DeadlockDetected, LockNotAvailable

from config.tenancy.authors import UNRECORDED

__all__ = [
    "AddIndexConcurrently",
    "Backfill",
    "RemoveIndexConcurrently",
    "RunSqlFiles",
    "SetNotNull",
    "ValidateConstraint",
]

# The longest that a migration waits for a lock, and requests wait behind it.
LOCK_TIMEOUT = "300ms"
# An export, say, may read a table for minutes.
SECONDS_TO_RETRY = 15 * 60.0
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Builds an index while the table is written to, again if an earlier attempt was broken off."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        self._ensure_not_in_transaction(schema_editor)
        name = schema_editor.quote_name(self.index.name)
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)", [name]
            )
            found = cursor.fetchone()
            if found == (True,):
                return
            if found:
                cursor.execute(f"DROP INDEX CONCURRENTLY {name}")
            # It waits for every open transaction and makes none wait.
            cursor.execute("SET lock_timeout = 0")
            try:
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            finally:
                cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


class Backfill(Operation):
    """Sets columns of many rows, in batches by id, each in a transaction of its own.

    `assignments` is what stands after SET. `where` chooses the rows that are still to be set, so
    that a second run goes on where the first was ended. Inside both, `id` is the row's.
    """

    reduces_to_sql = False
    reversible = True
    atomic = False
    category = OperationCategory.ALTERATION

    def __init__(self, table: str, assignments: str, *, where: str, batch: int = 2000) -> None:
        self.table, self.assignments, self.where, self.batch = table, assignments, where, batch

    def deconstruct(self) -> tuple[str, Any, Any]:
        options = {"where": self.where, "batch": self.batch}
        return (type(self).__name__, [self.table, self.assignments], options)

    def state_forwards(self, app_label: str, state: Any) -> None:
        pass

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        alias = schema_editor.connection.alias
        last = None
        while last := retry_locks(partial(self._set_batch, alias, last)):
            pass
        with connections[alias].cursor() as cursor:
            cursor.execute(f"ANALYZE {schema_editor.quote_name(self.table)}")

    def database_backwards(self, *arguments: Any) -> None:
        pass

    def _set_batch(self, alias: str, after: Any) -> Any:
        """Set the rows of the next batch and return the last of their ids, None at the end."""
        table = connections[alias].ops.quote_name(self.table)
        beyond = "TRUE" if after is None else f"{table}.id > %(after)s"
        with transaction.atomic(alias), connections[alias].cursor() as cursor:
            cursor.execute(UNRECORDED)
            cursor.execute(
                f"""
                WITH batch AS MATERIALIZED (
                    SELECT {table}.id AS batch_id FROM {table}
                     WHERE {beyond} AND ({_literal(self.where)})
                     ORDER BY {table}.id LIMIT %(batch)s FOR NO KEY UPDATE OF {table}
                ), written AS (
                    UPDATE {table} SET {_literal(self.assignments)}
                      FROM batch WHERE {table}.id = batch_id
                )
                SELECT batch_id FROM batch ORDER BY batch_id DESC LIMIT 1
                """,  # noqa: S608
                {"after": after, "batch": self.batch},
            )
            row = cursor.fetchone()
        return row and row[0]

    def describe(self) -> str:
        return f"Set {self.assignments} in {self.table}, batch by batch"


class SetNotNull(AlterField):
    """Makes a column NOT NULL without scanning the table under a lock that stops requests.

    PostgreSQL trusts a validated CHECK, and validating one lets requests read and write.
    """

    reduces_to_sql = False

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        quote = schema_editor.quote_name
        table, name = quote(model._meta.db_table), model._meta.get_field(self.name).column
        column, check = quote(name), quote(f"{name}_is_set"[:63])
        for statement in (
            f"DROP CONSTRAINT IF EXISTS {check}",
            f"ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID",
            f"VALIDATE CONSTRAINT {check}",
            f"ALTER COLUMN {column} SET NOT NULL",
            f"DROP CONSTRAINT {check}",
        ):
            schema_editor.execute(f"ALTER TABLE {table} {statement}", params=None)

    def database_backwards(self, *arguments: Any) -> None:
        super().database_forwards(*arguments)

    def describe(self) -> str:
        return f"Make {self.name} of {self.model_name} NOT NULL"


class RunSqlFiles(RunSQL):
    """Defines functions and triggers from files of the app: `RunSqlFiles("sql/tax.sql")`.

    Each function and trigger stands in one file, whole, as it is now. To change one, edit its file
    and run the file in a new migration. CREATE OR REPLACE keeps the owner and the grants, so a file
    can run at any time; a new function also needs GrantExecute.

    A new database runs a file in every migration that names it. Bodies are therefore not checked:
    they may use columns of later migrations. Triggers, and bodies of the form RETURN or BEGIN
    ATOMIC, are always checked: for a new table they need a new file.

    Each file is one transaction where the migration is none: its locks are held only for a moment.
    """

    def __init__(self, *files: str) -> None:
        self.files = files
        super().__init__("", RunSQL.noop)

    def deconstruct(self) -> tuple[str, Any, Any]:
        return (type(self).__name__, [*self.files], {})

    def database_forwards(self, app_label: str, schema_editor: Any, *states: Any) -> None:
        folder = Path(apps.get_app_config(app_label).path)
        for file in self.files:
            statements = (folder / file).read_text()
            schema_editor.execute(
                f"SET LOCAL check_function_bodies = off;\n{statements}", params=None
            )

    def describe(self) -> str:
        return f"Define the functions and triggers of {', '.join(self.files)}"


def retry_locks[Result](run: Callable[[], Result]) -> Result:
    """Run what is rolled back or repeatable, again after pauses while it gets no lock.

    Raises OperationalError when SECONDS_TO_RETRY are over.
    """
    until = time.monotonic() + SECONDS_TO_RETRY
    pause = FIRST_PAUSE
    while True:
        try:
            return run()
        except OperationalError as error:
            if not is_lock_failure(error) or time.monotonic() > until:
                raise
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def is_lock_failure(error: OperationalError) -> bool:
    """Tell whether a statement was cancelled because others hold what it needs."""
    return isinstance(error.__cause__, LockNotAvailable | DeadlockDetected)


def _literal(fragment: str) -> str:
    """Return SQL in which the driver looks for no placeholders."""
    return fragment.replace("%", "%%")
