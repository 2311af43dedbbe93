"""Customers and users on the accounts surface (contract, section 3)."""

from typing import Any

import pytest

from config.access.models import Company
from config.access.tenancy import acting_for
from customers.models import Customer
from tests.callers import Caller, call_as, nobody
from tests.factories import ACustomer, AUser

NOWHERE = "00000000-0000-7000-8000-000000000000"
ACCOUNT = {
    "name": "Acme",
    "legal_name": "Acme Holdings Ltd",
    "email": "hello@acme.example",
    "ein": "12-3456789",
    "external_id": "acme-1",
    "street_address": "1 High Street",
    "sub_premise": "Flat 2",
    "city": "London",
    "state": "Greater London",
    "postal_code": "E1 6AN",
    "country": "United Kingdom",
}


def test_a_new_account_is_answered_in_full(integrator: Caller) -> None:
    answer = integrator.post("/customers", ACCOUNT)
    assert (answer.status, answer.body) == (
        201,
        {
            "id": answer.body["id"],
            **ACCOUNT,
            "default_payment_method_id": None,
            "created_at": answer.body["created_at"],
            "archived": False,
        },
    )
    assert integrator.get(f"/customers/{answer.body['id']}").body == answer.body


def test_an_account_needs_little(integrator: Caller) -> None:
    for body in (
        {"name": "N"},
        {"legal_name": "L"},
        {"email": "e@b.example"},
        {"external_id": "x"},
    ):
        assert integrator.post("/customers", body).status == 201
    answer = integrator.post("/customers", {"external_id": "y"})
    assert {name for name, value in answer.body.items() if value is None} == {
        "name", "legal_name", "email", "ein", "default_payment_method_id", "street_address",
        "sub_premise", "city", "state", "postal_code", "country",
    }  # fmt: skip


def test_an_account_that_identifies_nobody_is_refused(integrator: Caller, studio: Company) -> None:
    for body in ({}, {"city": "London"}, {"name": "  ", "email": None}):
        answer = integrator.post("/customers", body)
        assert (answer.status, answer.body) == (
            422,
            {
                "code": "identifies_nobody",
                "message": "Give at least a name, a legal name, an e-mail address or an "
                "external id.",
                "validation_errors": {},
            },
        )
    with acting_for(studio.id):
        assert not Customer.objects.exists()


def test_a_person_is_shown_by_first_and_last_name(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, first_name="Zoë", last_name="Ng")
    assert integrator.get(f"/customers/{customer.id}").body["name"] == "Zoë Ng"


def test_an_external_id_is_taken_once_among_live_customers(integrator: Caller) -> None:
    first = integrator.post("/customers", {"external_id": "x"}).body
    taken = integrator.post("/customers", {"external_id": "x", "name": "Other"})
    sentence = "Another customer has this external id."
    body = {
        "code": "external_id_taken",
        "message": sentence,
        "validation_errors": {"external_id": sentence},
    }
    assert (taken.status, taken.body) == (409, body)
    integrator.delete(f"/customers/{first['id']}")
    second = integrator.post("/customers", {"external_id": "x", "name": "Other"})
    assert second.status == 201
    restored = integrator.post(f"/customers/{first['id']}/restore")
    assert (restored.status, restored.body) == (409, body)
    assert integrator.get(f"/customers/{first['id']}").body["archived"] is True
    integrator.delete(f"/customers/{second.body['id']}")
    assert integrator.post(f"/customers/{first['id']}/restore").status == 200


def test_changing_an_account_writes_its_default_address(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio, name="Acme")
    path = f"/customers/{customer.id}"
    first = integrator.patch(path, {"city": "London", "ein": "12"})
    assert (first.status, first.body["city"], first.body["ein"]) == (200, "London", "12")
    second = integrator.patch(path, {"postal_code": "E1 6AN", "name": "Acme Ltd"})
    assert (second.body["city"], second.body["postal_code"]) == ("London", "E1 6AN")
    assert second.body["name"] == "Acme Ltd"
    assert len(integrator.get(f"/v1/customers/{customer.id}").body["addresses"]) == 1
    cleared = integrator.patch(path, {"city": None}).body
    assert (cleared["city"], cleared["postal_code"]) == (None, "E1 6AN")


def test_clearing_an_address_that_is_not_there_makes_none(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio)
    assert integrator.patch(f"/customers/{customer.id}", {"city": None}).status == 200
    assert integrator.get(f"/v1/customers/{customer.id}").body["addresses"] == []


@pytest.mark.parametrize("field", ["email", "external_id", "archived", "id", "company"])
def test_what_cannot_be_changed_here_is_a_400(
    integrator: Caller, studio: Company, field: str
) -> None:
    customer = ACustomer(company=studio)
    answer = integrator.patch(f"/customers/{customer.id}", {field: "x@y.example"})
    assert (answer.status, answer.body["code"]) == (400, "bad_request")
    assert list(answer.body["validation_errors"]) == [field]


def test_archiving_and_restoring_are_exact_opposites(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, address={"street": "1 High Street"})
    path = f"/customers/{customer.id}"
    before = integrator.get(path).body
    archived = integrator.delete(path)
    assert (archived.status, archived.body) == (200, before | {"archived": True})
    assert integrator.get(path).body == archived.body
    again = integrator.delete(path)
    assert (again.status, again.body) == (
        400,
        {
            "code": "customer_already_archived",
            "message": "This customer is archived already.",
            "validation_errors": {},
        },
    )
    restored = integrator.post(f"{path}/restore")
    assert (restored.status, restored.body) == (200, before)
    again = integrator.post(f"{path}/restore")
    assert (again.status, again.body) == (
        400,
        {
            "code": "customer_not_archived",
            "message": "This customer is not archived.",
            "validation_errors": {},
        },
    )


