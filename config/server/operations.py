"""Migration operations that are safe on a table of ten million rows under load.

`manage.py migrate` cancels a statement that waits longer than LOCK_TIMEOUT for a lock, because
requests queue behind it, and then runs the same migration again. So there are two kinds of
migration:

Atomic, Django's default: rolled back completely if it gets no lock. Use it for statements that take
a lock and finish at once: CreateModel and everything that belongs to the new table, AddField of a
column that is nullable or has a constant `db_default`, RemoveField, Django's AddConstraintNotValid,
functions and triggers (RunSqlFiles), Grant, Revoke, GrantExecute.

`atomic = False`: for reading or writing a whole table, or locking several tables in turn. It may
contain only these operations. Each commits on its own, and does nothing when it runs a second time,
after a lock timeout or a kill:

    AddIndexConcurrently("customer", models.Index(…))     replaces AddIndex
    RemoveIndexConcurrently("customer", "customer_old")   replaces RemoveIndex
    Backfill("customers_customer", "rank = 1", where="rank IS NULL")
    ValidateConstraint("customer", "customer_rank")       after AddConstraintNotValid
    SetNotNull("customer", "rank", models.IntegerField()) replaces AlterField
    RunSqlFiles("sql/tax.sql"), KeepChanges               also in an atomic migration

A new column with values takes three migrations: first AddField (null=True); then Backfill,
ValidateConstraint and SetNotNull; last the code that reads the column. Meanwhile the previous
release writes rows, which need a value: from a `db_default`, or from a trigger of the first
migration. To change a column's type, add a second column in this way, and remove the first one in
the next release.

The owner bypasses row-level security. A Backfill is not recorded as a change, and does not set
`updated_at`. tests/test_migrations.py refuses all other operations on an existing table.
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

# How long a migration, and the requests behind it, may wait for a lock.
LOCK_TIMEOUT = "300ms"
# For example, an export may read a table for minutes.
SECONDS_TO_RETRY = 15 * 60.0
FIRST_PAUSE = 0.2
LONGEST_PAUSE = 5.0


class AddIndexConcurrently(operations.AddIndexConcurrently):
    """Builds an index while the table is in use; replaces an index that a failed attempt left."""

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
            # The statement waits for every open transaction, but no other statement waits for it.
            cursor.execute("SET lock_timeout = 0")
            try:
                super().database_forwards(app_label, schema_editor, from_state, to_state)
            finally:
                cursor.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


class Backfill(Operation):
    """Sets columns of many rows, in batches by id, each in its own transaction.

    `assignments` is the SQL after SET. `where` selects the rows that are not set yet, so that a
    second run continues where the first one ended. In both, `id` is the row's id.
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
        """Set the rows of the next batch and return its last id, None after the last batch."""
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
    """Makes a column NOT NULL without scanning the table under a lock that blocks requests.

    PostgreSQL relies on a validated CHECK, and validating one does not block reads and writes.
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

    One file has the complete current version of each function and trigger. To change one, edit its
    file and run the file in a new migration. CREATE OR REPLACE keeps the owner and the grants, so a
    file can run at any time; a new function also needs GrantExecute.

    In a new database, every migration that names a file runs it. So function bodies are not
    checked, because they may use columns of later migrations. Triggers, and bodies of the form
    RETURN or BEGIN ATOMIC, are always checked: those of a new table need a new file.

    If the migration is not atomic, each file is one transaction, which holds its locks only
    briefly.
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
    """Call a function that can be repeated, and retry it with pauses while it gets no lock.

    Raises OperationalError after SECONDS_TO_RETRY.
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
    """Return whether a statement was cancelled because other sessions hold a lock that it needs."""
    return isinstance(error.__cause__, LockNotAvailable | DeadlockDetected)


def _literal(fragment: str) -> str:
    """Escape SQL, so that the driver finds no placeholders in it."""
    return fragment.replace("%", "%%")
