"""The rules of a migration on a table that may be large (see config/server/operations.py)."""

import re
from collections.abc import Iterator
from typing import Any

from django.db import connections
from django.db.migrations import Migration, RunPython, SeparateDatabaseAndState
from django.db.migrations.state import ProjectState

from config.changes.operations import KeepChanges
from config.server.operations import (
    AddIndexConcurrently,
    Backfill,
    RemoveIndexConcurrently,
    RunSqlFiles,
    SetNotNull,
    ValidateConstraint,
)

REPEATABLE = (
    AddIndexConcurrently, Backfill, RemoveIndexConcurrently, SetNotNull, ValidateConstraint,
)  # fmt: skip
# Each is a transaction of its own, or part of the migration's, and can run again.
IN_EITHER = (KeepChanges, RunSqlFiles)

_TABLE = r'(?:IF EXISTS )?(?:ONLY )?(?:"?public"?\.)?"?(?P<table>\w+)"?'
_ALTER = rf"ALTER TABLE {_TABLE} (?:.*, ?)?"
_COLUMN = rf"{_ALTER}ADD (?:COLUMN )?(?:IF NOT EXISTS )?(?!CONSTRAINT )[^,]*"
# Evaluated once for all rows that there are. Literals are emptied before.
_CONSTANT = r"\(?(?:''|[-+\d.]+|TRUE|FALSE|NULL|now\(\)|STATEMENT_TIMESTAMP\(\)|CURRENT_\w+)"

# Each with what to do instead.
RULES = {
    rf"CREATE (?:UNIQUE )?INDEX (?!CONCURRENTLY).* ON {_TABLE}": "use AddIndexConcurrently",
    r"DROP INDEX (?!CONCURRENTLY)": "use RemoveIndexConcurrently",
    rf"{_COLUMN}GENERATED ALWAYS AS \(": "add a plain column and fill it with a trigger, Backfill",
    rf"{_COLUMN} DEFAULT (?!{_CONSTANT}(?:[ ,):]|$))": "give it a constant db_default, or Backfill",
    rf"{_COLUMN} (?:UNIQUE|PRIMARY KEY|REFERENCES|CHECK)\b": "add the constraint NOT VALID later",
    rf"{_ALTER}ADD CONSTRAINT \S+ (?:CHECK|FOREIGN KEY)(?!.* NOT VALID)": (
        "use AddConstraintNotValid, then ValidateConstraint"
    ),
    rf"{_ALTER}ADD (?:CONSTRAINT \S+ )?(?:UNIQUE|PRIMARY KEY|EXCLUDE)(?! USING INDEX)": (
        "build a unique index concurrently"
    ),
    rf"{_ALTER}ALTER (?:COLUMN )?\S+ (?:SET DATA )?TYPE": "add a second column and Backfill it",
    rf"{_ALTER}ALTER (?:COLUMN )?\S+ SET NOT NULL": "use SetNotNull",
    rf"{_ALTER}ALTER (?:COLUMN )?\S+ DROP DEFAULT": (
        "give it a db_default: the release before inserts rows without the column"
    ),
    rf"{_ALTER}VALIDATE CONSTRAINT": "use ValidateConstraint in a migration with atomic = False",
    rf"{_ALTER}SET (?:LOGGED|UNLOGGED|TABLESPACE|ACCESS METHOD)": "the table is written anew",
    rf"(?:DROP TABLE |ALTER TABLE (?=.* (?:DROP COLUMN|RENAME) )){_TABLE}": (
        "the release before uses it: take it out of the models now, drop it in the next release"
    ),
    rf"(?:UPDATE|DELETE FROM|TRUNCATE(?: TABLE)?|MERGE INTO|COPY) {_TABLE}": "use Backfill",
    rf"WITH .*(?:UPDATE|DELETE FROM|INSERT INTO|MERGE INTO) {_TABLE}": "use Backfill",
    rf"INSERT INTO {_TABLE} (?!.*\bVALUES\b)": "use Backfill",
    rf"LOCK (?:TABLE )?{_TABLE}": "no table is locked longer than a statement takes",
    r"CLUSTER|VACUUM FULL|REINDEX (?!.*CONCURRENTLY)|REFRESH MATERIALIZED|DO\b": "do it otherwise",
}


_QUOTED = re.compile(r"\$(\w*)\$.*?\$\1\$|BEGIN ATOMIC.*?\bEND\b", re.DOTALL | re.IGNORECASE)
_LITERAL = re.compile(r"E?'(?:[^']|'')*'")
_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)


def find_unsafe(migration: Migration, before: ProjectState, large: set[str]) -> list[str]:
    """Return in one sentence each what a migration may not do, while `large` tables are in use.

    `before` becomes the state after it.
    """
    found = []
    for operation in migration.operations:
        after = before.clone()
        operation.state_forwards(migration.app_label, after)
        for complaint in _complaints(migration, operation, before, after, large):
            found.append(f"{migration}: {operation.describe()}: {complaint}.")
        before.__dict__.update(after.__dict__)
    return found


def _complaints(
    migration: Migration, operation: Any, before: ProjectState, after: ProjectState, large: set[str]
) -> Iterator[str]:
    parts = getattr(operation, "database_operations", [operation])
    if any(isinstance(part, RunPython | SeparateDatabaseAndState) for part in parts):
        yield "what Python code does cannot be checked: use RunSQL or an operation"
    elif isinstance(operation, REPEATABLE):
        if migration.atomic:
            yield "it belongs in a migration with atomic = False"
    elif not migration.atomic and not isinstance(operation, IN_EITHER):
        yield "a migration with atomic = False holds nothing that fails when it is run again"
    else:
        editor = connections["owner"].schema_editor(collect_sql=True)
        with editor:
            operation.database_forwards(migration.app_label, editor, before, after)
        for statement in sql_statements("\n".join(editor.collected_sql)):
            yield from (f"{do} ({statement[:120]})" for do in _broken_rules(statement, large))


def sql_statements(sql: str) -> Iterator[str]:
    """Yield statements in one line each, without comments, bodies of functions and literals."""
    for pattern, instead in ((_QUOTED, "''"), (_COMMENT, " "), (_LITERAL, "''")):
        sql = pattern.sub(instead, sql)
    for statement in sql.split(";"):
        if line := " ".join(statement.split()):
            yield line


def _broken_rules(statement: str, large: set[str]) -> Iterator[str]:
    for pattern, instead in RULES.items():
        if (match := re.match(pattern, statement, re.IGNORECASE)) and (
            (match.groupdict().get("table") or next(iter(large))) in large
        ):
            yield instead
