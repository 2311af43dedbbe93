"""Applies and saves changes of fields; `Changes` maps field names to new values."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import DEFAULT_DB_ALIAS, connections, models

from config.tenancy.scoping import active_company

from .compiling import fetch_rows

type Changes = Mapping[str, object]


def apply_changes(row: models.Model, changes: Changes) -> list[str]:
    """Set the fields whose values differ; return their names."""
    changed = []
    for name, value in changes.items():
        field = row._meta.get_field(name)
        assert isinstance(field, models.Field)
        key = value.pk if isinstance(value, models.Model) else value
        if field.value_from_object(row) != key:
            setattr(row, name, value)
            changed.append(name)
    return changed


def save_changes(row: models.Model, names: Iterable[str]) -> None:
    """Save these fields of a row and `updated_at`; do nothing if there are none."""
    if names := [*names]:
        row.save(update_fields=[*names, "updated_at"])


def save_many(rows: Sequence[models.Model], names: Iterable[str]) -> None:
    """Save these fields, and `updated_at`, of rows of the active company by one statement.

    All rows must be of one model, and the caller must have locked them.
    """
    names = sorted(names)
    if not (rows and names):
        return
    model, connection = type(rows[0]), connections[DEFAULT_DB_ALIAS]
    quote, has_clock = connection.ops.quote_name, hasattr(model, "updated_at")
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    columns = [quote(field.column) for field in fields]
    typed = ", ".join(f"{quote(field.column)} {field.db_type(connection)}" for field in fields)
    sql = f"""
UPDATE {quote(model._meta.db_table)} row
   SET {", ".join(f"{column} = given.{column}" for column in columns)}
       {", updated_at = clock_timestamp()" if has_clock else ""}
  FROM json_to_recordset(%(rows)s) given (id uuid, {typed})
 WHERE row.company_id = %(company_id)s AND row.id = given.id
RETURNING 1
"""  # noqa: S608
    given = [
        {"id": row.pk} | {field.column: field.value_from_object(row) for field in fields}
        for row in rows
    ]
    values = {"rows": json.dumps(given, cls=DjangoJSONEncoder), "company_id": active_company()}
    fetch_rows(sql, values)
