"""The journal of a merge: the values of each row before and after, written before they apply.

Undoing a merge applies the journal in reverse.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import connection

from config.tenancy.merging import Values
from config.tenancy.models import TenantForeignKey

from ..models import Customer, CustomerMerge

BEFORE, AFTER = "before", "after"

# `{column}` is the key that changes on every moving row.
_MOVE = """
INSERT INTO customers_movedrow (id, company_id, merge_id, table_name, row_id, before, after)
SELECT gen_random_uuid(), row.company_id, %(merge)s, %(table)s, row.id,
       jsonb_build_object('{column}', row.{column}) || COALESCE(
           (SELECT jsonb_object_agg(name, to_jsonb(row) -> name)
              FROM jsonb_object_keys(given.value) AS name), '{{}}'),
       jsonb_build_object('{column}', %(kept)s::uuid) || COALESCE(given.value, '{{}}')
  FROM {table} AS row LEFT JOIN jsonb_each(%(given)s::jsonb) AS given ON given.key = row.id::text
 WHERE row.company_id = %(company)s AND row.{column} = %(merged)s
"""
_CHANGE = """
INSERT INTO customers_movedrow (id, company_id, merge_id, table_name, row_id, before, after)
SELECT gen_random_uuid(), row.company_id, %(merge)s, %(table)s, row.id,
       (SELECT jsonb_object_agg(name, to_jsonb(row) -> name)
          FROM jsonb_object_keys(given.value) AS name), given.value
  FROM {table} AS row JOIN jsonb_each(%(given)s::jsonb) AS given ON given.key = row.id::text
 WHERE row.company_id = %(company)s AND row.id = ANY(%(ids)s)
"""
_COLUMNS = """
SELECT moved.table_name, array_agg(DISTINCT name)
  FROM customers_movedrow AS moved CROSS JOIN jsonb_object_keys(moved.after) AS name
 WHERE moved.company_id = %(company)s AND moved.merge_id = %(merge)s
 GROUP BY moved.table_name ORDER BY moved.table_name
"""
_APPLY = """
UPDATE {table} AS row
   SET ({columns}) = (SELECT {values} FROM jsonb_populate_record(row, moved.{way}) AS was)
  FROM customers_movedrow AS moved
 WHERE moved.company_id = %(company)s AND moved.merge_id = %(merge)s
   AND moved.table_name = %(table)s AND row.company_id = moved.company_id
   AND row.id = moved.row_id AND (row.id = ANY (%(customers)s)) = %(among)s
"""


def write_moves(merge: CustomerMerge, key: TenantForeignKey, given: Mapping[str, Values]) -> None:
    """Record that all rows of the merged customer move, and further new values of single rows."""
    table = key.model._meta.db_table
    _run(_MOVE.format(table=table, column=key.column), merge, table, given=given)


def write_changes(merge: CustomerMerge, table: str, given: Mapping[str, Values]) -> None:
    """Record new values of single rows, by id."""
    if given:
        ids = [UUID(key) for key in given]
        _run(_CHANGE.format(table=table), merge, table, given=given, ids=ids)


def apply_journal(merge: CustomerMerge, way: str) -> None:
    """Set every row of the journal to its values `after` the merge, or `before` it.

    Customers merged earlier come first, so that their external ids lead to the right customer. Then
    comes the customer that gives up its external id, so that no two have the same.
    """
    own = Customer._meta.db_table
    first, second = (merge.merged_id, merge.kept_id)[:: 1 if way == AFTER else -1]
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, {"company": merge.company_id, "merge": merge.pk})
        found = cursor.fetchall()
    for table, columns in found:
        groups: Iterable[tuple[bool, list[UUID]]] = [(False, [])]
        if table == own:
            groups = ((False, [first, second]), (True, [first]), (True, [second]))
        for among, customers in groups:
            _apply(merge, way, table, columns, among, customers)


def _apply(
    merge: CustomerMerge,
    way: str,
    table: str,
    columns: list[str],
    among: bool,
    customers: list[UUID],
) -> None:
    names = {field.column for field in _model(table)._meta.concrete_fields}
    values = {column: f"was.{column}" for column in columns}
    if "updated_at" in names:
        values["updated_at"] = "clock_timestamp()"
    sql = _APPLY.format(
        table=table, columns=", ".join(values), values=", ".join(values.values()), way=way
    )
    _run(sql, merge, table, customers=customers, among=among)


def _model(table: str) -> Any:
    return next(model for model in apps.get_models() if model._meta.db_table == table)


def _run(sql: str, merge: CustomerMerge, table: str, **values: Any) -> None:
    given = {
        "company": merge.company_id,
        "merge": merge.pk,
        "table": table,
        "kept": merge.kept_id,
        "merged": merge.merged_id,
        **values,
    }
    if "given" in given:
        given["given"] = json.dumps(given["given"])
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
