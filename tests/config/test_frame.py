"""Bodies, paths, headers and errors of every endpoint (contract, "Common to all")."""

import json
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.forms import modelform_factory
from django.test import Client
from psycopg import errors as pg

from config.docs.codes import error_codes
from config.emails import validate_email
from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller, nobody
from tests.contract import document
from tests.factories import ACustomer

V1 = "/v1/customers"


def test_what_is_no_json_object_is_a_400(integrator: Caller) -> None:
    for raw in (
        *(b"{", b"nonsense", b'{"first_name": NaN}', b'{"preferences": {"x": Infinity}}'),
        b'{"preferences": {"x": 1e400}}',
        b'{"first_name": ' + b"9" * 5000 + b"}",
        *(b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe{\x00}\x00", b'{"first_name": "\xff"}'),
        *(b"\x00", b'"text"', b"null", b"[1]"),
    ):
        answer = integrator.post(V1, raw)
        assert (answer.status, answer.body["error"]["code"]) == (400, "bad_request"), raw[:50]
        assert "JSON" in answer.body["error"]["message"], raw[:50]


def test_preferences_and_text_hold_what_can_be_kept(integrator: Caller) -> None:
    for field, value, sentence in (
        ("preferences", {"x": "\ud800"}, "Must not contain null characters or lone"),
        ("preferences", {"\x00": 1}, "Must not contain null characters or lone"),
        ("preferences", {"x": 10**400}, "Must hold numbers from -2^63 to 2^63 only; got “1000"),
        ("preferences", {"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}, "at most 5 levels deep"),
        ("preferences", {str(n): n for n in range(101)}, "at most 100 keys and 16 kB in all"),
        ("preferences", {"x": "x" * 17_000}, "at most 100 keys and 16 kB in all"),
        ("preferences", [], "Must be an object; got “[]”."),
        ("preferences", "text", "Must be an object; got “text”."),
        ("first_name", "\ud800", "Surrogate characters are not allowed"),
        ("first_name", "a\x00b", "Null characters are not allowed"),
        ("first_name", "x" * 300, "at most 200 characters; got 300"),
        ("first_name", ["x"], 'Must be text; got “["x"]”'),
        ("first_name", True, "Must be text; got “true”"),
    ):
        body = {"first_name": "Ann", "email": "a@b.example", field: value}
        answer = integrator.post(V1, body)
        told = answer.body["error"]["message"]
        assert (answer.status, told.partition(": ")[0], sentence in told) == (422, field, True)


def test_preferences_stay_within_bounds_when_merged(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, preferences={str(n): n for n in range(60)})
    more = {"preferences": {f"more {n}": n for n in range(60)}}
    answer = integrator.patch(f"{V1}/{customer.id}", more)
    assert (answer.status, answer.body["error"]["code"]) == (422, "invalid_preference")
    told = "Must have at most 100 keys and 16,384 bytes in all; got 120 keys and "
    assert answer.body["error"]["message"].startswith(f"preferences: {told}")


def test_a_body_past_a_mebibyte_is_a_413_and_one_that_is_no_json_a_415(integrator: Caller) -> None:
    for path in (V1, "/customers"):
        answer = integrator.post(path, b'{"name": "' + b"x" * 10_000_000 + b'"}')
        assert answer.status == 413, path
    assert answer.body["code"] == "payload_too_large"
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"):
        answer = integrator("POST", "/customers", b"name=x", content_type=kind)
        assert (answer.status, answer.body["code"]) == (415, "unsupported_media_type"), kind
    for kind in ("application/json; charset=utf-8", "application/merge-patch+json"):
        answer = integrator("POST", "/customers", {"name": "x"}, content_type=kind)
        assert answer.status == 201, kind


UNKNOWN = "No such endpoint: {} {}. See /docs/reference/."


def test_an_address_that_leads_nowhere_answers_as_its_surface_does() -> None:
    paths = ("/customer/x/nothing", "/customers/x/nothing", "/v1/nothing")
    for path, method in product(paths, ("GET", "POST", "DELETE")):
        message = UNKNOWN.format(method, path)
        code = {"code": "not_found", "message": message}
        url = "http://localhost:8000/docs/errors/not_found"
        body = {
            "customer": {"message": message},
            "customers": {**code, "validation_errors": {}},
            "v1": {"error": {"type": "invalid_request", **code, "doc_url": url}},
        }[path.split("/")[1]]
        answer = nobody()(method, path)
        assert (answer.status, answer.body) == (404, body), path
        assert answer.headers["Cache-Control"] == "no-store"
    assert nobody().get("/oauth/nothing").body["error"] == "invalid_request"


def test_a_sane_request_id_comes_back_and_another_is_replaced(integrator: Caller) -> None:
    for given in ("abc-123", "a" * 128, "01JD:x/y+z=.w_"):
        assert integrator.get("/customers", Request_Id=given).headers["Request-Id"] == given
    for given in ("", "a" * 129, "a b", "<script>", "é"):
        made = integrator.get("/customers", Request_Id=given).headers["Request-Id"]
        assert (len(made), made != given) == (32, True), given


def test_every_code_that_can_be_answered_is_explained_on_its_page() -> None:
    for code, error in error_codes().items():
        page = Client(SERVER_NAME="localhost").get(f"/docs/errors/{code}")
        assert error.meaning in page.text.replace("&#x27;", "'")
        assert error.advice
        assert error.wordings, f"{code} has no status: add it to config.docs.codes.STATUSES"


def test_a_database_that_is_away_is_a_503_and_a_deadlock_a_409(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadlocked(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("deadlock detected") from pg.DeadlockDetected()

    def gone(*args: Any) -> None:
        raise OperationalError("the server closed the connection")

    customer = ACustomer(company=studio)
    monkeypatch.setattr("customers.actions.update_customer", deadlocked)
    answer = integrator.patch(f"{V1}/{customer.id}", {"first_name": "x"})
    assert (answer.status, answer.body["error"]["code"]) == (409, "busy")
    monkeypatch.setattr("config.api.authentication.digest", gone)
    answer = integrator.get(V1)
    assert (answer.status, answer.body["error"]["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"


def test_an_unexpected_error_is_a_500(integrator: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("customers.actions.create_customer", broken)
    browser = Client(
        SERVER_NAME="localhost", headers=integrator.headers, raise_request_exception=False
    )
    body = {"first_name": "Ann", "email": "a@b.example"}
    answer = browser.post(V1, json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "secret detail" not in answer.text
    assert answer["Request-Id"]


def test_what_was_made_is_linked_to_what_its_id_opens() -> None:
    made = document()["paths"][V1]["post"]["responses"]["201"]["links"]
    assert made["v1_customers_change"] == {
        "operationId": "v1_customers_change",
        "parameters": {"path.id": "$response.body#/id"},
    }
    served = Client(SERVER_NAME="localhost").get("/openapi.json")
    assert (served["Content-Type"], served.json()["openapi"][:3]) == ("application/json", "3.1")
    opened = {operation for operation in made if operation.startswith(("m2m_", "credits_"))}
    assert {"m2m_customer_profile_read", "credits_customers_credits_create"} <= opened


TWICE = "Given more than once in the same object. Send it once."


def test_a_key_that_comes_twice_is_refused(integrator: Caller) -> None:
    for body, path in (
        (b'{"name": "A", "name": "B"}', "name"),
        (b'{"name": "A", "address": {"name": 1, "name": 2}}', "address.name"),
        (b'{"a": [{}, {"b": [[{"c": 1, "c": 1}]]}]}', "a.1.b.0.0.c"),
        (b'{"a": {"b": 1, "b": 2}, "c": 1, "c": 2}', "c"),
    ):
        answer = integrator.post("/customers", body)
        assert (answer.status, answer.body["message"]) == (400, f"{path}: {TWICE}")
        assert answer.body["validation_errors"] == {path: TWICE}
    answer = integrator.post(V1, b'{"\\ud800": 1}')
    assert (answer.status, answer.body["error"]["param"]) == (400, "\ud800"), "an impossible name"
    with_twice = nobody().post("/token", b'{"client_id": "a", "client_id": "b"}')
    assert with_twice.body == {"message": f"client_id: {TWICE}"}


def test_a_host_that_is_not_served_is_named() -> None:
    sentence = "“evil.example” is not a host of this server. Send the request to http://localhost"
    for path in ("/v1/customers", "/customers", "/nothing"):
        answer = Client().get(path, headers={"host": "evil.example"})
        assert (answer.status_code, sentence in answer.text) == (400, True), path
    assert answer.json()["error"]["code"] == "bad_request"


# --- International e-mail addresses, the same on every surface ---

GOOD = ["a@b.com", "stanisław.wójcik@wp.pl", "jörg@müller.de", "अजय@डाटा.भारत", "o'neill+1@x.co"]
BAD = [
    "a",
    "@b.com",
    "a@b",
    "a b@c.com",
    "a..b@c.com",
    "a\u00a0b@c.com",
    "\u202ea@b.com",
    "a,b@c.de",
]


def test_letters_of_any_alphabet_are_an_address(integrator: Caller) -> None:
    for email in GOOD:
        validate_email(email)
        made = integrator.post("/customers", {"email": email})
        assert (made.status, made.body["email"]) == (201, email)
        assert modelform_factory(Customer, fields=["email"])({"email": email}).is_valid()


def test_what_is_no_address_is_refused(integrator: Caller) -> None:
    for email in BAD:
        with pytest.raises(ValidationError):
            validate_email(email)
        assert integrator.post("/customers", {"email": email}).status == 422, email
        assert not modelform_factory(Customer, fields=["email"])({"email": email}).is_valid()
