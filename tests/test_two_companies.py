"""Another company's record is as if it did not exist (threats 1 and 2).

The cases are made from the OpenAPI document: every operation, every id in its path, body and query.
"""

from typing import Any

import pytest
from django.db import connections

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.actions import save_zone
from customers.models import Zone
from tests.callers import Answer, Caller
from tests.contract import document, operations
from tests.factories import ACustomer, AnAddress, ANote, AUser

UNKNOWN = "01a1f800-0000-7000-8000-0123456789ab"

# Who is behind an id slot, by the route's first part and the slot's name.
SLOTS = {"customers": "customer", "customer": "customer", "v1": "customer"}

# A body that a caller of their own company could send.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("/customer/{id}/profile", "PUT"): {
        "firstname": "Mallory", "lastname": "Malice", "email": "m@malice.example"
    },
    ("/v1/customers", "POST"): {"first_name": "Ann", "email": "a@b.example"},
    ("/v1/customers/{id}", "PATCH"): {"first_name": "Mallory"},
    ("/v1/customers/{customer_id}/addresses", "POST"): {"label": "Mallory's"},
    ("/customers", "POST"): {"name": "Ann"},
    ("/customers/{id}", "PATCH"): {"name": "Mallory"},
    ("/customers/{customer_id}/users", "POST"): {"first_name": "Mallory"},
}  # fmt: skip

WITH_IDS = [(path, method) for path, method, _ in operations() if "{" in path]
QUERY_IDS = [
    (path, parameter["name"])
    for path, method, operation in operations()
    for parameter in operation.get("parameters", [])
    if method == "GET" and parameter["in"] == "query" and parameter["name"].endswith("_id")
]


@pytest.fixture
def foreign(rival: Company) -> dict[str, str]:
    """Ids of rows of the rival, one of each kind."""
    customer = ACustomer(company=rival, name="Rival's own", external_id="r1")
    AnAddress(company=rival, customer=customer)
    AUser(company=rival, customer=customer)
    ANote(company=rival, customer=customer)
    with acting_for(rival.id):
        zone = save_zone(Zone(name="West", postal_codes=["E1 6AN"]), actor=Actor.command(rival))
    return {"customer": str(customer.id), "zone_id": str(zone.id)}


def fill(path: str, value: str) -> str:
    """Put an id into every slot of a route."""
    return "/".join(value if part.startswith("{") else part for part in path.split("/"))


def told(answer: Answer) -> tuple[int, bytes, dict[str, str]]:
    """Return all that a caller sees of an answer, but the request id."""
    headers = {name: value for name, value in answer.headers.items() if name != "Request-Id"}
    return answer.status, answer.raw, headers


def everything(company: Company) -> str:
    """Return every row that a company has."""
    found = []
    with acting_for(company.id), connections["default"].cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY relname")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_json(t)::text FROM "{table}" t ORDER BY id')
            found += [row[0] for row in cursor.fetchall()]
    assert found, "the rival has rows"
    return "\n".join(found)


def test_every_operation_has_a_case() -> None:
    writes = {(path, method) for path, method, op in operations() if "requestBody" in op}
    assert set(BODIES) == writes - {("/oauth/token", "POST"), ("/token", "POST")}
    assert WITH_IDS
    assert QUERY_IDS == [("/v1/customers", "zone_id")]


@pytest.mark.parametrize(("path", "method"), WITH_IDS)
def test_a_foreign_id_in_the_path_answers_as_an_unknown_one(
    integrator: Caller, rival: Company, foreign: dict[str, str], path: str, method: str
) -> None:
    before = everything(rival)
    body = BODIES.get((path, method))
    seen = told(integrator(method, fill(path, foreign["customer"]), body))
    unknown = told(integrator(method, fill(path, UNKNOWN), body))
    assert seen == unknown
    assert seen[0] == 404
    assert everything(rival) == before, "nothing was written"


@pytest.mark.parametrize(("path", "name"), QUERY_IDS)
def test_a_foreign_id_in_the_query_answers_as_an_unknown_one(
    integrator: Caller, studio: Company, foreign: dict[str, str], path: str, name: str
) -> None:
    customer = ACustomer(company=studio)
    AnAddress(company=studio, customer=customer, postal_code="E1 6AN")
    seen = told(integrator.get(f"{path}?{name}={foreign[name]}"))
    assert seen == told(integrator.get(f"{path}?{name}={UNKNOWN}"))


def test_no_body_takes_an_id_of_anything() -> None:
    for path, method, operation in operations():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None or path == "/token":
            continue
        schema = document()["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        ids = [name for name in schema["properties"] if name.endswith("_id")]
        assert ids in ([], ["external_id"]), f"{method} {path}: add its ids to these cases"


def test_lists_and_searches_hold_ones_own_alone(
    integrator: Caller, stranger: Caller, studio: Company, foreign: dict[str, str]
) -> None:
    own = ACustomer(company=studio, name="Own", external_id="r1")
    for path in ("/customers", "/customers?limit=5", "/v1/customers", "/v1/customers?search=o"):
        listed = [one["id"] for one in integrator.get(path).body["data"]]
        assert listed == [f"cust_{own.id.hex}"], path
    theirs = [one["external_id"] for one in stranger.get("/customers").body["data"]]
    assert theirs == ["r1"], "an external id is taken within a company only"


def test_a_cursor_of_another_company_is_none(
    integrator: Caller, stranger: Caller, foreign: dict[str, str]
) -> None:
    cursor = stranger.get("/customers").body["end_cursor"]
    seen = told(integrator.get(f"/customers?after={cursor}"))
    assert seen == told(integrator.get(f"/customers?after={cursor[:-4]}AAAA"))
    assert seen[0] == 400
