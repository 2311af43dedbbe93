"""What every endpoint shares (contract, "Common to all"): bodies, addresses, headers, troubles."""

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client, override_settings
from psycopg import errors as pg

from config.access.models import Company
from tests.callers import Caller, nobody
from tests.contract import document
from tests.factories import ACustomer

V1 = "/v1/customers"


@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"nonsense",
        b'{"first_name": NaN}',
        b'{"preferences": {"x": Infinity}}',
        b'{"preferences": {"x": 1e400}}',
        b'{"first_name": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"\xff\xfe{\x00}\x00",
        b'{"first_name": "\xff"}',
        b"\x00",
        b'"text"',
        b"null",
        b"[1]",
    ],
)
def test_what_is_no_json_object_is_a_400(integrator: Caller, raw: bytes) -> None:
    answer = integrator.post(V1, raw)
    assert (answer.status, answer.body["error"]["code"]) == (400, "bad_request")
    assert "JSON" in answer.body["error"]["message"]


@pytest.mark.parametrize(
    ("preferences", "sentence"),
    [
        ({"x": "\ud800"}, "Holds a character that cannot be stored."),
        ({"\x00": 1}, "Holds a character that cannot be stored."),
        ({"x": 10**400}, "Holds a number that cannot be stored."),
        ({"a": {"b": {"c": {"d": {"e": {"f": 1}}}}}}, "Too deep: at most 5 levels."),
        ({str(n): n for n in range(101)}, "Too much: at most 100 keys and 16 kB."),
        ({"x": "x" * 17_000}, "Too much: at most 100 keys and 16 kB."),
        ([], "Must be an object."),
        ("text", "Must be an object."),
    ],
)
def test_preferences_hold_what_can_be_kept(
    integrator: Caller, preferences: Any, sentence: str
) -> None:
    body = {"first_name": "Ann", "email": "a@b.example", "preferences": preferences}
    answer = integrator.post(V1, body)
    assert answer.status == 422
    assert answer.body["error"]["message"] == f"preferences: {sentence}"


def test_preferences_stay_within_bounds_when_merged(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, preferences={str(n): n for n in range(60)})
    more = {"preferences": {f"more {n}": n for n in range(60)}}
    answer = integrator.patch(f"{V1}/{customer.id}", more)
    assert (answer.status, answer.body["error"]["code"]) == (422, "invalid_preference")


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("\ud800", "Surrogate characters are not allowed"),
        ("a\x00b", "Null characters are not allowed"),
        ("x" * 300, "no more than 200 characters"),
        (["x"], "Not a valid string"),
        (True, "Not a valid string"),
    ],
)
def test_text_holds_what_can_be_kept(integrator: Caller, name: Any, sentence: str) -> None:
    answer = integrator.post(V1, {"first_name": name, "email": "a@b.example"})
    assert answer.status == 422
    assert sentence in answer.body["error"]["message"]


def test_an_unknown_field_with_an_impossible_name_is_named_all_the_same(
    integrator: Caller,
) -> None:
    answer = integrator.post(V1, b'{"\\ud800": 1}')
    assert (answer.status, answer.body["error"]["param"]) == (400, "\ud800")


def test_a_body_past_a_mebibyte_is_a_413(integrator: Caller) -> None:
    for path, code in ((V1, "v1"), ("/customers", "accounts")):
        answer = integrator.post(path, b'{"name": "' + b"x" * 10_000_000 + b'"}')
        assert answer.status == 413, code
    assert answer.body["code"] == "payload_too_large"


def test_a_body_that_is_not_sent_as_json_is_a_415(integrator: Caller) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "x"):
        answer = integrator("POST", "/customers", b"name=x", content_type=kind)
        assert (answer.status, answer.body["code"]) == (415, "unsupported_media_type"), kind
    for kind in ("application/json; charset=utf-8", "application/merge-patch+json"):
        body = {"name": "x"}
        assert integrator("POST", "/customers", body, content_type=kind).status == 201


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/customer/x/nothing", {"message": "There is nothing here."}),
        (
            "/customers/x/nothing",
            {"code": "not_found", "message": "There is nothing here.", "validation_errors": {}},
        ),
        (
            "/v1/nothing",
            {
                "error": {
                    "type": "invalid_request",
                    "code": "not_found",
                    "message": "There is nothing here.",
                    "doc_url": "http://localhost:8000/docs/errors/not_found",
                }
            },
        ),
    ],
)
def test_an_address_that_leads_nowhere_answers_as_its_surface_does(path: str, body: Any) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = nobody()(method, path)
        assert (answer.status, answer.body) == (404, body)
        assert answer.headers["Cache-Control"] == "no-store"
    assert nobody().get("/oauth/nothing").body["error"] == "invalid_request"


