"""The second scan: search all text columns of the company for an erased person."""

import re
from collections import defaultdict
from typing import Any

from django.db import connection

from config.tenancy.scoping import active_company

from .registry import personal_tables

SHORTEST_NUMBER = 9

# The text columns of all company tables that the runtime role may read.
_COLUMNS = """
SELECT c.relname, a.attname, t.typname
  FROM pg_class AS c
  JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_type AS t ON t.oid = a.atttypid
 WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
   AND EXISTS (SELECT FROM pg_attribute AS own
                WHERE own.attrelid = c.oid AND own.attname = 'company_id')
   AND has_column_privilege(c.oid, a.attnum, 'SELECT')
   AND t.typname = ANY ('{text,varchar,json,jsonb,_text,_varchar,bytea,tsvector}')
 ORDER BY c.relname, a.attnum
"""


def scan_for(words: list[str]) -> dict[str, Any]:
    """Return the number of searched columns, and the number of rows with matches by column.

    Skips columns that are kept. The words are lower case and not part of the result. Skips short
    numbers: they occur in amounts and ids.
    """
    words = [one for one in words if len(one) >= SHORTEST_NUMBER or re.search(r"[^\W\d_]", one)]
    kept = {(one.table, name) for one in personal_tables() for name in one.personal.keep}
    columns: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS)
        for table, column, kind in cursor.fetchall():
            if (table, column) not in kept:
                columns[table].append((column, kind))
    found: dict[str, int] = {}
    for table, several in columns.items() if words else ():
        found |= _scan(table, several, words)
    return {
        "tables": len(columns),
        "columns": sum(map(len, columns.values())),
        "words": len(words),
        "found": found,
    }


def _scan(table: str, columns: list[tuple[str, str]], words: list[str]) -> dict[str, int]:
    """Return the number of rows that contain a word, by "table.column"."""
    quote = connection.ops.quote_name
    counts = ", ".join(
        "count(*) FILTER (WHERE EXISTS (SELECT FROM unnest(%(words)s::text[]) AS word"
        f" WHERE position(word IN lower({_as_text(quote(column), kind)})) > 0))"
        for column, kind in columns
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {counts} FROM {quote(table)} AS looked"  # noqa: S608
            " WHERE looked.company_id = %(company)s",
            {"words": words, "company": active_company()},
        )
        row = cursor.fetchone()
    return {
        f"{table}.{name}": count for (name, _), count in zip(columns, row, strict=True) if count
    }


def _as_text(column: str, kind: str) -> str:
    """Return an expression for the text of a column; bytes are escaped."""
    return f"encode(looked.{column}, 'escape')" if kind == "bytea" else f"looked.{column}::text"
