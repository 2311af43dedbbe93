"""Another company's rows are as if they did not exist (threats 1 and 2).

The cases come from the OpenAPI document: every operation, with each id in its path, query and body,
including nested objects.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import pytest
from django.db import connections

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.api_routes import fill, make_rows, path_parameters
from tests.callers import Answer, Caller, SentFile
from tests.contract import operations, query_parameters, reads, resolved, writes
from tests.factories import ACustomer
from tests.shares import undone

UNKNOWN = "01a1f800-0000-7000-8000-0123456789ab"

# Valid bodies of the caller's own company; `<customer>` stands for the id of its own customer.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("/customer/{id}/profile", "PUT"): {
        "firstname": "Mallory", "lastname": "Malice", "email": "m@malice.example"
    },
    ("/v1/customers", "POST"): {"first_name": "Ann", "email": "a@b.example"},
    ("/v1/customers", "PUT"): {"first_name": "Ann", "email": "a@b.example"},
    ("/v1/customers/batch", "POST"): {
        "customers": [{"first_name": "Ann", "email": "a@b.example", "external_id": "r1"}]
    },
    ("/v1/customers/{id}/archive", "POST"): {"end_open": True},
    ("/v1/customers/{id}/restore", "POST"): {"leave_clashes": True},
    ("/v1/customers/{customer_id}/merge", "POST"): {"merged_customer_id": "<customer>"},
    ("/v1/customers/{id}", "PATCH"): {"first_name": "Mallory"},
    ("/v1/customers/{customer_id}/addresses", "POST"): {"label": "Mallory's"},
    ("/v1/customers/{customer_id}/addresses/{id}", "PATCH"): {"label": "Mallory's"},
    ("/v1/customers/{customer_id}/contact-points", "POST"): {
        "kind": "email", "value": "m@malice.example"
    },
    ("/v1/customers/{customer_id}/contact-points/{id}", "PATCH"): {"label": "Mallory's"},
    ("/v1/customers/{customer_id}/users", "POST"): {"first_name": "Mallory"},
    ("/v1/customers/{customer_id}/users/{id}", "PATCH"): {"first_name": "Mallory"},
    ("/v1/customers/{customer_id}/credits", "POST"): {"coupon_id": "<coupon>"},
    ("/v1/customers/{customer_id}/credits/{id}/revoke", "POST"): {"reason": "m"},
    ("/v1/customers/{customer_id}/erasures", "POST"): {"waiting_days": 9},
    ("/v1/customers/{customer_id}/goodwill", "POST"): {"amount": 5, "reason": "m"},
    ("/v1/goodwill/{id}/refuse", "POST"): {"reason": "m"},
    ("/v1/customers/{customer_id}/payment-methods", "POST"): {"type": "other", "token": "tok_m"},
    ("/v1/customers/{customer_id}/subscriptions", "POST"): {"plan_id": "<plan>"},
    ("/v1/customers/{customer_id}/subscriptions/{subscription_id}/pause", "POST"): {"reason": "m"},
    ("/v1/plans", "POST"): {"name": "Gold", "price": 5, "billing_period": "P1M"},
    ("/v1/plans/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/invoices", "POST"): {
        "customer_id": "<customer>", "line_items": [{"description": "x", "unit_price": 5}]
    },
    ("/v1/invoices/{id}/issue", "POST"): {"due_on": "2099-01-01"},
    ("/v1/invoices/{id}/pay", "POST"): {"payments": [{"method": "cash", "amount": 5}]},
    ("/v1/invoices/{id}/reduce", "POST"): {"amount": 5, "reason": "m"},
    ("/v1/invoices/{id}/write-off", "POST"): {"reason": "m"},
    ("/v1/invoices/{invoice_id}/payments", "POST"): {"amount": 5, "method": "cash"},
    ("/v1/payments/{id}/refunds", "POST"): {"amount": 5, "reason": "Torn"},
    ("/v1/plans/{plan_id}/credit-rules", "POST"): {"coupon_id": "<coupon>", "every": "P3M"},
    ("/v1/coupons", "POST"): {"name": "Mallory's", "offering": "Massage"},
    ("/v1/coupons/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/pass-products", "POST"): {"name": "Mallory's", "visits": 1, "price": 5},
    ("/v1/pass-products/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/customers/{id}/eligibility", "POST"): {"amount": 5},
    ("/v1/customers/{customer_id}/credits/{credit_id}/redemptions", "POST"): {
        "reference": "m", "amount": 1
    },
    ("/v1/customers/{customer_id}/credits/{credit_id}/redemptions/{id}/reverse", "POST"): {},
    ("/v1/customers/{customer_id}/passes", "POST"): {"pass_product_id": "<pass_product>"},
    ("/v1/customers/{customer_id}/passes/{pass_id}/revoke", "POST"): {"reason": "m"},
    ("/v1/customers/{customer_id}/passes/{pass_id}/uses", "POST"): {"reference": "m"},
    ("/v1/customers/{customer_id}/passes/{pass_id}/uses/{id}/reverse", "POST"): {},
    ("/customers/customers/{customer_id}/credits", "POST"): {
        "coupon_id": "<coupon>", "customer_id": "<customer>"
    },
    ("/customers", "POST"): {"name": "Ann"},
    ("/customers/{id}", "PATCH"): {"name": "Mallory"},
    ("/customers/{customer_id}/users", "POST"): {"first_name": "Mallory"},
    ("/v1/customers/{customer_id}/notes", "POST"): {"content": "Mallory was here."},
    ("/v1/customers/{customer_id}/media-purchases", "POST"): {"media_id": "<media>"},
    ("/v1/customers/{customer_id}/sales", "POST"): {
        "passes": [{"pass_product_id": "<pass_product>"}],
        "media": [{"media_id": "<media>"}],
        "subscriptions": [{"plan_id": "<plan>"}],
    },
    ("/v1/customers/{customer_id}/media-purchases/{id}/cancel", "POST"): {"reason": "m"},
    ("/v1/customers/{customer_id}/media-purchases/{id}/payments", "POST"): {"method": "cash"},
    ("/v1/bookings", "POST"): {
        "customer_id": "<customer>", "service_id": "<service>", "scheduled_at": "2099-01-01T09:00"
    },
    ("/v1/bookings/{id}", "PATCH"): {"notes": "Mallory's"},
    ("/v1/bookings/{id}/cancel", "POST"): {"reason": "m"},
    ("/v1/bookings/{id}/payments", "POST"): {"method": "cash"},
    ("/v1/transactions", "POST"): {
        "customer_id": "<customer>", "places": [{"event_date_id": "<event_date>"}]
    },
    ("/v1/services", "POST"): {"name": "Mallory's", "duration_minutes": 5, "price": 5},
    ("/v1/services/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/facilitators", "POST"): {"name": "Mallory"},
    ("/v1/facilitators/{id}", "PATCH"): {"name": "Mallory"},
    ("/v1/events", "POST"): {
        "name": "Mallory's", "pricing_options": [{"name": "m", "price": 5}],
        "dates": [{"starts_at": "2099-01-01T09:00", "duration_minutes": 5, "capacity": 5}],
    },
    ("/v1/events/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/events/{event_id}/pricing-options", "POST"): {"name": "Mallory's", "price": 5},
    ("/v1/events/{event_id}/dates", "POST"): {
        "starts_at": "2099-01-01T09:00", "duration_minutes": 5, "capacity": 5
    },
    ("/v1/events/{event_id}/dates/{id}", "PATCH"): {"capacity": 5},
    ("/v1/events/{event_id}/dates/{id}/cancel", "POST"): {"reason": "m"},
    ("/v1/media", "POST"): {"name": "Mallory's", "price": 5},
    ("/v1/media/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/zones", "POST"): {"name": "Mallory's", "postal_codes": ["E1 6AN"]},
    ("/v1/zones/{id}", "PATCH"): {"name": "Mallory's"},
    ("/v1/exports", "POST"): {"archived": True},
    ("/v1/webhooks", "POST"): {"url": "https://malice.example/hook"},
    ("/v1/webhooks/{id}", "PATCH"): {"url": "https://malice.example/hook"},
    ("/v1/webhooks/{id}/rotate-secret", "POST"): {"overlap_hours": 1},
    ("/v1/webhooks/{webhook_id}/redeliver", "POST"): {"created_after": "2020-01-01T00:00:00Z"},
}  # fmt: skip

# Bodies that are files.
FILES = {("/v1/imports", "POST"): SentFile(b"First name,Email\nAnn,a@b.example\n")}

# The query parameters that an operation requires; one customer has this external id.
QUERIES = {("/v1/customers", "PUT"): "?external_id=r1"}

# Ids of other systems, of authorities and of clients, which do not refer to rows.
NO_KEYS = ("external_id", "client_id", "tax_id")
OTHERWISE_CALLED = {
    "membership_id": "subscription",
    "purchased_by_id": "customer",
    "bought_for_id": "customer",
    "merged_customer_id": "customer",
    # An offering can also be an event or a medium.
    "offering_id": "service",
    # The column is only compared, so any id of another company will do.
    "credential_id": "request",
}


def ids_in(schema: dict[str, Any], where: str = "") -> Iterator[str]:
    """Yield the names of the ids in a schema; nested ones with their path: `places.0.x_id`."""
    schema = resolved(schema)
    if schema.get("type") == "array":
        yield from ids_in(schema["items"], f"{where}0.")
    for name, part in schema.get("properties", {}).items():
        if name.endswith("_id") and name not in NO_KEYS:
            yield f"{where}{name}"
        yield from ids_in(part, f"{where}{name}.")


# Path, method, location (path, query or body) and name of an id.
Case = tuple[str, str, str, str]
PATH_IDS: list[Case] = [
    (path, method, "path", parameter)
    for path, method, _ in operations()
    for parameter in path_parameters(path)
]
QUERY_IDS: list[Case] = [
    (path, "GET", "query", name)
    for path, operation in reads()
    for name in query_parameters(operation)
    if name.endswith("_id") and name not in NO_KEYS
]
BODY_IDS: list[Case] = [
    (path, method, "body", name) for path, method, schema in writes() for name in ids_in(schema)
]


@pytest.fixture
def foreign(rival: Company) -> dict[str, str]:
    """The ids of the rival's rows, one of each kind."""
    return make_rows(rival)


