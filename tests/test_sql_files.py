"""Each function and trigger is defined in one file below `sql/`, exactly as in the database."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connections, transaction
from django.db.migrations import Migration, RunSQL
from django.db.migrations.loader import MigrationLoader

from config.changes.operations import KeepChanges
from config.server.operations import RunSqlFiles
from config.server.squashing import Squashed
from tests.conftest import DATABASES
from tests.upgrades.catalog import differences, objects
from tests.upgrades.rules import sql_statements

pytestmark = pytest.mark.django_db(databases=DATABASES)

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "config" / "changes" / "sql" / "audit_trigger.sql"
FILES = sorted({*ROOT.glob("*/sql/*.sql"), *ROOT.glob("config/*/sql/*.sql")} - {TEMPLATE})

# Migrations that landed before these files, and the SQL files of those migrations.
LANDED_WITH_SQL = {
    "billing": "0007_lines_are_kept_whole.py dates.sql guards.sql",
    "bookings": "guards.sql",
    "config/access": "counting.sql entering.sql limits.sql take_key.sql",
    "config/changes": "0008_one_look_each.py changes.sql webhooks.sql",
    "credits": "0006_ledger_is_kept_whole.py ends.sql ledger.sql today.sql",
    "customers": (
        "0004_rare.py 0005_words_alone.py counting.sql filled.sql finding.sql indexing.sql"
        " matching.sql normalizing.sql search.sql searching.sql unfilled.sql words.sql"
    ),
}

_KIND = r"(?:FUNCTION|PROCEDURE|(?:CONSTRAINT )?TRIGGER)"
DEFINES = re.compile(
    rf"\bCREATE (?:OR REPLACE )?{_KIND}"
    r"|\bALTER (?:FUNCTION|PROCEDURE|ROUTINE)"
    r"|\bpg_get_functiondef",
    re.IGNORECASE,
)

# Excludes the functions and triggers of the job queue's library.
_FUNCTIONS = """
SELECT proname FROM pg_proc JOIN pg_language ON pg_language.oid = prolang
 WHERE pronamespace = 'public'::regnamespace AND lanname IN ('sql', 'plpgsql')
   AND proname !~ '^procrastinate_'
"""
_TRIGGERS = """
SELECT tgrelid::regclass || ' ' || tgname FROM pg_trigger
 WHERE NOT tgisinternal AND tgrelid::regclass::text !~ '^procrastinate_'
