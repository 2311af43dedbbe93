"""Addresses: `POST /v1/customers/{id}/addresses` (contract, section 2) and default addresses."""

import pytest

from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import AlreadyArchived, NotArchived
from config.tenancy.scoping import acting_for
from customers.actions import archive_address, change_address, create_zone, restore_address
from customers.models import Address, Customer, Zone
from customers.shapes.addresses import NewAddress
from tests.callers import Caller
from tests.factories import ACustomer, AnAddress


def defaults(customer: Customer) -> list[str]:
    with acting_for(customer.company_id):
        rows = Address.objects.live().filter(customer=customer).oldest_first()
        return [f"{one.label}{'*' if one.is_default else ''}" for one in rows]


def test_a_new_address_is_answered_in_full(integrator: Caller, customer: Customer) -> None:
    asked = {
        "label": "Home", "street": "1 High Street", "city": "London", "state": "Greater London",
        "zip": "E1 6AN", "access_notes": "Ring twice.\nMind the dog.", "is_default": False
    }  # fmt: skip
    answer = integrator.post(f"/v1/customers/{customer.id}/addresses", asked)
    assert answer.status == 201
    shown = asked | {"is_default": True}
    assert answer.body | shown == answer.body, "the first is the default, whatever was said"


def test_a_new_default_replaces_the_old_one(integrator: Caller, customer: Customer) -> None:
    path = f"/v1/customers/{customer.id}/addresses"
    for label, is_default in (("a", False), ("b", False), ("c", True)):
        assert integrator.post(path, {"label": label, "is_default": is_default}).status == 201
    assert defaults(customer) == ["a", "b", "c*"]
    shown = integrator.get(f"/v1/customers/{customer.id}").body["addresses"]
    assert [one["label"] for one in shown] == ["c", "a", "b"], "the default comes first"


def test_text_is_measured_before_it_is_trimmed(integrator: Caller, customer: Customer) -> None:
    path = f"/v1/customers/{customer.id}/addresses"
    longest = NewAddress().fields["zip"].max_length
    assert integrator.post(path, {"zip": " E1".ljust(longest)}).body["zip"] == "E1"
    refused = integrator.post(path, {"zip": " E1".ljust(longest + 1)})
    assert (refused.status, refused.body["error"]["param"]) == (422, "zip")


def test_archiving_the_default_promotes_the_oldest_that_is_left(
    integrator: Caller, customer: Customer, studio: Company, actor: Actor
) -> None:
    made = [AnAddress(company=studio, customer=customer, label=label) for label in "abc"]
    with acting_for(studio.id):
        with pytest.raises(NotArchived):
            restore_address(made[0], actor=actor)
        archive_address(made[0], actor=actor)
        assert defaults(customer) == ["b*", "c"]
        with pytest.raises(AlreadyArchived):
            archive_address(made[0], actor=actor)
        with pytest.raises(Refusal, match="archived"):
            change_address(made[0], changes={"city": "York"}, actor=actor)
        restore_address(made[0], actor=actor)
        assert defaults(customer) == ["a", "b*", "c"]
        for address in made:
            archive_address(address, actor=actor)
    assert integrator.get(f"/v1/customers/{customer.id}").body["addresses"] == []
    assert integrator.get(f"/customers/{customer.id}").body["street_address"] is None


def test_a_default_passes_to_another(customer: Customer, studio: Company, actor: Actor) -> None:
    first = AnAddress(company=studio, customer=customer, label="a")
    second = AnAddress(company=studio, customer=customer, label="b")
    with acting_for(studio.id):
        change_address(first, changes={"is_default": False, "city": "York"}, actor=actor)
        assert defaults(customer) == ["a*", "b"]
        change_address(second, changes={"is_default": True}, actor=actor)
        assert defaults(customer) == ["a", "b*"]


def test_a_zone_finds_any_live_address(integrator: Caller, studio: Company, actor: Actor) -> None:
    inside, outside, moved = (ACustomer(company=studio) for _ in range(3))
    AnAddress(company=studio, customer=inside, postal_code="SW1A 1AA")
    AnAddress(company=studio, customer=inside, postal_code="e1 6an")
    AnAddress(company=studio, customer=outside, postal_code="N1 9GU")
    AnAddress(company=studio, customer=outside, postal_code="")
    gone = AnAddress(company=studio, customer=moved, postal_code="E1 6AN")
    with acting_for(studio.id):
        archive_address(gone, actor=actor)
        zone = create_zone(Zone(name="East", postal_codes=["E16AN", " ", "E1 7AA"]), actor=actor)
    found = integrator.get(f"/v1/customers?zone_id=zone_{zone.id.hex}").body["data"]
    assert [one["id"] for one in found] == [f"cust_{inside.id.hex}"]


def test_an_address_that_stays_leaves_no_trace(integrator: Caller, customer: Customer) -> None:
    path = f"/customers/{customer.id}"
    integrator.patch(path, {"city": "London"})
    before = integrator.get(f"/v1/customers/{customer.id}").body
    integrator.patch(path, {"city": "London"})
    assert integrator.get(f"/v1/customers/{customer.id}").body == before