def test_any_write_to_an_archived_account_is_refused(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, archived=True)
    body = {
        "code": "customer_archived",
        "message": "This customer is archived and cannot be changed. Restore the customer first.",
        "validation_errors": {},
    }
    for answer in (
        integrator.patch(f"/customers/{customer.id}", {"name": "x"}),
        integrator.patch(f"/customers/{customer.id}", {}),
        integrator.post(f"/customers/{customer.id}/users", {"first_name": "x"}),
    ):
        assert (answer.status, answer.body) == (409, body)


def test_an_action_takes_no_body(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    answer = integrator.delete(f"/customers/{customer.id}", {"reason": "none"})
    assert (answer.status, answer.body["validation_errors"]) == (400, {"reason": "Unknown."})
    assert integrator.delete(f"/customers/{customer.id}", {}).status == 200


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"email": "no"}, {"email": "Enter a valid email address."}),
        (
            {"name": "x" * 201, "ein": []},
            {
                "name": "Ensure this field has no more than 200 characters.",
                "ein": "Not a valid string.",
            },
        ),
    ],
)
def test_each_field_that_is_not_valid_has_its_sentence(
    integrator: Caller, body: dict[str, Any], errors: dict[str, str]
) -> None:
    answer = integrator.post("/customers", body)
    assert (answer.status, answer.body["code"]) == (422, "invalid")
    assert answer.body["validation_errors"] == errors


def test_accounts_word_their_other_refusals(studio: Company) -> None:
    without = nobody().get("/customers")
    assert (without.status, without.body) == (
        401,
        {
            "code": "not_authenticated",
            "message": "Send a valid access token or API key.",
            "validation_errors": {},
        },
    )
    reader = call_as(studio, ["customers:read"], "reader")
    refused = reader.post("/customers", {"name": "x"})
    assert (refused.status, refused.body["message"]) == (
        403,
        "This needs the scope customers:write.",
    )
    missing = reader.get(f"/customers/{NOWHERE}")
    assert (missing.status, missing.body) == (
        404,
        {"code": "not_found", "message": "There is nothing here.", "validation_errors": {}},
    )
    method = reader.put("/customers", {})
    assert (method.status, method.body["code"]) == (405, "method_not_allowed")


# --- Users ---


def test_a_new_user_is_answered_in_full(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    path = f"/customers/{customer.id}/users"
    answer = integrator.post(
        path, {"email": "Ann@acme.example", "first_name": "Ann", "last_name": None}
    )
    assert (answer.status, answer.body) == (
        201,
        {
            "id": answer.body["id"],
            "email": "Ann@acme.example",
            "first_name": "Ann",
            "last_name": None,
            "created_at": answer.body["created_at"],
        },
    )
    assert integrator.get(path).body["data"] == [answer.body]


def test_a_user_is_somebody(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    answer = integrator.post(f"/customers/{customer.id}/users", {})
    assert (answer.status, answer.body) == (
        422,
        {
            "code": "user_identifies_nobody",
            "message": "Give an e-mail address, a first name or a last name.",
            "validation_errors": {},
        },
    )


def test_an_email_stands_once_on_a_customer_whatever_its_case(
    integrator: Caller, studio: Company
) -> None:
    customer, other = ACustomer(company=studio), ACustomer(company=studio)
    AUser(company=studio, customer=customer, email="ann@acme.example")
    body = {"email": "ANN@acme.example"}
    taken = integrator.post(f"/customers/{customer.id}/users", body)
    assert (taken.status, taken.body["code"]) == (409, "user_email_taken")
    assert taken.body["validation_errors"] == {"email": taken.body["message"]}
    assert integrator.post(f"/customers/{other.id}/users", body).status == 201


def test_users_come_oldest_first_between_cursors(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    made = [AUser(company=studio, customer=customer) for _ in range(5)]
    path = f"/customers/{customer.id}/users"
    first = integrator.get(f"{path}?limit=2").body
    assert [one["email"] for one in first["data"]] == [made[0].email, made[1].email]
    assert (first["has_next_page"], first["has_previous_page"]) == (True, False)
    last = integrator.get(f"{path}?limit=9&after={first['end_cursor']}").body
    assert len(last["data"]) == 3
    assert (last["has_next_page"], last["has_previous_page"]) == (False, True)
    back = integrator.get(f"{path}?limit=2&before={last['start_cursor']}").body
    assert back["data"] == first["data"]
    assert (back["has_next_page"], back["has_previous_page"]) == (True, False)


def test_a_cursor_is_good_for_its_own_list_only(integrator: Caller, studio: Company) -> None:
    customer, other = ACustomer(company=studio), ACustomer(company=studio)
    AUser(company=studio, customer=customer)
    cursor = integrator.get(f"/customers/{customer.id}/users").body["end_cursor"]
    for path in (f"/customers/{other.id}/users", "/customers"):
        answer = integrator.get(f"{path}?after={cursor}")
        assert (answer.status, answer.body) == (
            400,
            {
                "code": "bad_request",
                "message": "after: This is no cursor of this list.",
                "validation_errors": {"after": "This is no cursor of this list."},
            },
        )
