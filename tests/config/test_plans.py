"""Every list is read from an index in its order, however many rows a company has.

Tables in tests are small, so PostgreSQL would scan them. With sequential scans disabled it scans
only if no index helps.
"""

import re
from typing import Any

import pytest
from django.db import connection
from django.urls import resolve

from config.api.resource import Resource
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.api_routes import fill, make_rows
from tests.callers import Answer, Caller
from tests.contract import operations
from tests.statements import recorded

READS = sorted(path for path, method, _ in operations() if method == "GET")
AVOID = (
    "SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off; SET LOCAL enable_hashjoin = off"
)


def answered(caller: Caller, path: str) -> tuple[Answer, list[Any]]:
    """Return an answer, and the statements that read its rows."""
    with recorded() as ran:
        answer = caller.get(path)
    assert answer.status == 200
    reads = [one for one in ran if one[0].startswith(("SELECT", "WITH"))]
    return answer, [one for one in reads if "set_config" not in one[0]]


def plans(studio: Company, ran: list[Any]) -> list[str]:
    """Return the query plans of statements."""
    found = []
    with acting_for(studio.id), connection.cursor() as cursor:
        cursor.execute(AVOID)
        for text, values in ran:
            cursor.execute(f"EXPLAIN {text}", values)
            found.append("\n".join(line for (line,) in cursor.fetchall()))
    return found


def is_slow(plan: str, table: str) -> bool:
    """Whether a plan scans or sorts all rows of a table."""
    is_filtered = "Index Cond" not in plan
    return is_filtered or bool(re.search(rf"Seq Scan on {table}\b|Sort Key: {table}(_\d)?\.", plan))


def test_no_list_is_read_whole_or_sorted(
    subtests: pytest.Subtests, integrator: Caller, studio: Company
) -> None:
    rows, seen = make_rows(studio), 0
    for path in READS:
        asked = fill(path, rows)
        view: Any = resolve(asked).func
        resource = getattr(view, "cls", None)
        if not (resource and issubclass(resource, Resource) and view.actions["get"] == "list"):
            continue
        seen += 1
        table = resource.queryset.model._meta.db_table
        with subtests.test(path):
            found = plans(studio, answered(integrator, asked)[1])
            assert found
            assert not [plan for plan in found if is_slow(plan, table)]
    assert seen > 20


def test_what_no_index_helps_with_is_noticed(studio: Company) -> None:
    for slow in ("ORDER BY legal_name", "ORDER BY created_at DESC, id"):
        with acting_for(studio.id), connection.cursor() as cursor:
            cursor.execute(AVOID)
            cursor.execute(f"EXPLAIN SELECT id FROM customers_customer {slow}")
            plan = "\n".join(line for (line,) in cursor.fetchall())
        assert is_slow(plan, "customers_customer"), plan
