"""`PUT /v1/customers?external_id=` and `POST /v1/customers/batch`: upsert by external id."""

from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from config.access.models import ApiKey
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from customers.tasks import send_invitation
from tests.callers import Answer, Caller
from tests.changes import recorded
from tests.factories import ACustomer
from tests.refusals import refusal, whole_refusal
from tests.statements import recorded as statements

LIST = "/v1/customers"
BATCH = f"{LIST}/batch"
ANN = {
    "first_name": "Ann",
    "last_name": "Lee",
    "email": "ann@lee.example",
    "phone": "020 7946 0018",
    "address": {"street": "1 High Street", "city": "Leeds", "country": "GB"},
    "preferences": {"mat": "blue"},
}


def put(caller: Caller, body: Any, external_id: str = "m-17") -> Answer:
    return caller.put(f"{LIST}?external_id={external_id}", body)


def invited(studio: Company) -> int:
    """Return how many invitations of a company wait to be sent."""
    waiting = ProcrastinateJob.objects.filter(task_name=send_invitation.name)
    return waiting.filter(args__company_id=str(studio.id)).count()


def how_many(studio: Company) -> int:
    with acting_for(studio.id):
        return Customer.objects.count()


def test_a_customer_is_created_and_then_changed(integrator: Caller, studio: Company) -> None:
    created = put(integrator, ANN)
    path = f"{LIST}/{created.body['id']}"
    assert (created.status, created.headers["Location"]) == (201, path)
    assert created.body == integrator.get(path).body
    assert created.body["external_id"] == "m-17"
    for name in ("first_name", "last_name", "email", "preferences"):
        assert created.body[name] == ANN[name]
    assert created.body["phone"] == "+442079460018"
    with recorded(studio) as changes:
        again = put(integrator, ANN)
    assert (again.status, again.body, changes) == (200, created.body, []), "nothing has changed"
    changed = put(integrator, {"last_name": "Ng", "address": {"city": "York"}, "preferences": {}})
    (home,) = created.body["addresses"]
    assert (changed.status, "Location" in changed.headers) == (200, False)
    assert changed.body == created.body | {
        "last_name": "Ng",
        "addresses": [home | {"city": "York"}],
        "updated_at": changed.body["updated_at"],
    }
    assert how_many(studio) == 1


def test_an_upsert_invites_if_it_is_asked_to_and_creates(
    integrator: Caller, studio: Company
) -> None:
    put(integrator, ANN)
    assert invited(studio) == 0
    put(integrator, ANN | {"send_invitation": True})
    assert invited(studio) == 0, "the customer was there already"
    put(integrator, ANN | {"send_invitation": True}, "m-18")
    assert invited(studio) == 1
    integrator.post(LIST, {"first_name": "Bo", "email": "bo@ek.example"})
    assert invited(studio) == 2, "a single create invites"
    integrator.post(LIST, {"first_name": "Bo", "email": "b@k.example", "send_invitation": False})
    assert invited(studio) == 2


def test_an_external_id_is_changed_on_v1_and_stands_once(
    integrator: Caller, studio: Company
) -> None:
    first, second = (put(integrator, ANN, id).body["id"] for id in ("a", "b"))
    taken = (
        409,
        "external_id_taken",
        "Another customer has the external id “a”. Use that one, or choose another id.",
        "external_id",
    )
    assert whole_refusal(integrator.patch(f"{LIST}/{second}", {"external_id": "a"})) == taken
    assert whole_refusal(integrator.post(LIST, ANN | {"external_id": "a"})) == taken
    assert integrator.patch(f"{LIST}/{first}", {"external_id": None}).body["external_id"] is None
    assert integrator.patch(f"{LIST}/{second}", {"external_id": "a"}).body["external_id"] == "a"
    refused = integrator.patch(f"/customers/{second}", {"external_id": "c"})
    assert (refused.status, refused.body["code"]) == (400, "read_only_field")


