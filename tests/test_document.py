"""Facts of the OpenAPI document that clients and readers rely on."""

import re
from typing import Any

from django.utils.module_loading import import_string
from drf_spectacular.extensions import OpenApiSerializerFieldExtension

from config.api.openapi import extensions
from tests.callers import Caller
from tests.contract import document, operations, validator
from tests.test_two_companies import UNKNOWN

# A client that requests a token has no token yet.
OPEN = {"/oauth/token", "/oauth/revoke", "/token"}


def test_every_operation_says_which_credential_it_needs() -> None:
    for path, method, operation in operations():
        schemes = [name for one in operation["security"] for name in one]
        assert schemes == ([] if path in OPEN else ["oauth2", "apiKey"]), (method, path)
    for name, methods in document()["webhooks"].items():
        assert methods["post"]["security"] == [], name


def test_a_method_that_no_path_takes_is_refused_at_every_path(integrator: Caller) -> None:
    for path in {path for path, _, _ in operations()} - OPEN:
        filled = re.sub(r"\{\w+\}", UNKNOWN, path)
        answer = integrator.client.generic("TRACE", filled, headers=integrator.headers)
        assert answer.status_code == 405, (path, answer.content)


def test_what_says_how_a_field_is_documented_says_it_of_its_subclasses_too() -> None:
    own = [
        one
        for one in vars(extensions).values()
        if isinstance(one, type) and issubclass(one, OpenApiSerializerFieldExtension)
    ]
    for one in own:
        if one is not OpenApiSerializerFieldExtension and not one.match_subclasses:
            assert not import_string(one.target_class).__subclasses__(), one


def test_every_tag_is_described() -> None:
    described = {tag["name"]: tag["description"] for tag in document()["tags"]}
    assert all(described.values())
    assert {tag for _, _, operation in operations() for tag in operation["tags"]} <= set(described)


# Other paths of the M2M surface for the same lists.
TWICE = {f"/customer/{{customer_id}}/{name}" for name in ("subscriptions", "media", "passes")}


def test_every_operation_of_a_surface_has_its_own_summary() -> None:
    told: dict[tuple[str, str], str] = {}
    for path, method, operation in operations():
        if path not in TWICE:
            key = (*operation["tags"], operation["summary"])
            assert told.setdefault(key, f"{method} {path}") == f"{method} {path}", key
    shown = [
        document()["paths"][path]["get"]["summary"]
        for path in ("/v1/invoices", "/v1/invoices/{id}", "/v1/customers/{id}/state")
    ]
    assert shown == [
        "List invoices, newest first",
        "Read an invoice",
        "Read the whole of a customer in one call, as far as the scopes of the credential go",
    ]


def is_valid(schema: str, body: dict[str, Any]) -> bool:
    there = validator(f'{{"$ref": "#/components/schemas/{schema}"}}')
    return there.evolve(format_checker=None).is_valid(body)


def test_a_body_that_lacks_one_of_several_fields_is_not_as_documented() -> None:
    id = 32 * "0"
    for schema, good, bad in (
        ("NewPayment", {"method": "cash"}, {}),
        ("NewPayment", {"payment_method_id": f"pm_{id}"}, {"reference": "x"}),
        ("PaymentMeans", {"invoice": True}, {"due_on": "2099-01-31"}),
        ("PaymentMeans", {"pass_id": "PKG_" + 32 * "A"}, {"pass_id": "pkg_1"}),
        ("NewBooking", {"event_date_id": id}, {"service_id": id}),
        ("NewCoupon", {"percentage": 5}, {}),
        ("NewUser", {"last_name": "Lee"}, {}),
        ("NewAccount", {"external_id": "a1"}, {"city": "London"}),
    ):
        required = document()["components"]["schemas"][schema].get("required", ())
        rest = {name: {"amount": 5, "customer_id": id, "name": "x"}[name] for name in required}
        assert is_valid(schema, rest | good), good
        assert not is_valid(schema, rest | bad), bad


def test_the_two_forms_of_a_page_are_told_apart_by_what_they_require() -> None:
    unions = {}
    for path, method, operation in operations():
        answer = operation["responses"].get("200", {}).get("content", {})
        schema = answer.get("application/json", {}).get("schema", {})
        if "oneOf" in schema:
            unions[f"{method} {path}"] = [one["$ref"].rpartition("/")[2] for one in schema["oneOf"]]
    assert unions == {
        "GET /v1/customers": ["V1CustomersPage", "V1CustomersCursorPage"],
        "GET /v1/bookings": ["V1BookingsPage", "V1BookingsCursorPage"],
    }
    for names in unions.values():
        numbered, cursors = (document()["components"]["schemas"][name] for name in names)
        assert set(numbered["required"]) == {"data", "pagination"}
        assert "pagination" not in cursors["properties"]
        assert set(cursors["required"]) - numbered["properties"].keys()
        assert "`limit`, `after`" in numbered["description"]
        assert "`limit`, `after`" in cursors["description"]


def test_an_email_is_one_type_to_a_generator(integrator: Caller) -> None:
    """`oneOf` requires exactly one match, but two alternatives would both match "" or null."""
    schema = document()["components"]["schemas"]["NewCustomer"]["properties"]["email"]
    assert schema["type"] == ["string", "null"]
    assert not {"oneOf", "anyOf"} & schema.keys()
    for email in ("ann@lee.example", "stanisław@wp.example", "", None):
        body = {"first_name": "Ann", "phone": "1", "email": email}
        assert is_valid("NewCustomer", body), email
        assert integrator.post("/v1/customers", body).status == 201, email


def test_every_id_of_a_path_says_which_forms_it_takes() -> None:
    for path, method, operation in operations():
        for one in operation["parameters"]:
            if one["in"] == "path":
                assert re.fullmatch(one["schema"]["pattern"], UNKNOWN.upper()), (method, path)
                assert not re.fullmatch(one["schema"]["pattern"], "nonsense")
