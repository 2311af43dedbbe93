"""Addresses: `POST /v1/customers/{id}/addresses` (contract, section 2) and what defaults mean."""

import pytest

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from config.errors import Refusal
from customers.actions import archive_address, change_address, restore_address, save_zone
from customers.errors import AlreadyArchived, NotArchived
from customers.models import Address, Customer, Zone
from customers.shapes.accepted import NewAddress
from tests.callers import Caller
from tests.factories import ACustomer, AnAddress


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio)


def defaults(customer: Customer) -> list[str]:
    with acting_for(customer.company_id):
        rows = Address.objects.live().filter(customer=customer).oldest_first()
        return [f"{one.label}{'*' if one.is_default else ''}" for one in rows]


def test_a_new_address_is_answered_in_full(integrator: Caller, customer: Customer) -> None:
    answer = integrator.post(
        f"/v1/customers/{customer.id}/addresses",
        {
            "label": "Home",
            "street": "1 High Street",
            "city": "London",
            "state": "Greater London",
            "zip": "E1 6AN",
            "access_notes": "Ring twice.\nMind the dog.",
            "is_default": False,
        },
    )
    assert (answer.status, answer.body) == (
        201,
        {
            "id": answer.body["id"],
            "label": "Home",
            "street": "1 High Street",
            "city": "London",
            "state": "Greater London",
            "zip": "E1 6AN",
            "access_notes": "Ring twice.\nMind the dog.",
            "is_default": True,
        },
    ), "the first address is the default, whatever was said"


def test_a_new_default_replaces_the_old_one(integrator: Caller, customer: Customer) -> None:
    path = f"/v1/customers/{customer.id}/addresses"
    for label, is_default in (("a", False), ("b", False), ("c", True)):
        assert integrator.post(path, {"label": label, "is_default": is_default}).status == 201
    assert defaults(customer) == ["a", "b", "c*"]


def test_an_address_of_an_archived_customer_is_refused(integrator: Caller, studio: Company) -> None:
    gone = ACustomer(company=studio, archived=True)
    answer = integrator.post(f"/v1/customers/{gone.id}/addresses", {"label": "x"})
    assert (answer.status, answer.body["error"]["code"]) == (409, "customer_archived")
    assert defaults(gone) == []


def test_what_is_sent_is_measured_before_it_is_trimmed(
    integrator: Caller, customer: Customer
) -> None:
    path = f"/v1/customers/{customer.id}/addresses"
    longest = NewAddress().fields["zip"].max_length
    assert integrator.post(path, {"zip": " E1".ljust(longest)}).body["zip"] == "E1"
    refused = integrator.post(path, {"zip": " E1".ljust(longest + 1)})
    assert (refused.status, refused.body["error"]["param"]) == (422, "zip")


def test_an_address_of_nobody_is_a_404(integrator: Caller) -> None:
    path = "/v1/customers/00000000-0000-7000-8000-000000000000/addresses"
    assert integrator.post(path, {"label": "x"}).status == 404


def test_archiving_the_default_promotes_the_oldest_that_is_left(
    customer: Customer, studio: Company, actor: Actor
) -> None:
    made = [AnAddress(company=studio, customer=customer, label=label) for label in "abc"]
    with acting_for(studio.id):
        archive_address(made[0], actor=actor)
        assert defaults(customer) == ["b*", "c"]
        restore_address(made[0], actor=actor)
        assert defaults(customer) == ["a", "b*", "c"]
        for refusal, act in ((NotArchived, restore_address), (AlreadyArchived, archive_address)):
            if refusal is AlreadyArchived:
                act(made[0], actor=actor)
            with pytest.raises(refusal):
                act(made[0], actor=actor)


def test_a_default_is_given_up_only_to_another(
    customer: Customer, studio: Company, actor: Actor
) -> None:
    first = AnAddress(company=studio, customer=customer, label="a")
    second = AnAddress(company=studio, customer=customer, label="b")
    with acting_for(studio.id):
        change_address(first, changes={"is_default": False, "city": "York"}, actor=actor)
        assert defaults(customer) == ["a*", "b"]
        change_address(second, changes={"is_default": True}, actor=actor)
        assert defaults(customer) == ["a", "b*"]


def test_an_archived_address_is_not_changed(
    customer: Customer, studio: Company, actor: Actor
) -> None:
    address = AnAddress(company=studio, customer=customer)
    with acting_for(studio.id):
        archive_address(address, actor=actor)
        with pytest.raises(Refusal, match="archived"):
            change_address(address, changes={"city": "York"}, actor=actor)


def test_an_archived_address_is_shown_nowhere(
    integrator: Caller, customer: Customer, studio: Company, actor: Actor
) -> None:
    address = AnAddress(company=studio, customer=customer)
    with acting_for(studio.id):
        archive_address(address, actor=actor)
    assert integrator.get(f"/v1/customers/{customer.id}").body["addresses"] == []
    assert integrator.get(f"/customers/{customer.id}").body["street_address"] is None


def test_a_zone_finds_customers_by_any_live_address(
    integrator: Caller, studio: Company, actor: Actor
) -> None:
    inside, outside, moved = (ACustomer(company=studio) for _ in range(3))
    AnAddress(company=studio, customer=inside, postal_code="SW1A 1AA")
    AnAddress(company=studio, customer=inside, postal_code="e1 6an")
    AnAddress(company=studio, customer=outside, postal_code="N1 9GU")
    AnAddress(company=studio, customer=outside, postal_code="")
    gone = AnAddress(company=studio, customer=moved, postal_code="E1 6AN")
    with acting_for(studio.id):
        archive_address(gone, actor=actor)
        zone = save_zone(Zone(name="East", postal_codes=["E16AN", " ", "E1 7AA"]), actor=actor)
    found = integrator.get(f"/v1/customers?zone_id=zone_{zone.id.hex}").body["data"]
    assert [one["id"] for one in found] == [f"cust_{inside.id.hex}"]
    unknown = integrator.get("/v1/customers?zone_id=00000000-0000-7000-8000-000000000000")
    assert unknown.body["data"] == []


def test_an_address_that_stays_as_it_was_leaves_no_trace(
    integrator: Caller, customer: Customer
) -> None:
    path = f"/customers/{customer.id}"
    integrator.patch(path, {"city": "London"})
    before = integrator.get(f"/v1/customers/{customer.id}").body
    integrator.patch(path, {"city": "London"})
    assert integrator.get(f"/v1/customers/{customer.id}").body == before