def test_an_upsert_that_cannot_be_is_refused(integrator: Caller, studio: Company) -> None:
    gone = ACustomer(company=studio, external_id="gone", archived=True)
    archived = (
        "The customer with the external id “gone” is archived. Restore that customer, or use "
        "another external id."
    )
    other = "external_id: Must be “m-17”, as in the query, or be left out."
    needed = "external_id: Send this query parameter: it is required."
    blank = "external_id: Must not be white space alone; got “ ”."
    for answer, expected in (
        (put(integrator, ANN, "gone"), (409, "customer_archived", archived, "external_id")),
        (put(integrator, ANN | {"external_id": "m-18"}), (422, "invalid", other, "external_id")),
        (integrator.put(LIST, ANN), (400, "missing_field", needed, "external_id")),
        (put(integrator, ANN, ""), (400, "missing_field", needed, "external_id")),
        (put(integrator, ANN, "%20"), (400, "invalid_parameter", blank, "external_id")),
        (
            put(integrator, {"first_name": "Ann"}),
            (422, "unreachable", "Give an e-mail address or a phone number.", "email"),
        ),
        (
            put(integrator, ANN | {"id": "cust_1"}),
            (400, "read_only_field", "id: Is “null” and never changes; got “cust_1”.", "id"),
        ),
    ):
        assert whole_refusal(answer) == expected
    assert how_many(studio) == 1
    live = ACustomer(company=studio, external_id="gone")
    assert put(integrator, ANN, "gone").body["id"] == f"cust_{live.id.hex}"
    assert integrator.get(f"{LIST}/{gone.id}").body["first_name"] == gone.first_name


def test_an_upsert_can_be_held_to_create_or_to_change(integrator: Caller, studio: Company) -> None:
    path, stale = f"{LIST}?external_id=m-17", '"AAAAAAAAAAAAAAAAAAAA"'
    failed = (412, "precondition_failed", None)
    assert refusal(integrator.put(path, ANN, If_Match="*")) == failed
    assert how_many(studio) == 0
    created = integrator.put(path, ANN, If_None_Match="*")
    assert created.status == 201
    for condition in ({"If_None_Match": "*"}, {"If_Match": stale}):
        assert refusal(integrator.put(path, {"last_name": "Ng"}, **condition)) == failed
    seen = integrator.get(f"{LIST}/{created.body['id']}").headers["ETag"]
    changed = integrator.put(path, {"last_name": "Ng"}, If_Match=seen)
    assert (changed.status, changed.body["last_name"]) == (200, "Ng")


def test_a_batch_answers_for_each_customer_in_order(integrator: Caller, studio: Company) -> None:
    there = ACustomer(company=studio, first_name="Old", external_id="there", email="o@d.example")
    ACustomer(company=studio, external_id="gone", archived=True)
    answer = integrator.post(
        BATCH,
        {
            "customers": [
                ANN | {"external_id": "z"},
                {"external_id": "there", "last_name": "New", "address": {"city": "York"}},
                {"first_name": "Nobody", "address": {"planet": "Mars"}, "external_id": "y"},
                ANN | {"external_id": "a"},
                {"first_name": "Unreachable", "external_id": "x"},
                {"external_id": "gone", "last_name": "New"},
                ANN | {"email": "no address"},
                ANN,
                "nonsense",
                {"external_id": "there", "email": None},
                {"external_id": "a", "first_name": "Twice"},
            ]
        },
    )
    assert answer.status == 200
    results = answer.body["results"]
    assert [one["status"] for one in results] == [
        *(201, 200, 400, 201, 422, 409, 422, 201, 422, 422, 200)
    ]
    for one in results:
        assert one.keys() == {"status", "customer" if one["status"] < 300 else "error"}
    for at, code, param in (
        (2, "unknown_field", "address.planet"),
        (4, "unreachable", "email"),
        (5, "customer_archived", "external_id"),
        (6, "invalid", "email"),
        (8, "invalid", None),
        (9, "unreachable", "email"),
    ):
        error = results[at]["error"]
        assert (error["code"], error.get("param")) == (code, param)
    alone = put(integrator, {"first_name": "Unreachable"}, "x").body
    assert results[4]["error"] == alone["error"], "the error is that of a request of its own"
    shown = [results[at]["customer"] for at in (0, 1, 3, 7)]
    for one in shown:
        assert one == integrator.get(f"{LIST}/{one['id']}").body
    assert [one["external_id"] for one in shown] == ["z", "there", "a", None]
    assert [one["first_name"] for one in shown] == ["Ann", "Old", "Twice", "Ann"]
    assert (shown[1]["id"], shown[1]["last_name"]) == (f"cust_{there.id.hex}", "New")
    assert shown[1]["email"] == "o@d.example", "what was refused left no trace"
    assert results[10]["customer"] == shown[2], "an external id that comes twice is one customer"
    assert how_many(studio) == 5
    assert invited(studio) == 0
    assert [one["id"] for one in integrator.get(LIST).body["data"][:3]] == [
        one["id"] for one in (shown[3], shown[2], shown[0])
    ], "customers are made in the order in which they were sent"


