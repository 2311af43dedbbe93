"""Every route, with every scope and with none: who gets in, and what the others are told."""

import pytest

from config.access.models import Company
from config.access.scopes import SCOPES
from customers.models import Customer
from tests.callers import call_as, nobody
from tests.contract import operations
from tests.factories import ACustomer

# Route, method, the scope that opens it, and what it answers to whoever has just that scope.
TABLE = [
    ("/customer/{id}/profile", "GET", "profile:read", 200),
    ("/customer/{id}/profile", "PUT", "profile:write", 400),
    ("/customer/{customer_id}/notes", "GET", "notes:read", 200),
    ("/v1/customers", "GET", "customers:read", 200),
    ("/v1/customers", "POST", "customers:write", 422),
    ("/v1/customers/{id}", "GET", "customers:read", 200),
    ("/v1/customers/{id}", "PATCH", "customers:write", 200),
    ("/v1/customers/{customer_id}/addresses", "POST", "customers:write", 201),
    ("/customers", "GET", "customers:read", 200),
    ("/customers", "POST", "customers:write", 422),
    ("/customers/{id}", "GET", "customers:read", 200),
    ("/customers/{id}", "PATCH", "customers:write", 200),
    ("/customers/{id}", "DELETE", "customers:write", 200),
    ("/customers/{id}/restore", "POST", "customers:write", 400),
    ("/customers/{customer_id}/users", "GET", "users:read", 200),
    ("/customers/{customer_id}/users", "POST", "users:write", 422),
]
OPEN = {("/oauth/token", "POST"), ("/token", "POST")}


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio)


def test_the_table_names_every_route() -> None:
    documented = {(path, method) for path, method, _ in operations()}
    assert {(path, method) for path, method, *_ in TABLE} == documented - OPEN


def test_the_document_names_the_scope_of_every_route() -> None:
    documented = {
        (path, method): operation["security"][0]["oauth2"]
        for path, method, operation in operations()
        if (path, method) not in OPEN
    }
    assert documented == {(path, method): [scope] for path, method, scope, _ in TABLE}


@pytest.mark.parametrize(("route", "method", "scope", "status"), TABLE)
def test_a_route_opens_for_its_scope_alone(
    studio: Company, customer: Customer, route: str, method: str, scope: str, status: int
) -> None:
    path = route.replace("{id}", str(customer.id)).replace("{customer_id}", str(customer.id))
    assert nobody()(method, path).status == 401
    every_other = call_as(studio, [one for one in SCOPES if one != scope], "others")
    refused = every_other(method, path)
    assert refused.status == 403
    assert scope in refused.raw.decode()
    assert call_as(studio, [scope], "only")(method, path).status == status
