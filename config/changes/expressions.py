"""What a recorded change looks like outside, as PostgreSQL renders it."""

import json
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func

from .kinds import KINDS, forms, type_sql

# `form` says how values of a column are shown; see `kinds.forms`.
_SHOWN = """
CASE WHEN form IS NULL THEN NULLIF(<column> -> name, 'null'::jsonb)
     WHEN form = '-' THEN NULL
     WHEN form = '@' THEN to_jsonb(to_char((<column> ->> name)::timestamptz AT TIME ZONE 'UTC',
                                           'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))
     ELSE to_jsonb(form || replace(<column> ->> name, '-', '')) END
"""
_FIELDS = """(
SELECT COALESCE(json_object_agg(name, json_build_object('before', was, 'after', now)
                                ORDER BY name), '{}'::json)
  FROM (SELECT name, <before> AS was, <after> AS now
          FROM (SELECT name, '<forms>'::jsonb -> {table_name} ->> name AS form
                  FROM jsonb_object_keys(COALESCE({after}, {before})) AS name) named) told
 WHERE was IS DISTINCT FROM now)"""


class Told(Func):
    """SQL over columns of a change, which stand in it as `{name}`."""

    def __init__(self, sql: str, *names: str, output_field: Any) -> None:
        self.sql, self.names = sql, names
        super().__init__(*(F(name) for name in names), output_field=output_field)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        sql = self.sql
        for name, column in zip(self.names, self.get_source_expressions(), strict=True):
            sql = sql.replace(f"{{{name}}}", compiler.compile(column)[0])
        return sql, []


class AnyOf(Func):
    """Whether something is among the values of a list."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


TYPES = ArrayField(models.TextField())


def type_of() -> Told:
    """The type of a change, `customer.updated`."""
    return Told(type_sql(), "table_name", "operation", "after", output_field=models.TextField())


def noun_of() -> Told:
    """What kind of object was changed, `customer`."""
    whens = " ".join(f"WHEN '{table}' THEN '{kind.noun}'" for table, kind in KINDS.items())
    return Told(f"CASE {{table_name}} {whens} END", "table_name", output_field=models.TextField())


def object_of() -> Told:
    """The object's id in its public form."""
    whens = " ".join(f"WHEN '{table}' THEN '{kind.prefix}'" for table, kind in KINDS.items())
    sql = f"CASE {{table_name}} {whens} END || replace({{object_id}}::text, '-', '')"
    return Told(sql, "table_name", "object_id", output_field=models.TextField())


def number_of() -> Told:
    """The id of a change: its place in the order of all."""
    return Told("'chg_' || lpad(to_hex({id}), 16, '0')", "id", output_field=models.TextField())


def fields_of() -> Told:
    """The fields that changed, each with what it held before and holds after."""
    sql = _FIELDS.replace("<forms>", json.dumps(forms()))
    for column in ("before", "after"):
        sql = sql.replace(f"<{column}>", _SHOWN.replace("<column>", f"{{{column}}}"))
    return Told(sql, "table_name", "before", "after", output_field=models.JSONField())
