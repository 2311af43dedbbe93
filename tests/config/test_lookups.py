"""Lookups and writes of rows by statements that are compiled once (config.statements)."""

from copy import deepcopy
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from config.statements.inserting import insert
from config.statements.lookups import Lookup, by_id
from config.tenancy.companies import Company
from config.tenancy.models import TenantModel
from config.tenancy.scoping import NoActiveCompany, acting_for
from customers.models import Customer
from tests.api_routes import make_rows
from tests.factories import ACustomer

MODELS = [one for one in apps.get_models() if issubclass(one, TenantModel)]


def facts(row: Any) -> dict[str, Any]:
    """Return all attributes of a row, each with its type."""
    return {
        name: (type(value), value) for name, value in vars(row).items() if not name.startswith("_")
    }


@pytest.fixture
def lookup() -> Lookup[Customer]:
    return by_id(Customer.objects)


def test_a_row_is_found_as_the_orm_finds_it(studio: Company, subtests: pytest.Subtests) -> None:
    make_rows(studio)
    seen = 0
    with acting_for(studio.id):
        for model in MODELS:
            row = model._default_manager.order_by("-pk").first()
            if row is None:
                continue
            seen += 1
            with subtests.test(model.__name__):
                for lock in {False, model is Customer}:
                    lookup = by_id(model._default_manager, lock=lock)
                    found = lookup.get(company_id=studio.id, id=row.pk)
                    assert facts(found) == facts(row)
                    assert not found._state.adding
                    assert found._state.db == row._state.db
    assert seen > 15


def test_a_row_of_another_company_is_not_found_nor_any_while_no_company_is_active(
    studio: Company, rival: Company, lookup: Lookup[Customer]
) -> None:
    theirs = ACustomer(company=rival)
    assert deepcopy(lookup) is lookup, "fields that are copied share what was compiled"
    with acting_for(studio.id):
        for company in (studio, rival):
            assert lookup.first(company_id=company.id, id=theirs.pk) is None
        with pytest.raises(Customer.DoesNotExist):
            lookup.get(company_id=studio.id, id=theirs.pk)
    with pytest.raises(NoActiveCompany):
        lookup.first(company_id=rival.id, id=theirs.pk)


def test_a_row_is_written_as_the_orm_writes_it(studio: Company) -> None:
    given = {"first_name": "Zoë", "email": "zoe@mail.example", "preferences": {"tea": ["mint", 2]}}
    with acting_for(studio.id):
        one, other = (Customer(company_id=studio.id, **given) for _ in range(2))
        insert(one)
        other.save(force_insert=True)
        for row in (one, other):
            assert not row._state.adding
            assert facts(row) == facts(Customer.objects.get(pk=row.pk))
        differ = {"id", "created_at", "updated_at"}
        assert {name for name, fact in facts(one).items() if facts(other)[name] != fact} <= differ


def test_another_row_is_not_planned_again(studio: Company) -> None:
    def write() -> list[Any]:
        insert(Customer(company_id=studio.id, first_name="Ann"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM pg_prepared_statements WHERE statement ~ '^INSERT'")
            return cursor.fetchall()

    with acting_for(studio.id):
        before = write()
        assert before
        assert write() == before
