"""Another company's record is as if it did not exist (threats 1 and 2).

The cases are made from the OpenAPI document: every operation, every id in its path, body and query,
those in what a body nests as well.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.db import connections

from config.access.models import Company
from config.access.tenancy import acting_for
from tests.callers import Answer, Caller
from tests.contract import document, operations
from tests.factories import ACustomer, AnAddress, AnAppointment, AnInvoice
from tests.shares import shares, undone
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
    ("/v1/customers/{customer_id}/notes", "POST"): {"content": "Mallory was here."},
    ("/v1/customers/{customer_id}/media", "POST"): {"media_id": "<media>"},
    ("/v1/customers/{customer_id}/media/{id}/cancel", "POST"): {"reason": "m"},
    ("/v1/bookings", "POST"): {
        "customer_id": "<customer>", "service_id": "<service>", "scheduled_at": "2099-01-01T09:00"
    },
    ("/v1/bookings/{id}", "PATCH"): {"notes": "Mallory's"},
    ("/v1/bookings/{id}/cancel", "POST"): {"reason": "m"},
    ("/v1/bookings/{id}/payment", "POST"): {"method": "cash"},
    ("/v1/transactions", "POST"): {
        "customer_id": "<customer>", "places": [{"event_date_id": "<event_date>"}]
    },
    ("/v1/services", "POST"): {"name": "Mallory's", "duration": 5, "price": 5},
    ("/v1/services/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/facilitators", "POST"): {"name": "Mallory"},
    ("/v1/facilitators/{id}", "PATCH"): {"name": "Mallory"},
    ("/v1/events", "POST"): {
        "name": "Mallory's", "pricing_options": [{"name": "m", "price": 5}],
        "dates": [{"starts_at": "2099-01-01T09:00", "duration": 5, "capacity": 5}],
    },
    ("/v1/events/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/events/{event_id}/pricing-options", "POST"): {"name": "Mallory's", "price": 5},
    ("/v1/events/{event_id}/dates", "POST"): {
        "starts_at": "2099-01-01T09:00", "duration": 5, "capacity": 5
    },
    ("/v1/events/{event_id}/dates/{id}", "PATCH"): {"capacity": 5},
    ("/v1/events/{event_id}/dates/{id}/cancel", "POST"): {"reason": "m"},
    ("/v1/media", "POST"): {"name": "Mallory's", "price": 5},
    ("/v1/media/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/zones", "POST"): {"name": "Mallory's", "postal_codes": ["E1 6AN"]},
    ("/v1/zones/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/webhooks", "POST"): {"url": "https://malice.example/hook"},
    ("/v1/webhooks/{id}", "PATCH"): {"url": "https://malice.example/hook"},
    ("/v1/webhooks/{id}/rotate-secret", "POST"): {"overlap_hours": 1},
    ("/v1/webhooks/{endpoint_id}/redeliver", "POST"): {"since": "2020-01-01T00:00:00Z"},
}  # fmt: skip

PATH_IDS = [(path, method, slot) for path, method, _ in operations() for slot in slots(path)]
QUERY_IDS = [
    (path, parameter["name"])
    for path, method, operation in operations()
    for parameter in operation.get("parameters", [])
    if method == "GET" and parameter["in"] == "query" and parameter["name"].endswith("_id")
]


def body_ids() -> list[tuple[str, str, str]]:
    """Return route, method and dotted name of every id that a body takes."""
    found = []
    for path, method, operation in operations():
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None or path == "/token":
            continue
        found += [(path, method, name) for name in ids_in(content["schema"])]
    return found


def ids_in(schema: dict[str, Any], where: str = "") -> Iterator[str]:
    """Yield the ids that a schema takes, those of what it nests by their path: `places.0.x_id`."""
    if "$ref" in schema:
        schema = document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if schema.get("type") == "array":
        yield from ids_in(schema["items"], f"{where}0.")
    for name, part in schema.get("properties", {}).items():
        if name.endswith("_id") and name not in NO_KEYS:
            yield f"{where}{name}"
        yield from ids_in(part, f"{where}{name}.")


# Ids of other systems, and a client's own.
NO_KEYS = ("external_id", "client_id")
OTHERWISE_CALLED = {
    "membership_id": "subscription",
    "purchased_by_id": "customer",
    "bought_for_id": "customer",
}
BODY_IDS = body_ids()


@pytest.fixture
def foreign(rival: Company) -> dict[str, str]:
    """Ids of rows of the rival, one of each kind."""
    return make_rows(rival)


@pytest.fixture
def own(studio: Company) -> dict[str, str]:
    """Ids of rows of the integrator's own company, one of each kind."""
    return make_rows(studio)


