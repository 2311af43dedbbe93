"""Customers and users on the accounts surface (contract, section 3)."""

from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.callers import Answer, Caller, call_as, nobody
from tests.factories import ACustomer, AUser
from tests.refusals import GRANT_IT, NO_CREDENTIAL

NOWHERE = "00000000-0000-7000-8000-000000000000"
ACCOUNT = {
    "name": "Acme", "legal_name": "Acme Holdings Ltd", "email": "hello@acme.example",
    "ein": "12-3456789", "external_id": "acme-1", "street_address": "1 High Street",
    "sub_premise": "Flat 2", "city": "London", "state": "Greater London", "postal_code": "E1 6AN",
    "country": "United Kingdom"
}  # fmt: skip


def refusal(answer: Answer, **fields: str) -> tuple[int, str, str]:
    """Return the status, code and message of a refusal; check that it names only these fields."""
    assert answer.body["validation_errors"] == fields
    assert answer.body.keys() == {"code", "message", "validation_errors"}
    return answer.status, answer.body["code"], answer.body["message"]


def test_a_new_account_is_answered_in_full(integrator: Caller) -> None:
    answer = integrator.post("/customers", ACCOUNT)
    assert answer.status == 201
    assert answer.body == {
        "id": answer.body["id"],
        **ACCOUNT,
        "default_payment_method_id": None,
        "created_at": answer.body["created_at"],
        "archived": False,
    }
    assert integrator.get(f"/customers/{answer.body['id']}").body == answer.body


def test_an_account_needs_little(integrator: Caller) -> None:
    little = {"name": "N", "legal_name": "L", "email": "e@b.example", "external_id": "x"}
    for field, value in little.items():
        assert integrator.post("/customers", {field: value}).status == 201, field
    answer = integrator.post("/customers", {"external_id": "y"})
    assert {name for name, value in answer.body.items() if value is None} == {
        "name", "legal_name", "email", "ein", "default_payment_method_id", "street_address",
        "sub_premise", "city", "state", "postal_code", "country",
    }  # fmt: skip


def test_an_account_of_nobody_is_refused(integrator: Caller, studio: Company) -> None:
    message = "Give at least a name, a legal name, an e-mail address or an external id."
    for body in ({}, {"city": "London"}, {"name": "  ", "email": None}):
        answer = integrator.post("/customers", body)
        assert refusal(answer) == (422, "identifies_nobody", message)
    long = "Must have at most 200 characters; got 201."
    email = "Must be an e-mail address such as ann@example.com; got “no”."
    for wrong, fields in (
        ({"email": "no"}, {"email": email}),
        ({"name": "x" * 201, "ein": []}, {"name": long, "ein": "Must be text; got “[]”."}),
    ):
        answer = integrator.post("/customers", wrong)
        assert refusal(answer, **fields)[:2] == (422, "invalid")
    with acting_for(studio.id):
        assert not Customer.objects.exists()


def test_an_external_id_is_taken_once_among_live_customers(integrator: Caller) -> None:
    first = integrator.post("/customers", {"external_id": "x"}).body
    taken = integrator.post("/customers", {"external_id": "x", "name": "Other"})
    sentence = "Another customer has the external id “x”. Use that one, or choose another id."
    told = (409, "external_id_taken", sentence)
    assert refusal(taken, external_id=sentence) == told
    integrator.delete(f"/customers/{first['id']}")
    second = integrator.post("/customers", {"external_id": "x", "name": "Other"})
    assert second.status == 201
    restored = integrator.post(f"/customers/{first['id']}/restore")
    assert refusal(restored, external_id=sentence) == told
    assert integrator.get(f"/customers/{first['id']}").body["archived"] is True
    integrator.delete(f"/customers/{second.body['id']}")
    assert integrator.post(f"/customers/{first['id']}/restore").status == 200