@pytest.fixture
def own(studio: Company) -> dict[str, str]:
    """The ids of the rows of the integrator's own company, one of each kind."""
    return make_rows(studio)


def kind_of(name: str) -> str:
    """Return the kind of row that an id in a body or a query refers to."""
    last = name.rpartition(".")[2]
    return OTHERWISE_CALLED.get(last, last.removesuffix("_id"))


def body_of(path: str, method: str, own: dict[str, str]) -> Any:
    """Return the body of an operation, with the caller's own ids."""
    return FILES.get((path, method)) or with_ids(BODIES.get((path, method)), own)


def with_ids(part: Any, own: dict[str, str]) -> Any:
    """Return a part of a body with the caller's own ids in place of `<…>`."""
    match part:
        case dict():
            return {name: with_ids(value, own) for name, value in part.items()}
        case list():
            return [with_ids(value, own) for value in part]
        case str():
            return own.get(part[1:-1], part)
    return part


def with_id(part: Any, name: str, value: str) -> Any:
    """Return a part of a body with an id at a dotted name."""
    here, _, inner = name.partition(".")
    if isinstance(part, list):
        return [with_id(part[0] if part else {}, inner, value), *part[1:]]
    part = part if isinstance(part, Mapping) else {}
    if not inner:
        return {**part, here: value}
    nested = part.get(here, [] if inner.startswith("0.") else {})
    return {**part, here: with_id(nested, inner, value)}


