"""`GET /v1/customers/{id}/audit`: who changed a customer and what is theirs (issue 6, audit)."""

import uuid

import pytest

from config.access.actors import Actor
from config.access.models import ApiKey, Company
from config.access.tenancy import acting_for
from config.changes.context import Author
from customers.actions import archive_customer, pause_customer, restore_customer
from customers.models import Customer
from tests.callers import Caller
from tests.factories import ACredit, ACustomer, AnAddress, ANote


def audit(caller: Caller, customer: Customer, query: str = "") -> list[dict]:
    answer = caller.get(f"/v1/customers/{customer.id}/audit{query}")
    assert answer.status == 200
    return answer.body["data"]


def test_a_change_is_told_with_who_when_from_what_to_what_and_why(
    studio: Company, integrator: Caller
) -> None:
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
    at = entry.pop("at")
    assert entry == {
        "id": entry["id"],
        "type": "customer.updated",
        "object": {"type": "customer", "id": f"cust_{customer.id.hex}"},
        "customer_id": f"cust_{customer.id.hex}",
        "actor": {"kind": "key", "name": "tests", "credential_id": str(key.id)},
        "request_id": "req-1",
        "reason": "Misspelt on the phone",
        "changes": {"first_name": {"before": "Ana", "after": "Anna"}},
    }
    assert at.endswith("Z")
    assert entry["id"].startswith("chg_")
    assert made["type"] == "customer.created"
    assert made["changes"]["last_name"] == {"before": None, "after": "Diaz"}
    assert "archived_at" not in made["changes"]


def test_what_was_done_has_a_name_of_its_own(
    studio: Company, integrator: Caller, actor: Actor
) -> None:
    customer = ACustomer(company=studio)
    with acting_for(studio.id, author=Author("staff", "Ida", uuid.uuid4())):
        pause_customer(customer, actor=actor)
        archive_customer(customer, actor=actor)
        restore_customer(customer, actor=actor)
    types = [entry["type"] for entry in audit(integrator, customer)]
    assert types == [
        "customer.restored",
        "customer.archived",
        "customer.paused",
        "customer.created",
    ]
    [archived] = audit(integrator, customer, "?types=customer.archived")
    assert archived["actor"]["name"] == "Ida"
    assert archived["changes"]["archived_at"]["after"].endswith("Z")


def test_what_is_theirs_is_in_it_with_ids_as_on_this_surface(
    studio: Company, integrator: Caller
) -> None:
    customer = ACustomer(company=studio)
    AnAddress(company=studio, customer=customer)
    ANote(company=studio, customer=customer)
    credit = ACredit(company=studio, customer=customer, amount=500)
    entries = audit(integrator, customer)
    issued = next(entry for entry in entries if entry["type"] == "credit.issued")
    assert issued["object"] == {"type": "credit", "id": f"crd_{credit.id.hex}"}
    assert issued["changes"]["coupon_id"]["after"] == f"cpn_{credit.coupon_id.hex}"
    assert issued["changes"]["customer_id"]["after"] == f"cust_{customer.id.hex}"
    assert {entry["type"] for entry in entries} == {
        *("customer.created", "address.created", "note.created"),
        *("credit.issued", "ledger_entry.created"),
    }


def test_another_customer_is_not_in_it(studio: Company, integrator: Caller) -> None:
    customer, other = ACustomer(company=studio), ACustomer(company=studio)
    ANote(company=studio, customer=other)
    assert [entry["object"]["id"] for entry in audit(integrator, customer)] == [
        f"cust_{customer.id.hex}"
    ]


def test_it_comes_in_numbered_pages_with_a_total(studio: Company, integrator: Caller) -> None:
    customer = ACustomer(company=studio)
    for _ in range(2):
        ANote(company=studio, customer=customer)
    answer = integrator.get(f"/v1/customers/{customer.id}/audit?per_page=2&page=2")
    assert [entry["type"] for entry in answer.body["data"]] == ["customer.created"]
    assert answer.body["pagination"] == {"page": 2, "per_page": 2, "total": 3, "total_pages": 2}


@pytest.mark.parametrize("types", ["customer.eaten", "customer.created,", ",", "%00", "x" * 5000])
def test_types_that_are_none_are_refused(types: str, studio: Company, integrator: Caller) -> None:
    customer = ACustomer(company=studio)
    answer = integrator.get(f"/v1/customers/{customer.id}/audit?types={types}")
    assert answer.status == 400
    assert answer.body["error"]["param"] == "types"
