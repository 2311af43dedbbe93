"""Which deviations from the OpenAPI document a request may have (contract, "Leniency").

The cases come from the OpenAPI document: every read, every boolean, every route of a lenient
surface, every object that a client can send back, and every creation.
"""

import re
import string
from typing import Any

import pytest

from config.access.scopes import SCOPES
from config.api.unknown import HEADER, MOST_UNKNOWN
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.api_routes import fill, make_rows
from tests.callers import Answer, Caller, nobody
from tests.contract import operations, query_parameters
from tests.factories import ACoupon, ACustomer, AnAppointment, APlace, make_api_client
from tests.refusals import UNKNOWN_FIELD, fields_of, whole_error
from tests.shares import undone
from tests.test_two_companies import QUERIES, body_of

# The response contains the current time.
AS_OF_NOW = "/v1/customers/{id}/credits/balance"
# Values that differ between two exports of one person: the time, and the log of exports.
OF_NOW = re.compile(rb'"exported_at": "[^"]+"|"dataexport": \[[^\]]+\]')
READS = [(path, operation) for path, method, operation in operations() if method == "GET"]
# An upsert's path cannot be read: it names no object.
SENT_BACK = [
    (path, method)
    for path, method, _ in operations()
    if method in ("PATCH", "PUT") and (path, method) not in QUERIES
]
# Creations whose objects are read at another path, not below their own.
ELSEWHERE = {
    "/v1/customers/{customer_id}/goodwill",
    "/v1/invoices/{invoice_id}/payments",
    "/v1/payments/{id}/refunds",
}
CREATIONS = [(path, one) for path, _, one in operations() if "201" in one["responses"]]
LENIENT = [
    (path, method, operation)
    for path, method, operation in operations()
    if not path.startswith("/v1/") and operation["security"]
]


@pytest.fixture
def rows(studio: Company) -> dict[str, str]:
    return make_rows(studio)


# --- Ids and parameters ---


def test_every_read_takes_ids_in_capitals_and_empty_parameters(
    integrator: Caller, rows: dict[str, str], subtests: pytest.Subtests
) -> None:
    capitals = {kind: id.upper() for kind, id in rows.items()}
    for path, operation in READS:
        if path == AS_OF_NOW:
            continue
        with subtests.test(path):
            usual = integrator.get(fill(path, rows))
            assert usual.status == 200
            large = integrator.get(fill(path, capitals))
            # Links repeat the path of the request, in upper case too.
            assert told(large) == told(usual) or (large.status == 200 and "links" in large.body)
            # Without a cursor this list streams all customers; an empty cursor requests a page.
            cursors = ("after", "before") if path == "/customers" else ()
            empty = [f"{name}=" for name in query_parameters(operation) if name not in cursors]
            answer = integrator.get(f"{fill(path, rows)}?{'&'.join(empty)}")
            assert (answer.status, told(answer)) == (200, told(usual))


def told(answer: Answer) -> bytes:
    """Return the body of a response, without the values that differ each time."""
    return OF_NOW.sub(b"", answer.raw)


def forms(id: str, *prefixes: str) -> list[str]:
    """Return the equivalent forms of an id."""
    hexed = id.replace("-", "")
    made = [id, hexed, *(prefix + hexed for prefix in prefixes)]
    return made + [one.upper() for one in made]


