"""Reads rows of several tables in one statement, for pages that show parts of many tables."""

import copy
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS
from django.db.models import JSONField, QuerySet, UUIDField

from config.statements.compiling import Param, Statement
from config.tenancy.scoping import TenantQuerySet


class Whose:
    """A stand-in for the row of a page, whose values are placeholders of compiled statements."""

    pk = Param("pk", UUIDField())
    company_id = Param("company_id", UUIDField())


def values_of(row: Any) -> dict[str, Any]:
    """Return the values of the placeholders of `Whose`, from a row."""
    return {"pk": row.pk, "company_id": row.company_id}


class Gathering:
    """Querysets that one statement reads together; the statement is compiled once.

    The results are the instances that each queryset would yield on its own, with its joins and
    annotations. Values that differ between runs must be `Param`.
    """

    def __init__(self, parts: Mapping[str, QuerySet[Any, Any]]) -> None:
        self.parts = parts
        self.compilers: dict[str, Any] = {}
        columns: list[str] = []
        values: list[Any] = []
        for name, rows in parts.items():
            compiler = rows.query.get_compiler(using=DEFAULT_DB_ALIAS)
            try:
                sql, params = compiler.as_sql()
            except EmptyResultSet:
                continue
            self.compilers[name] = compiler
            columns.append(_as_json(compiler, sql))
            values += params
        self.statement = Statement(f"SELECT {', '.join(columns)}", tuple(values))

    def read(self, values: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Return the rows of each queryset, under its name."""
        found: dict[str, str] = {}
        if self.compilers:
            (texts,) = self.statement.rows(values)
            found = dict(zip(self.compilers, texts, strict=True))
        return {
            name: _instances(rows, self.compilers[name], found[name]) if name in found else []
            for name, rows in self.parts.items()
        }


def gather(parts: Mapping[str, QuerySet[Any, Any]]) -> dict[str, list[Any]]:
    """Read querysets in one statement that is compiled for this call only."""
    for rows in parts.values():
        if isinstance(rows, TenantQuerySet):
            rows.name_company()
    return Gathering(parts).read({})


def _as_json(compiler: Any, sql: str) -> str:
    """Wrap a statement into one value: a JSON list of its rows, with keys c0, c1 and so on."""
    columns = ", ".join(f"c{number}" for number in range(len(compiler.select)))
    rows = f"({sql}) AS part ({columns})"
    return f"(SELECT coalesce(json_agg(part), '[]')::text FROM {rows})"  # noqa: S608


def _instances(rows: QuerySet[Any, Any], compiler: Any, text: str) -> list[Any]:
    """Return the instances that the queryset builds from the rows of the JSON text."""
    fields = [column.output_field for column, *_ in compiler.select]
    read = [
        [_read(field, value) for field, value in zip(fields, row.values(), strict=True)]
        for row in json.loads(text, parse_float=Decimal)
    ]
    if not read:
        return []
    known, fed = rows.all(), copy.copy(compiler)
    fed.execute_sql = lambda *args, **options: [read]
    known.query.get_compiler = lambda *args, **options: fed  # type: ignore[method-assign]
    return list(known)


def _read(field: Any, value: Any) -> Any:
    """Convert a value of the JSON document to the value that the database driver would return."""
    if isinstance(field, JSONField):
        return json.dumps(value, default=float)
    return field.to_python(value)
