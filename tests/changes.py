"""Collects the changes that are recorded in a `with` block."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections

from config.changes.models import Change
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for

NEW_COMPANY = (
    "INSERT INTO access_company (id, name, slug, currency, timezone, country, portal_url)"
    " VALUES (%s, 'Other', 'other', 'GBP', 'UTC', 'GB', '')"
)


@contextmanager
def recorded(company: Company) -> Iterator[list[Change]]:
    """Collect the changes of a company that are recorded in the block."""
    with acting_for(company.id):
        last = Change.objects.order_by("-id").values_list("id", flat=True).first() or 0
    found: list[Change] = []
    yield found
    with acting_for(company.id):
        found += Change.objects.filter(id__gt=last).order_by("id")


def sql(statement: str, *values: Any, using: str = "default") -> None:
    with connections[using].cursor() as cursor:
        cursor.execute(statement, values)
