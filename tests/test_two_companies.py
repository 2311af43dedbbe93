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
from tests.factories import ACustomer, AnAddress, AnInvoice
from tests.slots import fill, make_rows, slots

UNKNOWN = "01a1f800-0000-7000-8000-0123456789ab"

# A body that a caller of their own company could send; `<customer>` stands for the own one's id.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("/customer/{id}/profile", "PUT"): {
        "firstname": "Mallory", "lastname": "Malice", "email": "m@malice.example"
    },
    ("/v1/customers", "POST"): {"first_name": "Ann", "email": "a@b.example"},
    ("/v1/customers/{id}", "PATCH"): {"first_name": "Mallory"},
    ("/v1/customers/{customer_id}/addresses", "POST"): {"label": "Mallory's"},
    ("/v1/customers/{customer_id}/payment-methods", "POST"): {"type": "other", "token": "tok_m"},
    ("/v1/customers/{customer_id}/subscriptions", "POST"): {"plan_id": "<plan>"},
    ("/v1/plans", "POST"): {"name": "Gold", "price": 5, "billing_period": "P1M"},
    ("/v1/plans/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/invoices", "POST"): {
        "customer_id": "<customer>", "line_items": [{"description": "x", "unit_price": 5}]
    },
    ("/v1/invoices/{id}/issue", "POST"): {"due_on": "2099-01-01"},
    ("/v1/invoices/{invoice_id}/payments", "POST"): {"amount": 5, "method": "cash"},
    ("/v1/payments/{id}/refunds", "POST"): {"amount": 5},
    ("/v1/plans/{plan_id}/credit-rules", "POST"): {"coupon_id": "<coupon>", "every": "P3M"},
    ("/v1/coupons", "POST"): {"name": "Mallory's", "offering": "Massage"},
    ("/v1/coupons/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/passes", "POST"): {"name": "Mallory's", "visits": 1, "price": 5},
    ("/v1/passes/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/customers/{id}/eligibility", "POST"): {"amount": 5},
    ("/v1/customers/{customer_id}/credits/{credit_id}/redemptions", "POST"): {
        "reference": "m", "amount": 1
    },
    ("/v1/customers/{customer_id}/credits/{credit_id}/redemptions/{id}/reversal", "POST"): {},
    ("/v1/customers/{customer_id}/passes", "POST"): {"pass_id": "<pass>"},
    ("/v1/customers/{customer_id}/passes/{purchase_id}/uses", "POST"): {"reference": "m"},
    ("/v1/customers/{customer_id}/passes/{purchase_id}/uses/{id}/reversal", "POST"): {},
    ("/customers/customers/{customer_id}/credits", "POST"): {
        "coupon_id": "<coupon>", "customer_id": "<customer>"
    },
    ("/customers", "POST"): {"name": "Ann"},
    ("/customers/{id}", "PATCH"): {"name": "Mallory"},
    ("/customers/{customer_id}/users", "POST"): {"first_name": "Mallory"},
}  # fmt: skip

PATH_IDS = [(path, method, slot) for path, method, _ in operations() for slot in slots(path)]
QUERY_IDS = [
    (path, parameter["name"])
    for path, method, operation in operations()
    for parameter in operation.get("parameters", [])
    if method == "GET" and parameter["in"] == "query" and parameter["name"].endswith("_id")
]


def body_ids() -> list[tuple[str, str, str]]:
    """Return route, method and name of every id that a body takes."""
    found = []
    for path, method, operation in operations():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None or path == "/token":
            continue
        schema = document()["components"]["schemas"][content["schema"]["$ref"].rpartition("/")[2]]
        ids = [name for name in schema["properties"] if name.endswith("_id")]
        found += [(path, method, name) for name in ids if name not in NO_KEYS]
    return found


# Ids of other systems, and a client's own.
NO_KEYS = ("external_id", "client_id")
BODY_IDS = body_ids()


@pytest.fixture
def foreign(rival: Company) -> dict[str, str]:
    """Ids of rows of the rival, one of each kind."""
    with acting_for(rival.id):
        zone = save_zone(Zone(name="West", postal_codes=["E1 6AN"]), actor=Actor.command(rival))
    return make_rows(rival) | {"zone": str(zone.id)}


@pytest.fixture
def own(studio: Company) -> dict[str, str]:
    """Ids of rows of the integrator's own company, one of each kind."""
    return make_rows(studio)


def kind_of(name: str) -> str:
    """Return the kind of row that an id in a body or a query names."""
    return {"membership_id": "subscription"}.get(name, name.removesuffix("_id"))


def body_of(path: str, method: str, own: dict[str, str]) -> dict[str, Any] | None:
    """Return the body of a case, with the caller's own ids in it."""
    body = BODIES.get((path, method))
    if body is None:
        return None
    return {
        name: own.get(value[1:-1], value) if isinstance(value, str) else value
        for name, value in body.items()
    }


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
    assert PATH_IDS
    assert QUERY_IDS == [("/v1/customers", "zone_id"), ("/v1/invoices", "customer_id")]


@pytest.mark.parametrize(("path", "method", "slot"), PATH_IDS)
def test_a_foreign_id_in_the_path_answers_as_an_unknown_one(
    integrator: Caller,
    rival: Company,
    own: dict[str, str],
    foreign: dict[str, str],
    path: str,
    method: str,
    slot: str,
) -> None:
    before = everything(rival)
    body = body_of(path, method, own)
    theirs = foreign[slots(path)[slot]]
    seen = told(integrator(method, fill(path, own | {slot: theirs}), body))
    unknown = told(integrator(method, fill(path, own | {slot: UNKNOWN}), body))
    assert seen == unknown
    assert seen[0] == 404
    every_one = told(integrator(method, fill(path, foreign), body))
    assert every_one == seen
    assert everything(rival) == before, "nothing was written"


@pytest.mark.parametrize(("path", "method", "name"), BODY_IDS)
def test_a_foreign_id_in_the_body_answers_as_an_unknown_one(
    integrator: Caller,
    rival: Company,
    own: dict[str, str],
    foreign: dict[str, str],
    path: str,
    method: str,
    name: str,
) -> None:
    before = everything(rival)
    address, body = fill(path, own), body_of(path, method, own) or {}
    theirs = foreign[kind_of(name)]
    seen = told(integrator(method, address, body | {name: theirs}))
    unknown = told(integrator(method, address, body | {name: UNKNOWN}))
    assert seen == unknown
    assert seen[0] in (400, 422)
    assert name in seen[1].decode()
    assert everything(rival) == before, "nothing was written"


@pytest.mark.parametrize(("path", "name"), QUERY_IDS)
def test_a_foreign_id_in_the_query_answers_as_an_unknown_one(
    integrator: Caller, studio: Company, foreign: dict[str, str], path: str, name: str
) -> None:
    customer = ACustomer(company=studio)
    AnAddress(company=studio, customer=customer, postal_code="E1 6AN")
    AnInvoice(company=studio, customer=customer)
    seen = told(integrator.get(f"{path}?{name}={foreign[kind_of(name)]}"))
    assert seen == told(integrator.get(f"{path}?{name}={UNKNOWN}"))


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
