"""Numbers without gaps, counted for each company and year."""

from uuid import UUID

from django.db import connection

from config.tenancy.ids import new_id
from config.tenancy.models import TenantModel

# The counter's row is locked until the transaction ends; a rollback gives the number back.
TAKE_NUMBERS = """
INSERT INTO {table} AS series (id, company_id, year, last)
VALUES (%s, %s, %s, %s)
ON CONFLICT (company_id, year) DO UPDATE SET last = series.last + excluded.last
RETURNING last
"""


def take_number(series: type[TenantModel], company_id: UUID, year: int) -> int:
    """Return the next number of a year, and count it in a row of the series."""
    statement = TAKE_NUMBERS.format(table=connection.ops.quote_name(series._meta.db_table))
    with connection.cursor() as cursor:
        cursor.execute(statement, [new_id(), company_id, year, 1])
        return int(cursor.fetchone()[0])
