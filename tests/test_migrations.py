"""Migrations since the last release are safe on large tables, and correct on existing data."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import connections, models, transaction
from django.db.migrations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    CreateModel,
    Migration,
    RemoveField,
    RemoveIndex,
    RenameField,
    RunPython,
    RunSQL,
)
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.db.models.functions import Now, Random

from config.changes.operations import KeepChanges
from config.server.operations import (
    AddIndexConcurrently,
    Backfill,
    RunSqlFiles,
    SetNotNull,
    ValidateConstraint,
)
from config.tenancy.operations import Grant, GrantExecute, Revoke, runtime_role
from tests.template import run_client
from tests.upgrades import landed
from tests.upgrades.catalog import contents, differences, objects
from tests.upgrades.prices import ODD, prices_after, prices_before, untaxed
from tests.upgrades.rules import find_unsafe
from tests.upgrades.unsquashed import unsquashed

ROOT = landed.ROOT
OURS = ("config", "customers", "billing", "credits", "bookings")
# Tables that Django itself writes to after each upgrade.
GROWING = {"django_migrations", "django_content_type", "auth_permission"}
# Columns ("table.column") whose values a migration since the last release changes on purpose.
SET_ANEW: set[str] = {"changes_webhookendpoint.types"}
# Tables that stay small: a company has at most 100 webhooks.
SMALL = {"changes_webhookendpoint"}


# --- What a migration may do ----------------------------------------------------------------------


def test_what_has_landed_is_still_there() -> None:
    loader = MigrationLoader(None)
    ours = {app for app, _ in loader.disk_migrations if _is_ours(loader, app)}
    gone = {one for one in landed.migrations() if one[0] in ours} - loader.disk_migrations.keys()
    assert not gone, "landed migrations are never removed: mend forward with another one"


def test_migrations_since_the_release_are_safe_on_large_tables() -> None:
    loader = MigrationLoader(None, replace_migrations=False)
    state, found = ProjectState(), list[str]()
    for migration in unsquashed(loader):
        key = (migration.app_label, migration.name)
        if key not in landed.migrations() and _is_ours(loader, key[0]):
            found += find_unsafe(migration, state, landed.tables() - SMALL)
        else:
            migration.mutate_state(state, preserve=False)
    assert not found, "\n".join(found)


def _is_ours(loader: MigrationLoader, app: str) -> bool:
    """Return whether an app is part of this software."""
    modules = {type(one).__module__ for key, one in loader.disk_migrations.items() if key[0] == app}
    return all(module.startswith(OURS) for module in modules)


INTEGER = models.IntegerField(null=True)
CHECK = models.CheckConstraint(condition=models.Q(rank__gte=0), name="rank_not_negative")
DOUBLE = models.GeneratedField(
    expression=models.F("rank") * 2, output_field=models.IntegerField(), db_persist=True
)
# Unsafe operations, by a part of the advice in the error.
UNSAFE = {
    "AddIndexConcurrently": AddIndex("thing", models.Index(fields=["rank"], name="thing_rank")),
    "RemoveIndexConcurrently": RemoveIndex("thing", "thing_name"),
    "constant db_default": AddField("thing", "at", models.FloatField(db_default=Random())),
    "the release before inserts": AddField("thing", "size", models.IntegerField(default=1)),
    "fill it with a trigger": AddField("thing", "double", DOUBLE),
    "add the constraint NOT VALID": AddField(
        "thing", "other", models.ForeignKey("billing.Thing", models.PROTECT, null=True)
    ),
    "second column": AlterField("thing", "rank", models.BigIntegerField(null=True)),
    "use SetNotNull": AlterField("thing", "rank", models.IntegerField()),
    "use AddConstraintNotValid": AddConstraint("thing", CHECK),
    "build a unique index": AddConstraint(
        "thing", models.UniqueConstraint(fields=["rank"], name="thing_once")
    ),
    "drop it in the next release": RemoveField("thing", "rank"),
    "the release before uses it": RenameField("thing", "rank", "place"),
    "cannot be checked": RunPython(lambda *_: None),
    "atomic = False": Backfill("billing_thing", "rank = 1", where="rank IS NULL"),
    "in a migration with atomic": RunSQL(
        "ALTER TABLE billing_thing ADD CONSTRAINT a CHECK (rank > 0) NOT VALID;"
        "ALTER TABLE billing_thing VALIDATE CONSTRAINT a"
    ),
    "use AddIndexConcurrently (CREATE UNIQUE": RunSQL(
        "CREATE UNIQUE INDEX a ON public.billing_thing (rank) WHERE rank > 0"
    ),
    "use Backfill": RunSQL("-- All of it.\nUPDATE billing_thing SET rank = 1"),
    "use AddConstraintNotValid, then": RunSQL(
        "ALTER TABLE billing_thing ADD CONSTRAINT a FOREIGN KEY (rank) REFERENCES b (id)"
    ),
    "written anew": RunSQL('ALTER TABLE "billing_thing" SET LOGGED'),
    "no table is locked": RunSQL("LOCK TABLE billing_thing"),
    "do it otherwise": RunSQL("DO $$ BEGIN UPDATE billing_thing SET rank = 1; END $$"),
}
SAFE = [
    CreateModel("New", [("id", models.BigAutoField(primary_key=True)), ("rank", INTEGER)]),
    AddIndex("new", models.Index(fields=["rank"], name="new_rank")),
    AddField("thing", "size", INTEGER),
    AddField("thing", "seen_at", models.DateTimeField(db_default=Now())),
    AddField("thing", "word", models.CharField(max_length=9, db_default="")),
    AlterField("thing", "rank", models.IntegerField(null=True, verbose_name="place")),
    AddConstraintNotValid("thing", CHECK),
    Grant(["SELECT"], "billing_thing"),
    Revoke(["DELETE"], "billing_thing"),
    GrantExecute("thing_rank(integer)"),
    RunSqlFiles("sql/tax.sql"),
    KeepChanges("billing_plan"),
    RunSQL(
        "CREATE OR REPLACE FUNCTION a() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " UPDATE billing_thing SET rank = 1; RETURN NULL; END $$;"
        "CREATE TRIGGER a AFTER INSERT OR UPDATE ON billing_thing"
        " FOR EACH ROW EXECUTE FUNCTION a()"
    ),
]


def complaints(*operations: Any, atomic: bool = True) -> list[str]:
    """Return the faults of operations on `billing_thing`, a table that may be large."""
    migration = Migration("9999_change", "billing")
    migration.operations, migration.atomic = operations, atomic
    state = ProjectState()
    fields = [("id", models.BigAutoField(primary_key=True)), ("rank", INTEGER)]
    fields.append(("name", models.CharField(max_length=9)))
    indexes = [models.Index(fields=["name"], name="thing_name")]
    CreateModel("Thing", fields, {"indexes": indexes}).state_forwards("billing", state)
    return find_unsafe(migration, state, {"billing_thing"})


def test_an_operation_that_locks_or_rewrites_a_large_table_is_found() -> None:
    for advice, operation in UNSAFE.items():
        assert advice in " ".join(complaints(operation))


def test_an_operation_that_is_done_at_once_is_let_through() -> None:
    assert complaints(*SAFE) == []


def test_only_what_can_be_repeated_runs_outside_a_transaction() -> None:
    repeatable = [
        AddIndexConcurrently("thing", models.Index(fields=["rank"], name="thing_rank")),
        Backfill("billing_thing", "rank = 1", where="rank IS NULL"),
        ValidateConstraint("thing", "rank_not_negative"),
        SetNotNull("thing", "rank", models.IntegerField()),
        RunSqlFiles("sql/tax.sql"),
        KeepChanges("billing_plan"),
    ]
    assert complaints(*repeatable, atomic=False) == []
    assert complaints(RunSQL("SELECT 1"), atomic=False)


# --- A database of the last release is upgraded ---------------------------------------------------


@contextmanager
def database_of_last_release(name: str) -> Iterator[str]:
    """Create a database from the dump of the last release, and yield its URL."""
    owner_url = settings.EMBEDDED.owner_url
    url = owner_url.replace("/regulars?", f"/{name}?")
    with psycopg.connect(owner_url.replace("/regulars?", "/postgres?"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        try:
            run_client("psql", "--quiet", "--set=ON_ERROR_STOP=1", url, sql=landed.dump())
            yield url
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def upgrade(url: str) -> None:
    """Run `manage.py migrate` on a database."""
    urls = {"DATABASE_URL": url.replace("regulars_owner@", "regulars@"), "DATABASE_OWNER_URL": url}
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | urls, check=True)


def look(url: str) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        return objects(cursor), contents(cursor)


def test_an_upgraded_database_is_as_a_fresh_one_and_keeps_its_rows() -> None:
    with database_of_last_release(f"regulars_upgraded_{os.getpid()}") as url:
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            cursor.execute(ODD)
            to_pay = prices_before(cursor)
        before_objects, before = look(url)
        upgrade(url)
        upgraded, after = look(url)
        with psycopg.connect(url) as connection, connection.cursor() as cursor:
            assert prices_after(cursor) == to_pay, "nobody pays more or less after the upgrade"
            assert prices_after(cursor, behavior="inclusive") != to_pay, "a negative control"
            assert untaxed(cursor) == []
            cursor.execute("SELECT DISTINCT tax_behavior, tax_rate FROM access_company")
            assert cursor.fetchall() == [("exclusive", 0)], "nor is asked for more at new prices"
    with connections["owner"].cursor() as cursor:
        fresh = objects(cursor)
    assert differences(upgraded, fresh) == {}
    assert lost(before, after) == []
    # Negative controls: the old database differs from a fresh one, and it has rows.
    assert differences(before_objects, fresh)
    assert all(before[table]["rows"] > 0 for table in ("credits_entry", "changes_change"))
    assert {table for table, _ in to_pay} >= before.keys() & {
        *("bookings_service", "bookings_pricingoption", "bookings_media", "bookings_booking"),
        *("bookings_mediapurchase", "billing_plan", "billing_invoice", "credits_passproduct"),
        "credits_passpurchase",
    }


def lost(before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]]) -> list[str]:
    """Return the tables and columns whose rows or values changed."""
    found = []
    for table, was in before.items():
        now = after.get(table, {"rows": None})
        if table in GROWING:
            found += [table] if now["rows"] < was["rows"] else []
        elif now["rows"] != was["rows"]:
            found.append(f"{table}: {was['rows']} rows became {now['rows']}")
        else:
            names = {f"{table}.{column}": column for column in was.keys() & now.keys()}
            found += [
                f"{name} has other values"
                for name, column in names.items()
                if was[column] != now[column] and name not in SET_ANEW
            ]
    return found


def test_a_right_that_a_removed_migration_left_behind_is_taken_back() -> None:
    """The dump no longer has the right, so the test grants it and runs the migration again."""
    tables = ("changes_webhookdelivery", "changes_webhookattempt")
    migrations = MigrationLoader(None).disk_migrations
    revokes = [
        operation
        for (app, _), migration in migrations.items()
        for operation in migration.operations
        if app == "changes" and isinstance(operation, Revoke)
    ]

    def may_delete() -> list[bool]:
        sql = "SELECT has_table_privilege(%s, name, 'DELETE') FROM unnest(%s::text[]) AS name"
        cursor.execute(sql, [runtime_role(), list(tables)])
        return [row[0] for row in cursor.fetchall()]

    owner = connections["owner"]
    with transaction.atomic("owner"), owner.cursor() as cursor:
        cursor.execute(f"GRANT DELETE ON {', '.join(tables)} TO {runtime_role()}")
        assert may_delete() == [True, True]
        with owner.schema_editor(atomic=False) as editor:
            for operation in revokes:
                operation.database_forwards("changes", editor)
        assert may_delete() == [False, False]
        transaction.set_rollback(True, "owner")


CHANGES = {
    "rights on credits_entry": "GRANT DELETE ON credits_entry TO regulars",
    "column credits_entry.amount": "GRANT UPDATE (amount) ON credits_entry TO regulars",
    "column billing_plan.name": "ALTER TABLE billing_plan ALTER name DROP NOT NULL",
    "policy credits_entry company": "DROP POLICY company ON credits_entry",
    "table credits_entry": "ALTER TABLE credits_entry DISABLE ROW LEVEL SECURITY",
    "trigger credits_entry keep_entry": "ALTER TABLE credits_entry DISABLE TRIGGER keep_entry",
    "index customer_words": "DROP INDEX customer_words",
    "constraint billing_plan more": "ALTER TABLE billing_plan ADD CONSTRAINT more CHECK (true)",
    "function regulars_today(uuid)": "GRANT EXECUTE ON FUNCTION regulars_today(uuid) TO regulars",
    "type more": "CREATE TYPE more AS ENUM ()",
    "schema public": "GRANT CREATE ON SCHEMA public TO regulars",
}


def test_every_difference_between_two_databases_is_found() -> None:
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        before = objects(cursor)
        for statement in CHANGES.values():
            cursor.execute(statement)
        assert differences(before, objects(cursor)).keys() >= CHANGES.keys()
        transaction.set_rollback(True, "owner")


def test_a_value_or_a_row_that_an_upgrade_loses_is_found() -> None:
    was = {"thing": {"rows": 2, "name": 7, "old": 1}, "django_migrations": {"rows": 3}}
    now = {"thing": {"rows": 2, "name": 7, "new": 5}, "django_migrations": {"rows": 4}}
    assert lost(was, now) == []
    assert lost(was, now | {"thing": {"rows": 2, "name": 8}}) == ["thing.name has other values"]
    assert lost(was, now | {"thing": {"rows": 1}}) == ["thing: 2 rows became 1"]
    assert lost(was, {"django_migrations": {"rows": 4}}) == ["thing: 2 rows became None"]
