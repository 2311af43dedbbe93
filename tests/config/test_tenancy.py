"""The two fences between companies (`config/tenancy`; threats 2, 3, 6, 7, 8, 13)."""

import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import product
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, models, transaction
from django.db.utils import ProgrammingError
from django.http import HttpRequest, JsonResponse
from django.test import Client, override_settings
from django.urls import path

from config.api.authentication import Authentication
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import (
    SET_COMPANY,
    CompanySwitched,
    NoActiveCompany,
    acting_for,
    active_company,
)
from customers.models import Address, Customer, Note
from customers.models.finding import Matching
from tests.factories import ACustomer, make_api_key, make_company

BOTH = ["default", "owner"]


def forgetful(request: HttpRequest) -> JsonResponse:
    """An endpoint without a company filter: only row-level security protects the rows."""
    with transaction.atomic():
        authentication = Authentication(request)
        authentication.verify()
        authentication.begin()
        rows = models.QuerySet(Customer).all()
        return JsonResponse({"companies": [str(one.company_id) for one in rows]})


urlpatterns = [path("forgetful", forgetful)]


def read_all() -> list[Any]:
    """Read customers in plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT company_id FROM customers_customer")
        return cursor.fetchall()


def test_a_manager_without_a_company_raises() -> None:
    uses: list[Callable[[], Any]] = [
        lambda: list(Customer.objects.all()),
        lambda: Customer.objects.count(),
        lambda: Customer.objects.exists(),
        lambda: Customer.objects.first(),
        lambda: list(Customer.objects.values("id")),
        lambda: list(Customer.objects.iterator()),
        lambda: Customer.objects.aggregate(models.Max("id")),
        lambda: Customer.objects.update(first_name="x"),
        lambda: Customer.objects.filter(id=uuid.uuid4()).update(first_name="x"),
        lambda: Customer.objects.get(pk=uuid.uuid4()),
        lambda: list(Address.objects.live()),
        lambda: str(Note.objects.newest_first().query),
    ]
    for use in uses:
        with pytest.raises(NoActiveCompany):
            use()


def test_a_transaction_has_one_company_and_names_errors(studio: Company, rival: Company) -> None:
    with acting_for(studio.id):
        with acting_for(studio.id):
            assert active_company() == studio.id
        with pytest.raises(CompanySwitched), acting_for(rival.id):
            pass
        assert active_company() == studio.id
    with pytest.raises(NoActiveCompany):
        active_company()
    with (
        pytest.raises(ProgrammingError, match="nowhere"),
        acting_for(studio.id),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT * FROM nowhere")
    with pytest.raises(NoActiveCompany):
        active_company()


def test_a_company_sees_its_rows_and_no_company_sees_none(studio: Company, rival: Company) -> None:
    ACustomer(company=studio)
    ACustomer(company=rival)
    assert read_all() == []
    for company in (studio, rival):
        with acting_for(company.id):
            assert read_all() == [(company.id,)]
            assert models.QuerySet(Customer).count() == 1


def test_no_row_or_key_is_written_into_another_company(studio: Company, rival: Company) -> None:
    customer, foreign = ACustomer(company=studio), ACustomer(company=rival)
    with acting_for(studio.id):
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Customer(company=rival, first_name="x").save()
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            models.QuerySet(Customer).filter(pk=customer.pk).update(company=rival)
        Address(company=studio, customer_id=foreign.pk, street="x").save()
        with pytest.raises(IntegrityError, match="same_company"), transaction.atomic():
            connection.check_constraints()
        transaction.set_rollback(True)


def test_rows_cannot_be_removed_by_a_queryset_nor_by_the_runtime_role(studio: Company) -> None:
    with acting_for(studio.id), pytest.raises(TypeError, match="archived, never deleted"):
        Customer.objects.all().delete()
    tables = ("customer", "address", "contactpoint", "customeruser", "note", "zone")
    for statement, table in product(("DELETE FROM", "TRUNCATE"), tables):
        with (
            acting_for(studio.id),
            pytest.raises(ProgrammingError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"{statement} customers_{table}")


def test_search_and_visible_rows_stay_within_the_company(studio: Company, rival: Company) -> None:
    ACustomer(company=rival, name="Hidden")
    customer = ACustomer(company=studio)
    with acting_for(studio.id):
        assert Customer.objects.visible_to(Actor.command(studio)).get() == customer
        assert not Customer.objects.visible_to(Actor.command(rival)).exists()
        assert not models.QuerySet(Customer).filter(
            id__in=Customer.objects.filter(id__in=Matching("hidden")).values("id")
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT customers_matching('hidden', 'a')")
        assert cursor.fetchall() == []


@pytest.fixture
def keys() -> dict[str, tuple[Company, str]]:
    """Two companies with a customer and a key each, committed."""
    made = {}
    for slug in ("one", "two"):
        company = make_company(slug.title(), slug=slug)
        ACustomer(company=company)
        made[slug] = (company, make_api_key(company, name="k", scopes=["customers:read"])[1])
    return made


def ask_forgetful(key: str) -> list[str]:
    client = Client(SERVER_NAME="localhost", headers={"X-API-Key": key})
    return client.get("/forgetful").json()["companies"]


@contextmanager
def without_policies() -> Iterator[None]:
    """Disable row-level security, as the owner could."""
    switch = "ALTER TABLE customers_customer {} ROW LEVEL SECURITY"
    with connections["owner"].cursor() as cursor:
        cursor.execute(switch.format("DISABLE"))
        try:
            yield
        finally:
            cursor.execute(switch.format("ENABLE"))


@pytest.mark.django_db(transaction=True, databases=BOTH)
@override_settings(ROOT_URLCONF=__name__)
def test_a_forgotten_scope_shows_ones_own_rows_alone(keys: dict[str, tuple[Company, str]]) -> None:
    for company, key in keys.values():
        assert ask_forgetful(key) == [str(company.id)]
    with without_policies():
        for _, key in keys.values():
            assert len(ask_forgetful(key)) == 2, "the negative control: without it, both show"


def leaks(companies: list[uuid.UUID], set_company: str) -> int:
    """Count the rows that 8 threads wrongly see on pooled connections in 400 turns."""

    def turn(number: int) -> int:
        own, wrong = companies[number % 2], 0
        try:
            with transaction.atomic():
                wrong += len(read_all())
                with connection.cursor() as cursor:
                    cursor.execute(set_company, [str(own)])
                wrong += sum(row[0] != own for row in read_all())
                if number % 20 == 0:
                    raise RuntimeError("a request that breaks")
        except RuntimeError:
            pass
        finally:
            connection.close()
        return wrong

    with ThreadPoolExecutor(8) as threads:
        return sum(threads.map(turn, range(400)))


@pytest.mark.django_db(transaction=True, databases=BOTH)
def test_a_pooled_connection_forgets_its_company(keys: dict[str, tuple[Company, str]]) -> None:
    companies = [company.id for company, _ in keys.values()]
    assert leaks(companies, SET_COMPANY) == 0
    try:
        of_session = SET_COMPANY.replace("true", "false")
        assert leaks(companies, of_session) > 0, "the negative control: it would leak"
    finally:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