def told(answer: Answer) -> tuple[int, bytes, dict[str, str]]:
    """Return the parts of a response that a caller can compare: all but the id and rate limits."""
    own = ("Request-Id", "RateLimit")
    headers = {name: value for name, value in answer.headers.items() if name not in own}
    return answer.status, answer.raw, headers


@cache
def every_table() -> str:
    """Return a statement that reads every row of every tenant table."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity ORDER BY relname")
        tables = [table for (table,) in cursor.fetchall()]
    return " UNION ALL ".join(f'SELECT to_json(t)::text FROM "{table}" t' for table in tables)


def everything(company: Company) -> list[str]:
    """Return every row of a company."""
    with acting_for(company.id), connections["default"].cursor() as cursor:
        cursor.execute(every_table())
        found = sorted(row for (row,) in cursor.fetchall())
    assert found, "the company has rows"
    return found


def test_every_operation_has_a_case() -> None:
    assert set(BODIES) == {(path, method) for path, method, _ in writes()}
    assert PATH_IDS
    bookings = ("/v1/bookings", "/v1/customers/{customer_id}/bookings")
    of_bookings = ("zone_id", "customer_id", "service_id", "facilitator_id", "event_date_id")
    assert {(path, name) for path, _, _, name in QUERY_IDS} == {
        ("/v1/customers", "zone_id"),
        ("/v1/duplicates", "customer_id"),
        ("/v1/goodwill", "customer_id"),
        ("/v1/invoices", "customer_id"),
        ("/v1/transactions", "customer_id"),
        *(
            (f"/v1/{path}", name)
            for path in ("payments", "credit-notes")
            for name in ("customer_id", "invoice_id")
        ),
        *((path, name) for path in bookings for name in of_bookings),
        *(("/v1/requests", name) for name in ("request_id", "credential_id")),
    }
    paid = ("/v1/bookings", "/v1/transactions", "/v1/customers/{customer_id}/media-purchases")
    means = ("pass_id", "credit_id", "payment_method_id")
    parts = (
        *("/v1/customers/{customer_id}/passes", "/v1/customers/{customer_id}/subscriptions"),
        "/v1/invoices/{id}/pay",
    )
    due = ("/v1/bookings/{id}", "/v1/customers/{customer_id}/media-purchases/{id}")
    places = ("event_date_id", "pricing_option_id", "bought_for_id")
    sale = "/v1/customers/{customer_id}/sales"
    sold = ("passes.0.pass_product_id", "media.0.media_id", "subscriptions.0.plan_id")
    owed = ("invoice_id", "booking_id", "media_purchase_id")
    assert {(path, name) for path, _, _, name in BODY_IDS if "." in name} == {
        *((path, f"payment.{name}") for path in paid for name in means),
        *((path, f"payments.0.{name}") for path in paid for name in means),
        *((path, f"payments.0.{name}") for path in parts for name in means[1:]),
        *((f"{path}/payments", f"payments.0.{name}") for path in due for name in means),
        *(("/v1/transactions", f"places.0.{name}") for name in places),
        *((sale, name) for name in sold),
        *((sale, f"owed.0.{name}") for name in owed),
        *((sale, f"payments.0.{name}") for name in means),
        ("/v1/events", "dates.0.facilitator_id"),
    }


def ask(caller: Caller, case: Case, own: dict[str, str], id: str) -> tuple[Any, ...]:
    """Send a request with one foreign id and the caller's own ids; return its response."""
    path, method, where, name = case
    address, body = fill(path, own), body_of(path, method, own)
    if where == "path":
        address = fill(path, own | {name: id})
    elif where == "query":
        address += f"?{name}={id}"
    else:
        body = with_id(body or {}, name, id)
    return told(caller(method, address, body))