def test_a_batch_is_sent_again_safely(integrator: Caller, studio: Company) -> None:
    body = {"customers": [ANN, ANN | {"send_invitation": True}, {}]}
    first = integrator.post(BATCH, body, Idempotency_Key="load 1")
    again = integrator.post(BATCH, body, Idempotency_Key="load 1")
    assert (again.status, again.raw) == (200, first.raw)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (how_many(studio), invited(studio)) == (2, 1)
    assert integrator.post(BATCH, {"customers": []}).body == {"results": []}


def test_a_batch_has_its_bounds(integrator: Caller, studio: Company) -> None:
    many = "customers: Has 101 items, and 100 are the most. Send the others in another request."
    for body, expected in (
        ({"customers": [ANN] * 101}, (422, "invalid", many, "customers")),
        (
            {"customers": ANN},
            (422, "invalid", "customers: Must be a list of objects.", "customers"),
        ),
        ({}, (400, "missing_field", "customers: Send this field: it is required.", "customers")),
    ):
        assert whole_refusal(integrator.post(BATCH, body)) == expected
    assert refusal(integrator.get(BATCH)) == (405, "method_not_allowed", None)
    assert how_many(studio) == 0


@pytest.mark.parametrize("number", [2, 40])
def test_customers_of_a_batch_are_created_together(number: int, integrator: Caller) -> None:
    sent = [ANN | {"external_id": f"{n}"} for n in range(number)]
    integrator.post(BATCH, {"customers": [ANN]})
    with statements() as ran:
        answer = integrator.post(BATCH, {"customers": sent})
    assert [one["status"] for one in answer.body["results"]] == [201] * number
    assert len(ran) < 25, "however many they are"


def test_a_customer_that_was_read_is_sent_back_whole(integrator: Caller) -> None:
    created = put(integrator, ANN).body
    answer = put(integrator, created | {"last_name": "Ng"} | {"address": {}})
    assert answer.status == 200
    assert answer.body["last_name"] == "Ng"
    other = put(integrator, created | {"id": "cust_" + "0" * 32})
    assert refusal(other) == (400, "read_only_field", "id")


def test_a_strict_client_changes_nobody_in_a_batch(integrator: Caller, studio: Company) -> None:
    put(integrator, ANN)
    ApiKey.objects.update(requires_match=True)
    sent = {"customers": [ANN | {"external_id": "m-17"}, ANN | {"external_id": "m-18"}]}
    changed, created = integrator.post(BATCH, sent).body["results"]
    assert (changed["status"], changed["error"]["code"]) == (428, "precondition_required")
    assert created["status"] == 201