def test_an_account_writes_its_default_address(integrator: Caller, customer: Customer) -> None:
    path = f"/customers/{customer.id}"
    nothing = integrator.patch(path, {"city": None})
    assert (nothing.status, nothing.body["name"]) == (200, "Ana Díaz")
    assert integrator.get(f"/v1/customers/{customer.id}").body["addresses"] == []
    first = integrator.patch(path, {"city": "London", "ein": "12"})
    assert (first.status, first.body["city"], first.body["ein"]) == (200, "London", "12")
    second = integrator.patch(path, {"postal_code": "E1 6AN", "name": "Acme Ltd"})
    assert (second.body["city"], second.body["postal_code"]) == ("London", "E1 6AN")
    assert second.body["name"] == "Acme Ltd"
    assert len(integrator.get(f"/v1/customers/{customer.id}").body["addresses"]) == 1
    cleared = integrator.patch(path, {"city": None}).body
    assert (cleared["city"], cleared["postal_code"]) == (None, "E1 6AN")
    for field in ("email", "external_id", "id"):
        answer = integrator.patch(path, {field: "x@y.example"})
        assert (answer.status, answer.body["code"]) == (400, "read_only_field")
        assert list(answer.body["validation_errors"]) == [field]
    shown = integrator.patch(path, {"archived": True, "company": "x"})
    assert (shown.status, shown.body["archived"]) == (200, False)
    assert shown.headers["Ignored-Fields"] == "archived, company"


def test_archiving_and_restoring_are_exact_opposites(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio, address={"street": "1 High Street"})
    path = f"/customers/{customer.id}"
    before = integrator.get(path).body
    archived = integrator.delete(path)
    assert (archived.status, archived.body) == (200, before | {"archived": True})
    assert integrator.get(path).body == archived.body
    already = (400, "customer_already_archived", "This customer is archived already.")
    assert refusal(integrator.delete(path)) == already
    restored = integrator.post(f"{path}/restore")
    assert (restored.status, restored.body) == (200, before)
    neither = (400, "customer_not_archived", "This customer is not archived.")
    assert refusal(integrator.post(f"{path}/restore")) == neither


def test_accounts_word_their_other_refusals(studio: Company) -> None:
    path, gone = "/customers", ACustomer(company=studio, archived=True)
    reader = call_as(studio, ["customers:read"], "reader")
    lost = "No such customer. Check the id."
    archived = "This customer is archived and cannot be changed. Restore the customer first."
    for answer, expected in (
        (nobody().get(path), (401, "not_authenticated", NO_CREDENTIAL)),
        (
            reader.post(path, {}),
            (403, "missing_scope", f"This needs the scope customers:write. {GRANT_IT}"),
        ),
        (reader.get(f"{path}/{NOWHERE}"), (404, "not_found", lost)),
        (call_as(studio).patch(f"{path}/{gone.id}", {}), (409, "customer_archived", archived)),
    ):
        assert refusal(answer) == expected
    assert refusal(reader.put(path, {}))[:2] == (405, "method_not_allowed")


def test_a_new_user_is_answered_in_full(integrator: Caller, customer: Customer) -> None:
    path = f"/customers/{customer.id}/users"
    answer = integrator.post(
        path, {"email": "Ann@acme.example", "first_name": "Ann", "last_name": None}
    )
    assert answer.status == 201
    assert answer.body == {
        "id": answer.body["id"], "email": "Ann@acme.example", "first_name": "Ann",
        "last_name": None, "created_at": answer.body["created_at"]
    }  # fmt: skip
    assert integrator.get(path).body["data"] == [answer.body]
    nobody = integrator.post(path, {})
    message = "Give an e-mail address, a first name or a last name."
    assert refusal(nobody) == (422, "user_identifies_nobody", message)


def test_an_email_stands_once_on_a_customer(integrator: Caller, studio: Company) -> None:
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


def test_cursors_fit_their_list(integrator: Caller, studio: Company, customer: Customer) -> None:
    AUser(company=studio, customer=customer)
    cursor = integrator.get(f"/customers/{customer.id}/users").body["end_cursor"]
    sentence = f"Must be a cursor that this list returned; got “{cursor}”."
    for path in (f"/customers/{ACustomer(company=studio).id}/users", "/customers"):
        answer = integrator.get(f"{path}?after={cursor}")
        assert refusal(answer, after=sentence) == (400, "invalid_parameter", f"after: {sentence}")
    accounts = integrator.get("/customers?limit=1").body["end_cursor"]
    assert integrator.get(f"/v1/customers?after={accounts}").status == 400
