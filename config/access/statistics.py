"""Statistics of young tables, taken by the owner of the tables."""

import logging

from django.db import DatabaseError, connections

logger = logging.getLogger(__name__)

# A table with fewer rows is planned for in no time, and its statistics say little.
YOUNG = 100
_YOUNG = """
SELECT oid::regclass::text FROM pg_class
 WHERE oid = ANY (%s::regclass[]) AND reltuples < %s ORDER BY 1
"""


def analyze_young(*tables: str) -> None:
    """Take the statistics of tables that had few rows or none when they were last taken.

    Without them PostgreSQL may look a row up by an index of its company, so that writing many rows
    reads all the others for each. Call it between two transactions that write many rows, never
    in a request: it waits for others that analyze or vacuum the table. A failure costs speed alone.
    """
    owner = connections["owner"]
    try:
        with owner.cursor() as cursor:
            cursor.execute(_YOUNG, [list(tables), YOUNG])
            for (table,) in cursor.fetchall():
                cursor.execute(f"ANALYZE {table}")
    except DatabaseError:
        logger.warning("The statistics of %s could not be taken.", ", ".join(tables), exc_info=True)
    finally:
        if not owner.in_atomic_block:
            owner.close()
