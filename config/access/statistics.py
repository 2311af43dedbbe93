"""Planner statistics of small tables, collected by the owner of the tables."""

import logging

from django.db import DatabaseError, connections

logger = logging.getLogger(__name__)

# Statistics that were collected with fewer rows than this are collected again.
YOUNG = 100
_YOUNG = """
SELECT oid::regclass::text FROM pg_class
 WHERE oid = ANY (%s::regclass[]) AND reltuples < %s ORDER BY 1
"""


def analyze_young(*tables: str) -> None:
    """Run ANALYZE on the tables that had fewer than YOUNG rows when it last ran.

    Without statistics PostgreSQL may look up a row by the index on its company, and then each of
    many writes reads all rows of the company. Call this between two transactions that write many
    rows, never in a request: it waits for other ANALYZE and VACUUM runs. Errors are only logged.
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
