"""Operations that change a large table under load, and `migrate` while a table is in use."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connections, models
from django.db.migrations import AddField, Migration
from django.db.migrations.state import ModelState, ProjectState
from django.db.models import Index

from config.server import operations
from config.server.management.commands import migrate
from config.server.operations import (
    AddIndexConcurrently,
    Backfill,
    RemoveIndexConcurrently,
    SetNotNull,
)
from tests.conftest import DATABASES

pytestmark = pytest.mark.django_db(transaction=True, databases=DATABASES)

ROWS = 10
ADD_RANK = AddField("scratch", "rank", models.IntegerField(null=True))


class Scratch:
    """A table that the owner creates and drops."""

    def __init__(self) -> None:
        self.owner = connections["owner"]
        self.state = ProjectState()
        fields = [("id", models.BigAutoField(primary_key=True)), ("size", models.IntegerField())]
        self.state.add_model(ModelState("access", "Scratch", fields, {"db_table": "scratch"}))

    def run(self, *steps: Any, atomic: bool = False) -> None:
        """Apply operations as one migration."""
        migration = Migration("9999_scratch", "access")
        migration.operations, migration.atomic = steps, atomic
        with self.owner.schema_editor(atomic=atomic) as editor:
            self.state = migration.apply(self.state, editor)

    def ask(self, query: str) -> list[Any]:
        with self.owner.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall() if cursor.description else []


@pytest.fixture
def scratch() -> Iterator[Scratch]:
    """A table of ten rows; each UPDATE adds a row to `scratch_log`."""
    table = Scratch()
    table.ask(
        f"""
        CREATE TABLE scratch (id bigint PRIMARY KEY, size integer NOT NULL);
        INSERT INTO scratch SELECT n, n FROM generate_series(1, {ROWS}) n;
        CREATE TABLE scratch_log (transaction xid8, unrecorded text);
        CREATE FUNCTION scratch_note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO scratch_log
            SELECT pg_current_xact_id(), current_setting('regulars.unrecorded', true);
            RETURN NULL;
        END $$;
        CREATE TRIGGER scratch_note AFTER UPDATE ON scratch
            FOR EACH STATEMENT EXECUTE FUNCTION scratch_note();
        """
    )
    yield table
    table.ask("DROP TABLE scratch, scratch_log; DROP FUNCTION scratch_note()")


def test_a_backfill_commits_by_batches_unrecorded_and_can_be_continued(scratch: Scratch) -> None:
    scratch.run(ADD_RANK, atomic=True)
    scratch.ask("ALTER TABLE scratch ADD CONSTRAINT six CHECK (rank IS NULL OR size < 6)")
    step = Backfill("scratch", "rank = 1", where="rank IS NULL", batch=2)
    with pytest.raises(Exception, match="six"):
        scratch.run(step)
    assert scratch.ask("SELECT count(rank) FROM scratch") == [(4,)]
    batches = "SELECT count(DISTINCT transaction) FROM scratch_log WHERE unrecorded = 'on'"
    assert scratch.ask(batches) == [(2,)]
    scratch.ask("ALTER TABLE scratch DROP CONSTRAINT six; UPDATE scratch SET rank = 7 WHERE id = 1")
    scratch.run(step)
    assert scratch.ask("SELECT sum(rank), count(rank) FROM scratch") == [(7 + ROWS - 1, ROWS)]
    # The last batch, which finds no rows, is a statement too.
    assert scratch.ask(batches) == [(2 + 3 + 1,)]


def test_an_index_is_built_again_where_an_attempt_left_it_invalid(scratch: Scratch) -> None:
    scratch.ask("INSERT INTO scratch VALUES (99, 1)")
    with pytest.raises(Exception, match="scratch_size"):
        scratch.ask("CREATE UNIQUE INDEX CONCURRENTLY scratch_size ON scratch (size)")
    valid = "SELECT indisvalid FROM pg_index WHERE indexrelid = 'scratch_size'::regclass"
    assert scratch.ask(valid) == [(False,)]
    step = AddIndexConcurrently("scratch", Index(fields=["size"], name="scratch_size"))
    before = scratch.state.clone()
    scratch.run(step)
    assert scratch.ask(valid) == [(True,)]
    scratch.state = before
    scratch.run(step)
    scratch.run(RemoveIndexConcurrently("scratch", "scratch_size"))
    assert scratch.ask("SELECT to_regclass('scratch_size')") == [(None,)]


def test_a_column_becomes_not_null_and_no_check_stays(scratch: Scratch) -> None:
    scratch.run(ADD_RANK, atomic=True)
    step = SetNotNull("scratch", "rank", models.IntegerField())
    before = scratch.state.clone()
    with pytest.raises(Exception, match="rank_is_set"):
        scratch.run(step)
    scratch.state = before
    scratch.run(Backfill("scratch", "rank = 1", where="rank IS NULL"), step)
    facts = "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'scratch'::regclass"
    assert scratch.ask(f"{facts} AND attname = 'rank'") == [(True,)]
    checks = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'scratch'::regclass"
    assert scratch.ask(f"{checks} AND contype = 'c'") == [(0,)]


def hold(scratch: Scratch, until: threading.Event, is_held: threading.Event) -> None:
    """Read the table in a transaction that stays open."""
    other = scratch.owner.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN; SELECT count(*) FROM scratch")
            is_held.set()
            until.wait(30)
            cursor.execute("COMMIT")
    finally:
        other.close()


@pytest.fixture
def held(scratch: Scratch) -> Iterator[threading.Event]:
    """Another transaction has read the table and stays open until the event is set."""
    until, is_held = threading.Event(), threading.Event()
    other = threading.Thread(target=hold, args=(scratch, until, is_held))
    other.start()
    assert is_held.wait(30)
    yield until
    until.set()
    other.join()


def migrate_with(monkeypatch: pytest.MonkeyPatch, work: Any) -> None:
    """Run `manage.py migrate`, with `work` in place of Django's command."""
    monkeypatch.setattr(migrate.migrate.Command, "handle", lambda *_, **__: work())
    call_command("migrate")


