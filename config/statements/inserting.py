"""Inserts new rows by statements that are compiled once."""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.models.expressions import DatabaseDefault
from django.db.models.functions import Now

from .compiling import Placeholder, Statement, compiled

type Field = models.Field[Any, Any]


def insert(row: Any) -> None:
    """Insert a row as `row.save(force_insert=True)` does, and set fields that the database fills.

    Sends no `pre_save` or `post_save` signals.
    """
    row._prepare_related_fields_for_save(operation_name="save")
    if row.pk is None:
        row.pk = row._meta.pk.get_pk_value_on_save(row)
    connection = connections[DEFAULT_DB_ALIAS]
    given, values = [], {}
    computed: dict[Field, str] = {}
    for field in row._meta.concrete_fields:
        if field.generated:
            continue
        value = field.pre_save(row, add=True)
        if isinstance(value, Now):
            computed[field] = "statement_timestamp()"
        elif not isinstance(value, DatabaseDefault):
            given.append(field)
            values[field.attname] = field.get_db_prep_save(value, connection)
    added = [field for field in row._meta.db_returning_fields if field not in given]
    added += [field for field in computed if field not in added]
    key = (type(row), "insert", *values)
    found = compiled(key, lambda: _statement(row._meta.db_table, given, computed, added)).rows(
        values
    )
    for field, value in zip(added, found[0], strict=bool(added)):
        setattr(row, field.attname, value)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def _statement(
    table: str, given: list[Field], computed: dict[Field, str], added: list[Field]
) -> Statement:
    quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in [*given, *computed])
    slots = ", ".join([*("%s" for _ in given), *computed.values()])
    returned = ", ".join(quote(str(field.column)) for field in added) or "1"
    return Statement(
        f"INSERT INTO {quote(table)} ({columns}) VALUES ({slots}) RETURNING {returned}",  # noqa: S608
        tuple(Placeholder(field.attname) for field in given),
    )
