"""`POST /v1/customers/{id}/notes` and `/v1/zones`."""

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import change_zone, create_zone
from customers.models import Customer, Zone
from tests.callers import Caller, call_as
from tests.factories import AnAddress
from tests.refusals import refusal


def test_a_new_note_is_answered_in_full(studio: Company, customer: Customer) -> None:
    till = call_as(studio, name="The till")
    answer = till.post(f"/v1/customers/{customer.id}/notes", {"content": " Prefers mornings. "})
    note = answer.body
    assert answer.status == 201
    assert note == {
        "id": note["id"],
        "type": "note",
        "content": "Prefers mornings.",
        "created_by": "The till",
        "created_at": note["created_at"],
        "updated_at": note["updated_at"],
    }
    assert note["id"].startswith("note_")
    assert till.get(f"/customer/{customer.id}/notes").body["data"] == [note]


def test_a_note_that_cannot_be_is_refused(integrator: Caller, customer: Customer) -> None:
    path = f"/v1/customers/{customer.id}/notes"
    for content in ("", " \n ", None, 5, ["x"], "x\0", "\udfff", "x" * 10_001):
        answer = integrator.post(path, {"content": content})
        assert refusal(answer) == (422, "invalid", "content"), content
    assert refusal(integrator.post(path, {})) == (400, "missing_field", "content")
    assert integrator.get(f"/customer/{customer.id}/notes").body["data"] == []
    for unknown in ("nonsense", f"addr_{customer.id.hex}"):
        assert integrator.post(f"/v1/customers/{unknown}/notes", {"content": "x"}).status == 404


def test_a_new_zone_is_answered_in_full_and_finds_who_lives_there(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    AnAddress(company=studio, customer=customer, postal_code="e1 6an")
    asked = {"name": "East", "postal_codes": [" E16AN ", "E2", "E2"]}
    answer = integrator.post("/v1/zones", asked)
    zone = answer.body
    assert answer.status == 201
    assert zone == {
        "id": zone["id"],
        "name": "East",
        "postal_codes": ["E16AN", "E2"],
        "archived": False,
        "created_at": zone["created_at"],
    }
    assert zone["id"].startswith("zone_")
    assert integrator.get(f"/v1/zones/{zone['id']}").body == zone
    assert integrator.get("/v1/zones").body == {
        "data": [zone],
        "pagination": {"page": 1, "per_page": 25, "total": 1, "total_pages": 1},
    }
    found = integrator.get(f"/v1/customers?zone_id={zone['id']}").body["data"]
    assert [one["id"] for one in found] == [f"cust_{customer.id.hex}"]


def test_a_zone_is_changed_and_finds_nobody_while_archived(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
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
    assert integrator.post(f"{path}/archive").status == 200
    assert integrator.get(found).body["data"] == []


def test_a_change_of_a_zone_keeps_what_others_changed(studio: Company, actor: Actor) -> None:
    with acting_for(studio.id):
        zone = create_zone(Zone(name="East", postal_codes=["E1"]), actor=actor)
        seen = Zone.objects.get(pk=zone.pk)
        change_zone(zone, changes={"postal_codes": ["E2"]}, actor=actor)
        change_zone(seen, changes={"name": "West"}, actor=actor)
        left = Zone.objects.get(pk=zone.pk)
    assert (left.name, left.postal_codes) == ("West", ["E2"])


def test_a_zone_that_cannot_be_is_refused(integrator: Caller) -> None:
    asked = {"name": "East", "postal_codes": ["E1"]}
    zone = integrator.post("/v1/zones", asked).body
    for change, param in (
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": "x" * 201}, "name"),
        ({"postal_codes": None}, "postal_codes"),
        ({"postal_codes": "E1"}, "postal_codes"),
        ({"postal_codes": {"0": "E1"}}, "postal_codes"),
        ({"postal_codes": [5]}, "postal_codes.0"),
        ({"postal_codes": ["E1", None]}, "postal_codes.1"),
        ({"postal_codes": [["E1"]]}, "postal_codes.0"),
        ({"postal_codes": ["E1\x00"]}, "postal_codes.0"),
        ({"postal_codes": ["x" * 31]}, "postal_codes.0"),
        ({"postal_codes": ["x"] * 10_001}, "postal_codes"),
    ):
        refused = integrator.post("/v1/zones", asked | change)
        assert refusal(refused) == (422, "invalid", param), change
        refused = integrator.patch(f"/v1/zones/{zone['id']}", change)
        assert refusal(refused) == (422, "invalid", param), change
    missing = integrator.post("/v1/zones", {"postal_codes": ["E1"]})
    assert refusal(missing) == (400, "missing_field", "name")
    assert integrator.get("/v1/zones").body["data"] == [zone]
