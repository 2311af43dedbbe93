"""Write a batch to the database: by COPY, as the role that owns the tables.

Only the audit log is switched off, because it would record the sample millions of times. Every
trigger and constraint checks every row. The only lock that others may wait for is the one on the
company's invoice numbers.
"""

from collections.abc import Callable

import psycopg
from psycopg import sql

from billing.actions.numbers import TAKE_NUMBERS
from config.tenancy.authors import UNRECORDED
from config.tenancy.ids import new_id

from .batch import Batch

_LINES_PER_WRITE = 1000


def write_batch(
    database: psycopg.Connection, batch: Batch, wait: Callable[[], object] = lambda: None
) -> dict[str, int]:
    """Write a batch in one transaction; return its number of rows by table.

    Deferred constraints are checked before `wait` where possible, because after `wait` batches are
    written one at a time.
    """
    with database.transaction(), database.cursor() as cursor:
        cursor.execute(UNRECORDED)
        _copy(cursor, batch, batch.early)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        wait()
        batch.number_invoices(_take_numbers(cursor, batch))
        _copy(cursor, batch, batch.late)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return batch.counts()


def _take_numbers(cursor: psycopg.Cursor, batch: Batch) -> dict[int, int]:
    """Reserve the numbers for the invoices of a batch; return the last number of each year."""
    last, statement = {}, TAKE_NUMBERS.format(table="billing_invoiceseries")
    for year, count in sorted(batch.issued().items()):
        cursor.execute(statement, [new_id(), batch.run.company.pk, year, count])
        (last[year],) = cursor.fetchone() or (0,)
    return last


def _copy(cursor: psycopg.Cursor, batch: Batch, lines: dict[str, list[str]]) -> None:
    for table in batch.run.tables.values():
        # Sorted by id, which is the order of most indexes.
        rows = sorted(lines[table.name])
        if not rows:
            continue
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table.name), sql.SQL(", ").join(map(sql.Identifier, table.columns))
        )
        with cursor.copy(statement) as copy:
            for first in range(0, len(rows), _LINES_PER_WRITE):
                copy.write("".join(rows[first : first + _LINES_PER_WRITE]))