def kind_of(path: str, name: str) -> str:
    """Return the kind of row that an id in a body or a query names."""
    last = name.rpartition(".")[2]
    if last == "pass_id" and not path.endswith("/passes"):
        return "purchase"
    return OTHERWISE_CALLED.get(last, last.removesuffix("_id"))


def body_of(path: str, method: str, own: dict[str, str]) -> dict[str, Any] | None:
    """Return the body of a case, with the caller's own ids in it."""
    return with_ids(BODIES.get((path, method)), own)


def with_ids(part: Any, own: dict[str, str]) -> Any:
    """Return a part of a body with the caller's own ids in the places of `<…>`."""
    match part:
        case dict():
            return {name: with_ids(value, own) for name, value in part.items()}
        case list():
            return [with_ids(value, own) for value in part]
        case str():
            return own.get(part[1:-1], part)
    return part


def with_id(part: Any, name: str, value: str) -> Any:
    """Return a part of a body with an id in the place that a dotted name gives it."""
    here, _, inner = name.partition(".")
    if isinstance(part, list):
        return [with_id(part[0] if part else {}, inner, value), *part[1:]]
    part = part if isinstance(part, Mapping) else {}
    if not inner:
        return {**part, here: value}
    nested = part.get(here, [] if inner.startswith("0.") else {})
    return {**part, here: with_id(nested, inner, value)}


def told(answer: Answer) -> tuple[int, bytes, dict[str, str]]:
    """Return all that a caller sees of an answer, but the request id."""
    own = ("Request-Id", "RateLimit")
    headers = {name: value for name, value in answer.headers.items() if name not in own}
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
    assert set(QUERY_IDS) == {
        ("/v1/customers", "zone_id"),
        ("/v1/invoices", "customer_id"),
        ("/v1/bookings", "zone_id"),
        ("/v1/bookings", "customer_id"),
        ("/v1/customers/{customer_id}/bookings", "zone_id"),
        ("/v1/customers/{customer_id}/bookings", "customer_id"),
    }
    nested = {(path, name) for path, _, name in BODY_IDS if "." in name}
    assert nested == {
        *(
            (path, f"payment.{name}")
            for path in ("/v1/bookings", "/v1/transactions", "/v1/customers/{customer_id}/media")
            for name in ("pass_id", "credit_id", "payment_method_id")
        ),
        *(
            ("/v1/transactions", f"places.0.{name}")
            for name in ("event_date_id", "pricing_option_id", "bought_for_id")
        ),
        ("/v1/events", "dates.0.facilitator_id"),
    }


@pytest.mark.parametrize("share", shares(PATH_IDS))
def test_a_foreign_id_in_the_path_answers_as_an_unknown_one(
    integrator: Caller,
    rival: Company,
    own: dict[str, str],
    foreign: dict[str, str],
    subtests: pytest.Subtests,
    share: list[tuple[str, str, str]],
) -> None:
    before = everything(rival)
    for path, method, slot in share:
        with subtests.test(f"{method} {path} {slot}"), undone():
            body = body_of(path, method, own)
            theirs = foreign[slots(path)[slot]]
            seen = told(integrator(method, fill(path, own | {slot: theirs}), body))
            unknown = told(integrator(method, fill(path, own | {slot: UNKNOWN}), body))
            assert seen == unknown
            assert seen[0] == 404
            every_one = told(integrator(method, fill(path, foreign), body))
            assert every_one == seen
            assert everything(rival) == before, "nothing was written"


@pytest.mark.parametrize("share", shares(BODY_IDS))
def test_a_foreign_id_in_the_body_answers_as_an_unknown_one(
    integrator: Caller,
    rival: Company,
    own: dict[str, str],
    foreign: dict[str, str],
    subtests: pytest.Subtests,
    share: list[tuple[str, str, str]],
) -> None:
    before = everything(rival)
    for path, method, name in share:
        with subtests.test(f"{method} {path} {name}"), undone():
            address, body = fill(path, own), body_of(path, method, own) or {}
            theirs = foreign[kind_of(path, name)]
            seen = told(integrator(method, address, with_id(body, name, theirs)))
            unknown = told(integrator(method, address, with_id(body, name, UNKNOWN)))
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
    AnAppointment(company=studio, customer=customer)
    address = fill(path, {"customer": str(customer.id)})
    seen = told(integrator.get(f"{address}?{name}={foreign[kind_of(path, name)]}"))
    assert seen == told(integrator.get(f"{address}?{name}={UNKNOWN}"))


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
