"""A page costs the same wherever it is in a list, by the query plans on many rows."""

from itertools import chain
from typing import Any

import pytest
from django.db import connection, connections

from config.api import pages
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Address, Customer
from tests.callers import Caller, call_as
from tests.config.test_plans import answered
from tests.factories import ACustomer, make_company

MANY, LIMIT = 2400, 400


def multiply(model: Any, row: Any, **columns: str) -> None:
    """Copy a company's row many times; `columns` sets values by SQL over `n` and the row."""
    table = model._meta.db_table
    names = [one.column for one in model._meta.concrete_fields if not one.generated]
    values = ", ".join(columns.get(name, f'"{name}"') for name in names)
    with connections["owner"].cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {values}"
            f" FROM {table}, generate_series(2, {MANY}) AS n WHERE id = %s",
            [row.pk],
        )
        cursor.execute(f"ANALYZE {table}")


def most_rows(plan: dict[str, Any]) -> int:
    """Return the largest number of rows that any node of a plan produced."""
    here = int(plan["Actual Rows"] * plan["Actual Loops"])
    return max([here, *map(most_rows, plan.get("Plans", []))])


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_a_page_between_cursors_costs_the_same_wherever_it_lies() -> None:
    studio = make_company("many")
    caller = call_as(studio)
    customer = ACustomer(company=studio, address={"street": "1 Mill Lane", "city": "Leeds"})
    with acting_for(studio.id):
        address = Address.objects.get(customer=customer)
    number = "('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid"
    multiply(Customer, customer, id=number, external_id="n::text")
    multiply(Address, address, id="uuidv7()", customer_id=number)
    after, busiest = "", []
    while True:
        answer, ran = answered(caller, f"/customers?limit={LIMIT}{after}")
        with acting_for(studio.id), connection.cursor() as cursor:
            text, values = ran[-1]
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING off, FORMAT json) {text}", values)
            busiest.append(most_rows(cursor.fetchone()[0][0]["Plan"]))
        if not answer.body["has_next_page"]:
            break
        after = f"&after={answer.body['end_cursor']}"
    assert len(busiest) == MANY / LIMIT
    assert max(busiest) <= LIMIT, busiest


@pytest.mark.parametrize("room", [40_000, pages.BYTES_OF_PAGE])
def test_a_page_of_large_rows_ends_before_it_fills_the_memory(
    integrator: Caller, studio: Company, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the negative control, all rows fit in memory and are on one page."""
    monkeypatch.setattr(pages, "BYTES_OF_PAGE", room)
    for size in (1, 1, 15_000, 15_000, 15_000, 15_000, 15_000, 1, 1, 1):
        ACustomer(company=studio, preferences={"likes": "x" * size})

    def walk(query: str, way: str) -> list[list[str]]:
        answers = [integrator.get(f"/v1/customers?limit=1000&{query}")]
        cursor, end = ("after", "end") if way == "next" else ("before", "start")
        while answers[-1].body[f"has_{way}_page"]:
            at = f"{cursor}={answers[-1].body[f'{end}_cursor']}"
            sort = query.partition("&")[0]
            answers.append(integrator.get(f"/v1/customers?limit=1000&{sort}&{at}"))
        # The last row that fits may have the maximum size.
        assert max(len(answer.raw) for answer in answers) < room + 16_384 + 2_000
        return [[one["id"] for one in answer.body["data"]] for answer in answers]

    for sort in ("sort=created_at", "sort=-created_at", "sort=-updated_at"):
        every = [one["id"] for one in integrator.get(f"/v1/customers?{sort}").body["data"]]
        down = walk(sort, "next")
        assert [*chain(*down)] == every
        assert (len(down) > 1) is (room == 40_000), sort
        second = integrator.get(f"/v1/customers?{sort}&limit=1").body["end_cursor"]
        far = integrator.get(f"/v1/customers?{sort}&limit=1000&after={second}").body
        up = walk(f"{sort}&before={far['end_cursor']}", "previous")
        assert [*chain(*reversed(up))] == every[: len(far["data"])]
