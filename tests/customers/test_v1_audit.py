"""`GET /v1/customers/{id}/audit`: the changes of a customer and of the customer's rows."""

import uuid

from config.access.models import ApiKey
from config.tenancy.actors import Actor
from config.tenancy.authors import Author
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer, pause_customer, restore_customer
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACredit, ACustomer, AnAddress, ANote
from tests.refusals import refusal


def audit(caller: Caller, customer: Customer, query: str = "") -> list[dict]:
    answer = caller.get(f"/v1/customers/{customer.id}/audit{query}")
    assert answer.status == 200
    return answer.body["data"]


def test_a_change_says_who_when_and_why(studio: Company, integrator: Caller, actor: Actor) -> None:
    customer = ACustomer(company=studio, first_name="Ana", last_name="Diaz")
    answer = integrator.patch(
        f"/v1/customers/{customer.id}",
        {"first_name": "Anna"},
        X_Reason="Misspelt on the phone",
        Request_Id="req-1",
    )
    assert answer.status == 200
    entry, made = audit(integrator, customer)
    key = ApiKey.objects.get(company=studio)
    at = entry.pop("occurred_at")
    assert entry == {
        "id": entry["id"],
        "type": "customer.updated",
        "object_type": "customer",
        "object_id": f"cust_{customer.id.hex}",
        "customer_id": f"cust_{customer.id.hex}",
        "actor": {"kind": "key", "name": "tests", "credential_id": str(key.id)},
        "request_id": "req-1",
        "reason": "Misspelt on the phone",
        "data": {"object": answer.body, "changes": {"first_name": ["Ana", "Anna"]}},
    }
    assert at.endswith("Z")
    assert entry["id"].startswith("chg_")
    assert made["type"] == "customer.created"
    assert made["data"]["changes"]["last_name"] == [None, "Diaz"]
    assert [None, None] not in made["data"]["changes"].values()
    with acting_for(studio.id, author=Author("staff", "Ida", uuid.uuid4())):
        pause_customer(customer, actor=actor)
        archive_customer(customer, actor=actor)
        restore_customer(customer, actor=actor)
    types = [entry["type"].partition(".")[2] for entry in audit(integrator, customer)]
    assert types == ["restored", "archived", "paused", "updated", "created"]
    [archived] = audit(integrator, customer, "?types=customer.archived")
    assert archived["actor"]["name"] == "Ida"
    assert archived["data"]["changes"] == {"status": ["inactive", "deactivated"]}


def test_what_is_theirs_is_in_it_with_ids_as_on_this_surface(
    studio: Company, integrator: Caller, customer: Customer
) -> None:
    AnAddress(company=studio, customer=customer)
    ANote(company=studio, customer=ACustomer(company=studio))
    ANote(company=studio, customer=customer)
    credit = ACredit(company=studio, customer=customer, amount=500)
    entries = audit(integrator, customer)
    assert {entry["customer_id"] for entry in entries} == {f"cust_{customer.id.hex}"}
    issued = next(entry for entry in entries if entry["type"] == "credit.issued")
    assert (issued["object_type"], issued["object_id"]) == ("credit", f"crd_{credit.id.hex}")
    assert issued["data"]["changes"]["coupon_id"] == [None, f"cpn_{credit.coupon_id.hex}"]
    assert issued["data"]["changes"]["customer_id"] == [None, f"cust_{customer.id.hex}"]
    assert {entry["type"] for entry in entries} == {
        *("customer.created", "address.created", "note.created"),
        *("credit.issued", "ledger_entry.created"),
    }
    answer = integrator.get(f"/v1/customers/{customer.id}/audit?per_page=2&page=3")
    assert [entry["type"] for entry in answer.body["data"]] == ["customer.created"]
    assert answer.body["pagination"] == {"page": 3, "per_page": 2, "total": 5, "total_pages": 3}
    for types in ("customer.eaten", "customer.created,", ",", "%00", "x" * 5000):
        answer = integrator.get(f"/v1/customers/{customer.id}/audit?types={types}")
        assert refusal(answer)[::2] == (400, "types"), types
