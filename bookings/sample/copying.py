"""How a batch reaches the database: by COPY, as the role that owns the tables.

Nothing is switched off for it but the record of changes, which would tell millions of times that a
sample was made. Every guard and constraint looks at every row as it looks at those of everybody
else, and no lock is taken that others of this company's or another's would wait for, save that
invoices get their numbers one batch after the other.
"""

from collections.abc import Callable

import psycopg
from psycopg import sql

from config.changes.context import UNRECORDED

from .batch import Batch
from .ids import Ids
from .tables import TABLES

_AT_ONCE = 1000

# The counter's row is locked until the batch commits, as it is while one invoice is issued.
_NUMBERS = """
INSERT INTO billing_invoiceseries AS series (id, company_id, year, last)
VALUES (%s, %s, %s, %s)
ON CONFLICT (company_id, year) DO UPDATE SET last = series.last + excluded.last
RETURNING last
"""


def write_batch(
    database: psycopg.Connection, batch: Batch, wait: Callable[[], None] = lambda: None
) -> dict[str, int]:
    """Write a batch in one transaction, and return how many rows it has, by table.

    What is looked at when a transaction ends is looked at before `wait`, as far as it goes: after
    it batches are written one at a time.
    """
    with database.transaction(), database.cursor() as cursor:
        cursor.execute(UNRECORDED)
        _copy(cursor, batch.early)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        wait()
        batch.number_invoices(_count(cursor, batch))
        _copy(cursor, batch.late)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return batch.counts()


def _count(cursor: psycopg.Cursor, batch: Batch) -> dict[int, int]:
    """Take the numbers for the invoices of a batch; return the last one of each year."""
    last, now = {}, batch.now
    for year, count in batch.issued().items():
        cursor.execute(_NUMBERS, [Ids().at(now), batch.plan.company, year, count])
        row = cursor.fetchone()
        assert row is not None
        last[year] = row[0]
    return last


def _copy(cursor: psycopg.Cursor, lines: dict[str, list[str]]) -> None:
    for table in TABLES:
        rows = lines.get(table.name)
        if not rows:
            continue
        # In the order of their ids, which is that of most indexes.
        rows.sort()
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
        )
        with cursor.copy(statement) as copy:
            for first in range(0, len(rows), _AT_ONCE):
                copy.write("".join(rows[first : first + _AT_ONCE]))
