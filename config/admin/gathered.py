"""Rows of several tables in one statement, for pages that show a little of much."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import JSONField, QuerySet


def gather(parts: Mapping[str, QuerySet[Any, Any]]) -> dict[str, list[Any]]:
    """Return the rows of each queryset, under its name, read by a single statement.

    They are the instances that each would have yielded by itself, with what it joins and annotates.
    """
    statements, found = {}, dict.fromkeys(parts, "[]")
    for name, rows in parts.items():
        compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
        try:
            statements[name] = (compiler, *compiler.as_sql())
        except EmptyResultSet:
            continue
    if statements:
        columns = (_as_json(compiler, sql) for compiler, sql, _ in statements.values())
        values = [value for *_, params in statements.values() for value in params]
        with connections[DEFAULT_DB_ALIAS].cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(columns)}", values)
            found |= dict(zip(statements, cursor.fetchone(), strict=True))
    return {
        name: _instances(rows, statements[name][0], found[name]) if name in statements else []
        for name, rows in parts.items()
    }


def _as_json(compiler: Any, sql: str) -> str:
    """Return the statement as one value: its rows as objects whose keys count the columns."""
    columns = ", ".join(f"c{number}" for number in range(len(compiler.select)))
    rows = f"({sql}) AS part ({columns})"
    return f"(SELECT coalesce(json_agg(part), '[]')::text FROM {rows})"  # noqa: S608


def _instances(rows: QuerySet[Any, Any], compiler: Any, text: str) -> list[Any]:
    """Return what the queryset makes of its rows, handed to it in place of its own statement's."""
    fields = [column.output_field for column, *_ in compiler.select]
    read = [
        [_read(field, value) for field, value in zip(fields, row.values(), strict=True)]
        for row in json.loads(text, parse_float=Decimal)
    ]
    known = rows.all()
    compiler.execute_sql = lambda *args, **options: [read]
    known.query.get_compiler = lambda *args, **options: compiler  # type: ignore[method-assign]
    return list(known)


def _read(field: Any, value: Any) -> Any:
    """Return a value of a JSON document as the database's driver would have given it."""
    if isinstance(field, JSONField):
        return json.dumps(value, default=float)
    return field.to_python(value)