def test_an_id_is_read_with_any_prefix_of_its_row(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    appointment = AnAppointment(company=studio, customer=customer)
    place = APlace(company=studio, customer=customer)
    booking = ("bk_", "appt_", "booking_")
    for row in (appointment, place):
        answers = {integrator.get(f"/v1/bookings/{id}").raw for id in forms(str(row.id), *booking)}
        assert len(answers) == 1
    path = f"/customer/{customer.id}/booking"
    assert {integrator.get(f"{path}/{id}").status for id in forms(str(place.id), *booking)} == {200}
    for id in forms(str(customer.id), "cust_"):
        assert integrator.get(f"/v1/customers/{id}").status == 200
        assert len(integrator.get(f"/v1/bookings?customer_id={id}").body["data"]) == 2
        with undone():
            body = {"customer_id": id, "line_items": [{"description": "x", "unit_price": 5}]}
            assert integrator.post("/v1/invoices", body).status == 201
    for wrong in (f"cust_{place.id.hex}", f"bk_bk_{place.id.hex}", f"BK-{place.id.hex}"):
        assert integrator.get(f"/v1/bookings/{wrong}").status == 404


def test_external_ids_stay_exact(integrator: Caller, studio: Company) -> None:
    ACustomer(company=studio, external_id="Ab1")
    assert integrator.post("/customers", {"external_id": "AB1"}).status == 201
    assert integrator.post("/customers", {"external_id": "Ab1"}).status == 409


def test_an_empty_cursor_asks_for_the_first_page(integrator: Caller, studio: Company) -> None:
    with acting_for(studio.id):
        Customer.objects.bulk_create(Customer(company=studio, name=f"{n}") for n in range(101))
    for query, count, has_next in (
        *(("", 101, False), ("limit=", 101, False), ("after=&limit=2", 2, True)),
        *((query, 100, True) for query in ("after=", "before=", "after=&before=", "limit=&after=")),
    ):
        page = integrator.get(f"/customers?{query}").body
        assert (len(page["data"]), page["has_next_page"]) == (count, has_next), query


def test_every_boolean_is_read_in_four_forms_and_any_case(
    integrator: Caller, rows: dict[str, str], subtests: pytest.Subtests
) -> None:
    booleans = [
        (path, name)
        for path, operation in READS
        for name, schema in query_parameters(operation).items()
        if schema.get("type") == "boolean"
    ]
    assert len(booleans) > 8
    for path, name in booleans:
        with subtests.test(f"{path} {name}"):
            url = f"{fill(path, rows)}?{name}="
            for words in (("true", "True", "TRUE", "1"), ("false", "False", "FALSE", "0")):
                answers = [integrator.get(url + word) for word in words]
                assert {one.status for one in answers} == {200}
                assert len({str(one.body["data"]) for one in answers}) == 1
            assert integrator.get(f"{url}yes").status == 400


# --- Unknown names ---


def test_every_lenient_route_ignores_unknown_names_and_refuses_typing_errors(
    integrator: Caller, rows: dict[str, str], subtests: pytest.Subtests
) -> None:
    for path, method, operation in LENIENT:
        url, body = fill(path, rows), body_of(path, method, rows)
        with subtests.test(f"{method} {path}"), undone():
            for name in query_parameters(operation):
                answer = integrator(method, f"{url}?{name}s=1")
                told = f"Did you mean {name}?" in answer.raw.decode()
                assert (answer.status, told) == (400, True), name
            if path.endswith("/restore"):
                integrator.delete(url.removesuffix("/restore"))
            with undone():
                usual = integrator(method, url, body)
            more = {**(body or {}), "site_id": 7, "coupon": {"a": 1}}
            sent, ignored = (None, "") if method == "GET" else (more, ", site_id, coupon")
            with undone():
                answer = integrator(method, f"{url}?utm_source=x&utm_source=y", sent)
            assert answer.status == usual.status < 300
            assert answer.headers[HEADER] == f"utm_source{ignored}"
            assert HEADER not in usual.headers
            if method == "GET":
                assert answer.raw == usual.raw


def test_a_typing_error_issues_no_credit(
    integrator: Caller, studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer, coupon = ACustomer(company=studio), ACoupon(company=studio)
    path = f"/customers/customers/{customer.id}/credits"
    body = {"coupon_id": str(coupon.id), "customer_id": str(customer.id)}
    misspelt = ("expird_date", "expiry_dat", "expriy_date", "expiryDate", "EXPIRY_DATE", "revenu")
    for typed in misspelt:
        answer = integrator.post(path, body | {typed: "2099-01-31"})
        assert (answer.status, typed in answer.body["message"]) == (400, True), typed
    assert integrator.get(path).body["data"] == []
    # The negative control: without the check for typing errors, the credit never expires.
    monkeypatch.setattr("config.api.unknown.near_miss", lambda name, known: None)
    answer = integrator.post(path, body | {"expird_date": "2099-01-31"})
    assert (answer.status, answer.body["data"]["expiry_date"]) == (201, None)


def test_a_typing_error_for_a_refused_field_is_refused(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    for typed, meant in (
        *(("emial", "email"), ("Email", "email")),
        *(("external-id", "external_id"), ("externalid", "external_id")),
    ):
        answer = integrator.patch(f"/customers/{customer.id}", {typed: "a@b.example"})
        told = f"{typed}: There is no such field. Did you mean {meant}? The "
        assert (answer.status, told in answer.body["message"]) == (400, True), typed
        assert "cannot be changed here." in answer.body["message"]


def test_unknown_names_are_told_at_once(integrator: Caller, studio: Company) -> None:
    body = {
        "first_name": "Ann", "phone": "1", "colour": 1, "emial": 2,
        "address": {"planet": "Mars", "street": "x"}, "x" * 200: 3,
    }  # fmt: skip
    answer = integrator.post("/v1/customers", body)
    unknown = [
        (name, "unknown_field", UNKNOWN_FIELD) for name in ("colour", "x" * 100, "address.planet")
    ]
    typed = ("emial", "unknown_field", "There is no such field. Did you mean email?")
    whole = whole_error(unknown[0], typed, *unknown[1:])
    assert (answer.status, answer.body) == (400, whole)
    many = integrator.post("/v1/customers", {f"f{n}": n for n in range(150)})
    assert len(fields_of(many)) == MOST_UNKNOWN
    customer = ACustomer(company=studio)
    typed = {f"{letter}obile": 1 for letter in string.ascii_lowercase}
    told = integrator.put(f"/customer/{customer.id}/profile", typed)
    assert told.body["message"].count("Did you mean mobile?") == 20
    assert told.body["message"].endswith("And 9 more.")


def test_what_is_ignored_is_reported_in_every_answer(integrator: Caller, studio: Company) -> None:
    first, again = (
        integrator.post("/customers?a=1", {"name": "Acme", "b": 2}, Idempotency_Key="k")
        for _ in range(2)
    )
    assert again.headers["Idempotent-Replayed"] == "true"
    assert first.headers[HEADER] == again.headers[HEADER] == "a, b"
    refused = integrator.post("/customers", {"nam": "Acme", "colour": 1})
    assert (refused.status, refused.headers[HEADER]) == (400, "colour")
    client, secret = make_api_client(studio, name="c", scopes=SCOPES)
    body = {"client_id": client.client_id, "client_secret": secret, "audience": "x"}
    token = nobody().post("/token", body | {"grant_type": "client_credentials"})
    assert (token.status, token.headers[HEADER]) == (200, "audience")


def test_too_many_unknown_names_are_refused(integrator: Caller) -> None:
    account = {"name": "Acme"}
    enough = {f"field_{n}": n for n in range(MOST_UNKNOWN)}
    assert integrator.post("/customers", account | enough).status == 201
    assert integrator.post("/customers", account | enough | {"one_more": 1}).status == 400


# --- Objects that clients send back, and objects that were created ---


def test_every_object_can_be_sent_back_whole_but_not_as_another(
    integrator: Caller, rows: dict[str, str], subtests: pytest.Subtests
) -> None:
    for path, method in SENT_BACK:
        with subtests.test(f"{method} {path}"), undone():
            url, body = fill(path, rows), body_of(path, method, rows) or {}
            integrator(method, url, body)
            before = integrator.get(url).body
            shown = before.get("data", before)
            answer = integrator(method, url, shown if method == "PUT" else before)
            assert (answer.status, HEADER in answer.headers) == (200, False), answer
            assert integrator.get(url).body == before, "updated_at as well"
            wrong = {"id": rows["plan" if "webhook" in path else "webhook"]}
            if "created_at" in shown:
                wrong["created_at"] = "2020-01-01T00:00:00Z"
            answer = integrator(method, url, body | wrong)
            assert (answer.status, fields_of(answer)) == (400, wrong.keys()), "all of it at once"
            assert integrator.get(url).body == before


def test_what_is_worked_out_is_passed_over(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, email="a@b.example")
    path = f"/v1/customers/{customer.id}"
    shown = integrator.get(path).body
    # Clients send ids without a prefix, and JavaScript's times with milliseconds.
    shown |= {"id": str(customer.id).upper(), "created_at": shown["created_at"][:23] + "Z"}
    shown |= {"stats": None, "updated_at": None, "status": "inactive", "first_name": "Zoë"}
    answer = integrator.patch(path, shown)
    told = (answer.status, answer.body["first_name"], answer.body["status"])
    assert told == (200, "Zoë", "active")
    assert answer.headers[HEADER] == "status, stats, updated_at"


def test_a_name_that_is_put_together_stays_so(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, first_name="Ann", last_name="Lee", name="")
    path = f"/customers/{customer.id}"
    assert integrator.patch(path, integrator.get(path).body).status == 200
    integrator.patch(f"/v1/customers/{customer.id}", {"last_name": "Ng"})
    assert integrator.get(path).body["name"] == "Ann Ng"


def test_every_answer_to_a_creation_says_where_it_can_be_read(
    integrator: Caller, rows: dict[str, str], subtests: pytest.Subtests
) -> None:
    gets = {path for path, _ in READS}
    for path, operation in CREATIONS:
        with subtests.test(path), undone():
            body = body_of(path, "POST", rows)
            if path.endswith("/erasures"):
                integrator.post(fill(f"{path}/{{id}}/cancel", rows))
            if path.endswith(("/subscriptions", "/sales")):
                plan = integrator.post("/v1/plans", body_of("/v1/plans", "POST", rows))
                bought = {"plan_id": plan.body["id"]}
                body = bought if "plan_id" in body else {**body, "subscriptions": [bought]}
            made = integrator.post(fill(path, rows), body, Idempotency_Key="k")
            depth = path.count("/") + 1
            is_readable = path in ELSEWHERE or any(
                one.startswith(f"{path}/{{") and one.count("/") == depth for one in gets
            )
            assert ("Location" in operation["responses"]["201"]["headers"]) == is_readable
            assert (made.status, "Location" in made.headers) == (201, is_readable)
            if is_readable:
                found = integrator.get(made.headers["Location"])
                assert (found.status, found.body) == (200, without_secret(made.body))
            if "secret" not in made.body:
                again = integrator.post(fill(path, rows), body, Idempotency_Key="k")
                assert again.headers["Idempotent-Replayed"] == "true"
                assert again.headers.get("Location") == made.headers.get("Location")


def without_secret(body: dict[str, Any]) -> dict[str, Any]:
    """Return an object as later reads show it."""
    return {name: value for name, value in body.items() if name != "secret"}