def test_a_foreign_id_answers_as_an_unknown_one(
    integrator: Caller,
    rival: Company,
    own: dict[str, str],
    foreign: dict[str, str],
    subtests: pytest.Subtests,
) -> None:
    before = everything(rival)
    for case in PATH_IDS + QUERY_IDS + BODY_IDS:
        path, method, where, name = case
        with subtests.test(f"{method} {path} {where} {name}"), undone():
            kind = path_parameters(path)[name] if where == "path" else kind_of(name)
            seen = ask(integrator, case, own, foreign[kind])
            assert seen == ask(integrator, case, own, UNKNOWN)
            if where == "path":
                assert seen[0] == 404
                body = body_of(path, method, own)
                assert told(integrator(method, fill(path, foreign), body)) == seen
            elif where == "body":
                assert seen[0] in (400, 422)
                assert name in seen[1].decode()
            assert everything(rival) == before, "nothing was written"


def test_lists_and_searches_hold_ones_own_alone(
    integrator: Caller, stranger: Caller, studio: Company, foreign: dict[str, str]
) -> None:
    own = ACustomer(company=studio, name="Own", external_id="r1")
    for path in ("/customers", "/customers?limit=5", "/v1/customers", "/v1/customers?search=o"):
        listed = [one["id"] for one in integrator.get(path).body["data"]]
        assert listed == [f"cust_{own.id.hex}"], path
    theirs = {one["external_id"] for one in stranger.get("/customers").body["data"]}
    assert theirs == {"r1", None}, "an external id is taken within a company only"


def test_a_cursor_of_another_company_is_none(
    integrator: Caller, stranger: Caller, foreign: dict[str, str]
) -> None:
    cursor = stranger.get("/customers").body["end_cursor"]
    unknown = f"{cursor[:-4]}AAAA"
    status, body, headers = told(integrator.get(f"/customers?after={cursor}"))
    seen = (status, body.replace(cursor.encode(), unknown.encode()), headers)
    assert seen == told(integrator.get(f"/customers?after={unknown}"))
    assert status == 400