def test_migrate_waits_shortly_for_a_lock_and_tries_again(
    scratch: Scratch, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = 0

    def lock_table() -> None:
        nonlocal refused
        try:
            scratch.ask("ALTER TABLE scratch ADD COLUMN note text")
        except OperationalError:
            # The lock is released only here; without a timeout the statement would wait for it.
            refused += 1
            held.set()
            raise

    migrate_with(monkeypatch, lock_table)
    assert refused
    assert scratch.ask("SELECT count(note) FROM scratch") == [(0,)]
    assert scratch.ask("SHOW lock_timeout") == [("0",)]


@pytest.mark.usefixtures("held")
def test_migrate_says_what_to_do_about_a_lock_that_it_does_not_get(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "SECONDS_TO_RETRY", 1.0)
    with pytest.raises(CommandError, match="pg_stat_activity"):
        migrate_with(monkeypatch, lambda: scratch.ask("DROP TABLE scratch"))


def test_a_migrate_that_waits_for_another_keeps_no_snapshot(
    scratch: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise an index that the first `migrate` builds concurrently would wait for the second."""
    first = scratch.owner.copy()
    pid = scratch.owner.ensure_connection() or scratch.owner.connection.info.backend_pid
    seen: list[Any] = []
    with first.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [migrate.LOCK])

        def look_and_end(_: float) -> None:
            cursor.execute("SELECT state, backend_xmin FROM pg_stat_activity WHERE pid = %s", [pid])
            seen.append(cursor.fetchone())
            cursor.execute("SELECT pg_advisory_unlock(%s)", [migrate.LOCK])

        monkeypatch.setattr(migrate.time, "sleep", look_and_end)
        migrate_with(monkeypatch, lambda: None)
    first.close()
    assert seen == [("idle", None)]