"""


def operations(kind: type[Any]) -> Iterator[tuple[str, Any]]:
    """Yield the app and the operation, for each operation of a type, in the order of migrations."""
    loader = MigrationLoader(None)
    for key in loader.graph._generate_plan(loader.graph.leaf_nodes(), at_end=True):
        for operation in loader.graph.nodes[key].operations:
            parts = operation.operations if isinstance(operation, Squashed) else [operation]
            app = operation.app if isinstance(operation, Squashed) else key[0]
            yield from ((app, part) for part in parts if isinstance(part, kind))


def recorded() -> dict[str, KeepChanges]:
    """Return the newest `KeepChanges` operation of each recorded table."""
    return {operation.table: operation for _, operation in operations(KeepChanges)}


def defined(text: str) -> Counter[str]:
    """Count the functions (by name) and triggers (by "table trigger") that an SQL text defines."""
    found = Counter[str]()
    for statement in sql_statements(text):
        if match := re.match(r"CREATE OR REPLACE FUNCTION (\w+)", statement):
            found[match[1]] += 1
        elif match := re.match(
            r"CREATE (?:OR REPLACE|CONSTRAINT) TRIGGER (\w+) .*? ON (\w+) ", statement
        ):
            found[f"{match[2]} {match[1]}"] += 1
        else:
            found[statement] += 1
    return found


def in_files() -> Counter[str]:
    """Count the definitions in all files; a DROP must belong to a constraint trigger."""
    found = sum((defined(path.read_text()) for path in FILES), Counter[str]())
    for table in recorded():
        found += defined(TEMPLATE.read_text().replace("<table>", table))
    for name in list(found):
        if match := re.fullmatch(r"DROP TRIGGER IF EXISTS (\w+) ON (\w+)", name):
            assert found[f"{match[2]} {match[1]}"] == 1, name
            del found[name]
    return found


def in_database() -> set[str]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(f"{_FUNCTIONS} UNION ALL {_TRIGGERS}")
        names = [name for (name,) in cursor.fetchall()]
    assert len(names) == len(set(names)), "no function has two signatures"
    return set(names)


@contextmanager
def rolled_back() -> Iterator[Any]:
    """Yield a cursor of the owner; roll back at the end of the block."""
    with transaction.atomic("owner"), connections["owner"].cursor() as cursor:
        yield cursor
        transaction.set_rollback(True, "owner")


def run_all(cursor: Any, **changed: str) -> None:
    """Run all files and the template for each recorded table; `changed` replaces files by name."""
    for path in FILES:
        cursor.execute(changed.get(path.stem, path.read_text()))
    with connections["owner"].schema_editor(atomic=False) as editor:
        for operation in recorded().values():
            operation.database_forwards("changes", editor, None, None)


def test_every_function_and_trigger_stands_in_exactly_one_file() -> None:
    found = in_files()
    assert found.keys() == in_database()
    assert [name for name, times in found.items() if times > 1] == []


def test_a_function_that_no_file_has_is_found() -> None:
    with rolled_back() as cursor:
        cursor.execute("CREATE FUNCTION nowhere() RETURNS integer LANGUAGE sql RETURN 1")
        assert in_database() - in_files().keys() == {"nowhere"}


def test_the_database_has_functions_and_triggers_as_their_files_do() -> None:
    """Owners and grants stay the same too: `objects` includes them for functions."""
    with rolled_back() as cursor:
        before = objects(cursor)
        run_all(cursor)
        assert differences(before, objects(cursor)) == {}


# A file, a text in it, the replacement, and the object that the replacement changes.
CHANGED = [
    ("tax", "* 0.01", "* 0.02", "function billing_tax_on(bigint,numeric,text)"),
    ("search", "ROWS 50\n", "\n", "function customers_searched(text)"),
    ("search", "LIMIT 3000", "LIMIT 3001", "function customers_newest(uuid)"),
    ("payments", "SECURITY DEFINER ", "", "function billing_payment_fits()"),
    ("ledger", "UPDATE OR DELETE", "DELETE", "trigger credits_entry keep_entry"),
    ("invoices", "AFTER INSERT ON billing_payment", "AFTER INSERT OR UPDATE ON billing_payment",
     "trigger billing_payment billing_payment_adds_up"),
]  # fmt: skip


def test_a_file_or_a_recorded_table_that_says_otherwise_is_found() -> None:
    texts = dict[str, str]()
    for file, text, other, name in CHANGED:
        (path,) = [one for one in FILES if one.stem == file]
        before_change = texts.get(file, path.read_text())
        texts[file] = before_change.replace(text, other)
        assert texts[file] != before_change, name
    with rolled_back() as cursor, connections["owner"].schema_editor(atomic=False) as editor:
        before = objects(cursor)
        run_all(cursor, **texts)
        KeepChanges("billing_plan", ("name",)).database_forwards("changes", editor)
        found = differences(before, objects(cursor))
    assert found.keys() == {*(name for *_, name in CHANGED), "function billing_plan_changes()"}


def test_a_migration_runs_every_file() -> None:
    ran = {
        Path(apps.get_app_config(app).path) / file
        for app, operation in operations(RunSqlFiles)
        for file in operation.files
    }
    assert ran == set(FILES)


def with_definitions() -> set[str]:
    """Return the files outside sql/ that create, alter or patch a function or trigger."""
    return {
        str(path.relative_to(ROOT))
        for folder in ("config", "customers", "billing", "credits", "bookings")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in (".py", ".sql") and path.parent.name != "sql"
        if DEFINES.search(path.read_text())
    }


def test_no_code_and_no_new_migration_defines_a_function_or_a_trigger_itself() -> None:
    landed = {
        f"{app}/migrations/{name}"
        for app, names in LANDED_WITH_SQL.items()
        for name in names.split()
    }
    assert with_definitions() == landed, (
        "write it into a file of the app's folder sql/ and run the file with RunSqlFiles"
    )


def test_a_definition_in_a_migration_is_found() -> None:
    for text in (
        'RunSQL("CREATE FUNCTION tax() RETURNS integer LANGUAGE sql RETURN 1")',
        "create or replace function tax() returns integer",
        "CREATE CONSTRAINT TRIGGER adds_up AFTER INSERT ON billing_invoice",
        'cursor.execute("SELECT pg_get_functiondef(%s::regprocedure)", [function])',
        "ALTER FUNCTION customers_found(text, integer) ROWS 10",
    ):
        assert DEFINES.search(text), text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app's folder with an SQL file whose function reads a column that does not exist yet."""
    monkeypatch.setattr(apps.get_app_config("billing"), "path", str(tmp_path))
    (tmp_path / "early.sql").write_text(
        "CREATE OR REPLACE FUNCTION billing_early() RETURNS text LANGUAGE sql AS"
        " $$ SELECT later FROM billing_plan $$; CREATE OR REPLACE FUNCTION billing_percent()"
        " RETURNS text LANGUAGE sql AS $$ SELECT '100 %s' $$;"
    )
    return tmp_path


def migrate(*steps: Any, atomic: bool = True) -> None:
    """Apply operations as one migration of the billing app."""
    migration = Migration("9999_change", "billing")
    migration.operations, migration.atomic = steps, atomic
    state = MigrationLoader(None).project_state()
    with connections["owner"].schema_editor(atomic=atomic) as editor:
        migration.apply(state, editor)


def test_a_file_may_use_columns_that_later_migrations_make(folder: Path) -> None:
    with rolled_back() as cursor:
        migrate(RunSqlFiles("early.sql"))
        cursor.execute("SELECT billing_percent()")
        assert cursor.fetchone() == ("100 %s",)
    with rolled_back(), pytest.raises(Exception, match="later"):
        migrate(RunSQL((folder / "early.sql").read_text()))


@pytest.mark.django_db(transaction=True, databases=DATABASES)
def test_a_file_is_one_transaction_also_where_the_migration_is_none(folder: Path) -> None:
    (folder / "late.sql").write_text(
        "CREATE OR REPLACE FUNCTION billing_late() RETURNS integer LANGUAGE sql RETURN 1;"
        "CREATE OR REPLACE TRIGGER late AFTER INSERT ON nowhere EXECUTE FUNCTION billing_late();"
    )
    try:
        with pytest.raises(Exception, match="nowhere"):
            migrate(RunSqlFiles("early.sql", "late.sql"), atomic=False)
        assert {"billing_early", "billing_percent"} <= in_database()
        assert "billing_late" not in in_database()
        with connections["owner"].cursor() as cursor:
            cursor.execute("SHOW check_function_bodies")
            assert cursor.fetchone() == ("on",)
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("DROP FUNCTION IF EXISTS billing_early(), billing_percent()")
