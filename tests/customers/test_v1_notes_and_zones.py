"""`POST /v1/customers/{id}/notes` and `/v1/zones` (issue 4, beyond the documents)."""

from typing import Any

import pytest

from config.access.models import Company
from tests.callers import Caller, call_as
from tests.credits.test_v1_credits import refusal
from tests.customers.test_v1_customers import error
from tests.factories import ACustomer, AnAddress

# --- Notes ---


def test_a_new_note_is_answered_in_full(studio: Company) -> None:
    till = call_as(studio, name="The till")
    customer = ACustomer(company=studio)
    answer = till.post(f"/v1/customers/{customer.id}/notes", {"content": " Prefers mornings. "})
    note = answer.body
    assert (answer.status, note) == (
        201,
        {
            "id": note["id"],
            "type": "note",
            "content": "Prefers mornings.",
            "created_by": "The till",
            "created_at": note["created_at"],
            "updated_at": note["updated_at"],
        },
    )
    assert note["id"].startswith("note_")
    assert till.get(f"/customer/{customer.id}/notes").body["data"] == [note]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "missing_field", "content")),
        ({"content": ""}, (422, "invalid", "content")),
        ({"content": " \n "}, (422, "invalid", "content")),
        ({"content": None}, (422, "invalid", "content")),
        ({"content": 5}, (422, "invalid", "content")),
        ({"content": ["x"]}, (422, "invalid", "content")),
        ({"content": "x\x00"}, (422, "invalid", "content")),
        ({"content": "\udfff"}, (422, "invalid", "content")),
        ({"content": "x" * 10_001}, (422, "invalid", "content")),
        ({"content": "x", "created_by": "Maya"}, (400, "bad_request", "created_by")),
    ],
)
def test_a_note_that_cannot_be_is_refused(
    integrator: Caller, studio: Company, body: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    customer = ACustomer(company=studio)
    assert refusal(integrator.post(f"/v1/customers/{customer.id}/notes", body)) == expected
    assert integrator.get(f"/customer/{customer.id}/notes").body["data"] == []


def test_nothing_is_noted_about_somebody_archived_or_unknown(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio, archived=True)
    refused = integrator.post(f"/v1/customers/{customer.id}/notes", {"content": "x"})
    message = "This customer is archived and cannot be changed. Restore the customer first."
    assert (refused.status, refused.body) == (
        409,
        error("conflict", "customer_archived", message),
    )
    for nobody in ("nonsense", f"addr_{customer.id.hex}"):
        assert integrator.post(f"/v1/customers/{nobody}/notes", {"content": "x"}).status == 404


# --- Zones ---


def test_a_new_zone_is_answered_in_full_and_finds_who_lives_there(
    integrator: Caller, studio: Company
) -> None:
    customer = ACustomer(company=studio)
    AnAddress(company=studio, customer=customer, postal_code="e1 6an")
    asked = {"name": "East", "postal_codes": [" E16AN ", "E2", "E2"]}
    answer = integrator.post("/v1/zones", asked)
    zone = answer.body
    assert (answer.status, zone) == (
        201,
        {
            "id": zone["id"],
            "name": "East",
            "postal_codes": ["E16AN", "E2"],
            "archived": False,
            "created_at": zone["created_at"],
        },
    )
    assert zone["id"].startswith("zone_")
    assert integrator.get(f"/v1/zones/{zone['id']}").body == zone
    assert integrator.get("/v1/zones").body == {
        "data": [zone],
        "pagination": {"page": 1, "per_page": 25, "total": 1, "total_pages": 1},
    }
    found = integrator.get(f"/v1/customers?zone_id={zone['id']}").body["data"]
    assert [one["id"] for one in found] == [f"cust_{customer.id.hex}"]


def test_a_zone_is_changed_archived_and_restored(integrator: Caller, studio: Company) -> None:
    customer = ACustomer(company=studio)
    AnAddress(company=studio, customer=customer, postal_code="E1 6AN")
    zone = integrator.post("/v1/zones", {"name": "East"}).body
    assert zone["postal_codes"] == []
    path, found = f"/v1/zones/{zone['id']}", f"/v1/customers?zone_id={zone['id']}"
    assert integrator.get(found).body["data"] == []
    changed = integrator.patch(path, {"name": "Far east", "postal_codes": ["E1 6AN"]})
    after = zone | {"name": "Far east", "postal_codes": ["E1 6AN"]}
    assert (changed.status, changed.body) == (200, after)
    assert integrator.patch(path, {}).body == after
    assert len(integrator.get(found).body["data"]) == 1
    archived = integrator.post(f"{path}/archive")
    assert (archived.status, archived.body) == (200, after | {"archived": True})
    assert refusal(integrator.post(f"{path}/archive")) == (400, "already_archived", None)
    assert refusal(integrator.patch(path, {"name": "x"})) == (400, "already_archived", None)
    assert integrator.get(found).body["data"] == [], "an archived zone finds nobody"
    assert integrator.get("/v1/zones?archived=false").body["data"] == []
    assert integrator.get("/v1/zones?archived=true").body["data"] == [archived.body]
    assert integrator.post(f"{path}/restore").body == after
    assert refusal(integrator.post(f"{path}/restore")) == (400, "not_archived", None)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": ""}, (422, "invalid", "name")),
        ({"name": None}, (422, "invalid", "name")),
        ({"name": "x" * 201}, (422, "invalid", "name")),
        ({"postal_codes": None}, (422, "invalid", "postal_codes")),
        ({"postal_codes": "E1"}, (422, "invalid", "postal_codes")),
        ({"postal_codes": {"0": "E1"}}, (422, "invalid", "postal_codes")),
        ({"postal_codes": [5]}, (422, "invalid", "postal_codes.0")),
        ({"postal_codes": ["E1", None]}, (422, "invalid", "postal_codes.1")),
        ({"postal_codes": [["E1"]]}, (422, "invalid", "postal_codes.0")),
        ({"postal_codes": ["E1\x00"]}, (422, "invalid", "postal_codes.0")),
        ({"postal_codes": ["x" * 31]}, (422, "invalid", "postal_codes.0")),
        ({"postal_codes": ["x"] * 10_001}, (422, "invalid", "postal_codes")),
        ({"postal_keys": ["E1"]}, (400, "bad_request", "postal_keys")),
    ],
)
def test_a_zone_that_cannot_be_is_refused(
    integrator: Caller, change: dict[str, Any], expected: tuple[int, str, str]
) -> None:
    asked = {"name": "East", "postal_codes": ["E1"]}
    assert refusal(integrator.post("/v1/zones", asked | change)) == expected
    assert integrator.get("/v1/zones").body["data"] == []
    zone = integrator.post("/v1/zones", asked).body
    assert refusal(integrator.patch(f"/v1/zones/{zone['id']}", change)) == expected
    assert integrator.get(f"/v1/zones/{zone['id']}").body == zone


def test_a_zone_needs_a_name(integrator: Caller) -> None:
    refused = integrator.post("/v1/zones", {"postal_codes": ["E1"]})
    assert refusal(refused) == (400, "missing_field", "name")
