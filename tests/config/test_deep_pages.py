"""A page between cursors costs the same wherever it lies, by the plans for many rows."""

from typing import Any

import pytest
from django.db import connection, connections

from config.tenancy.scoping import acting_for
from customers.models import Address, Customer
from tests.callers import call_as
from tests.config.test_plans import answered
from tests.factories import ACustomer, make_company

MANY, LIMIT = 2400, 400


def multiply(model: Any, row: Any, **columns: str) -> None:
    """Make a company's one row many, some of its columns by SQL over `n` and the row."""
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
    """Return how many rows the busiest step of a plan made."""
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