@pytest.mark.parametrize("given", ["abc-123", "a" * 128, "01JD:x/y+z=.w_"])
def test_a_sane_request_id_comes_back(integrator: Caller, given: str) -> None:
    assert integrator.get("/customers", Request_Id=given).headers["Request-Id"] == given


@pytest.mark.parametrize("given", ["", "a" * 129, "a b", "<script>", "é"])
def test_another_request_id_is_replaced(integrator: Caller, given: str) -> None:
    made = integrator.get("/customers", Request_Id=given).headers["Request-Id"]
    assert len(made) == 32
    assert made != given


def test_every_code_that_can_be_answered_has_a_page() -> None:
    from config.docs.codes import error_codes

    browser = Client(SERVER_NAME="localhost")
    for code, error in error_codes().items():
        page = browser.get(f"/docs/errors/{code}")
        assert page.status_code == 200
        assert error.meaning in page.text.replace("&#x27;", "'")
        assert error.advice
        assert error.wordings, f"{code} has no status: add it to config.docs.codes.STATUSES"
    assert browser.get("/docs/errors/").status_code == 200
    assert browser.get("/docs/errors/nonsense").status_code == 404


def test_doc_url_opens_a_page(integrator: Caller) -> None:
    url = integrator.get("/v1/customers/nonsense").body["error"]["doc_url"]
    path = url.removeprefix("http://localhost:8000")
    assert Client(SERVER_NAME="localhost").get(path).status_code == 200


def test_the_document_and_its_pages_are_served() -> None:
    browser = Client(SERVER_NAME="localhost")
    served = browser.get("/openapi.json")
    assert served["Content-Type"] == "application/json"
    assert served.json()["openapi"].startswith("3.1")
    page = browser.get("/docs/reference/")
    assert page.status_code == 200
    assert "script-src" in page["Content-Security-Policy"]
    assert "https://" not in page.text, "the documentation works offline"


def test_a_database_that_is_away_is_a_503_worth_another_try(
    integrator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*args: Any) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("config.api.admission.digest", gone)
    answer = integrator.get(V1)
    assert (answer.status, answer.body["error"]["code"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "5"


def test_a_deadlock_is_a_409_worth_another_try(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deadlocked(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("deadlock detected") from pg.DeadlockDetected()

    customer = ACustomer(company=studio)
    monkeypatch.setattr("customers.api.update_customer", deadlocked)
    answer = integrator.patch(f"{V1}/{customer.id}", {"first_name": "x"})
    assert (answer.status, answer.body["error"]["code"]) == (409, "busy")


def test_what_nobody_expected_is_a_500_that_says_nothing(
    integrator: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("customers.api.create_customer", broken)
    browser = Client(
        SERVER_NAME="localhost", headers=integrator.headers, raise_request_exception=False
    )
    body = {"first_name": "Ann", "email": "a@b.example"}
    answer = browser.post(V1, json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "internal_error")
    assert "secret detail" not in answer.text
    assert answer["Request-Id"]


@override_settings(ALLOWED_HOSTS=["studio.example"])
def test_an_unknown_host_is_a_400() -> None:
    answer = nobody().get("/v1/nothing")
    assert (answer.status, answer.body["error"]["code"]) == (400, "bad_request")


@pytest.mark.parametrize("query", ["created_after=", "status=", "zone_id=", "has_subscription="])
def test_a_filter_that_is_left_empty_is_told(integrator: Caller, query: str) -> None:
    answer = integrator.get(f"{V1}?{query}")
    assert (answer.status, answer.body["error"]["param"]) == (400, query.rstrip("="))


def test_a_search_for_nothing_finds_everybody(integrator: Caller, studio: Company) -> None:
    ACustomer(company=studio)
    assert integrator.get(f"{V1}?search=").body["pagination"]["total"] == 1


def test_what_was_made_is_linked_to_what_its_id_opens() -> None:
    made = document()["paths"][V1]["post"]["responses"]["201"]["links"]
    assert made["v1_customers_change"] == {
        "operationId": "v1_customers_change",
        "parameters": {"path.id": "$response.body#/id"},
    }
    opened = {operation for operation in made if operation.startswith(("m2m_", "credits_"))}
    assert {"m2m_profiles_read", "credits_credits_create"} <= opened
