"""Helpers that write rows without actions, to test what the database itself enforces."""

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, connections, transaction

from tests.factories import MORNING

BUSY = "facilitator_one_at_a_time"
FULL = "event_date_capacity"

CANCELLED = {"status": "cancelled", "cancelled_at": MORNING}
OPEN = {"status": "confirmed", "cancelled_at": None}


def plain(value: Any) -> Any:
    return getattr(value, "pk", value)


def copy(row: Any, using: str = "default", **changes: Any) -> uuid.UUID:
    """Write a copy of a row with some columns changed; return its id."""
    changes = {"id": uuid.uuid4(), **{name: plain(value) for name, value in changes.items()}}
    table = row._meta.db_table
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} SELECT (jsonb_populate_record(one, %s)).*"
            f" FROM {table} one WHERE id = %s",
            [json.dumps(changes, default=str), row.pk],
        )
    return changes["id"]


def write(row: Any, using: str = "default", **changes: Any) -> None:
    """Change columns of a row."""
    named = ", ".join(f"{name} = %s" for name in changes)
    with connections[using].cursor() as cursor:
        cursor.execute(
            f"UPDATE {row._meta.db_table} SET {named} WHERE id = %s",
            [*map(plain, changes.values()), plain(row)],
        )
        assert cursor.rowcount == 1


@contextmanager
def refused(*constraints: str, using: str = "default", case: Any = "") -> Iterator[None]:
    """Check that the block breaks one of these constraints.

    Deferred constraints are checked at the end of the block, as at the end of a transaction.
    """
    broken = None
    try:
        with transaction.atomic(using=using), connections[using].cursor() as cursor:
            yield
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except IntegrityError as error:
        broken = error.__cause__.diag.constraint_name  # type: ignore[union-attr]
    assert broken in constraints, case
