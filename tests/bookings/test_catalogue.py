"""Services and who does them: what can be, what is archived, and where bookings are."""

from decimal import Decimal
from typing import Any

import pytest

from billing.models.money import MOST
from bookings.actions import (
    change_facilitator,
    change_service,
    create_facilitator,
    create_service,
)
from bookings.errors import InvalidService
from bookings.models import Booking, Facilitator, Service
from bookings.models.catalogue import LONGEST
from config.access.actors import Actor
from config.access.models import Company
from customers.actions import archive_row, restore_row, save_zone
from customers.errors import AlreadyArchived, NotArchived
from customers.models import Customer, Zone
from tests.factories import AFacilitator, AnAddress, AnAppointment, APlace, AService

pytestmark = pytest.mark.usefixtures("inside")


def test_a_service_is_offered_in_the_companys_currency(actor: Actor) -> None:
    service = Service(name=" Massage ", duration=60, price=6_000, tax_rate=Decimal("5.5"))
    create_service(service, actor=actor)
    service.refresh_from_db()
    assert (service.name, service.currency, service.tax_rate) == ("Massage", "GBP", Decimal("5.5"))


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"name": " "}, "name"),
        ({"duration": 0}, "duration"),
        ({"duration": LONGEST + 1}, "duration"),
        ({"price": -1}, "price"),
        ({"price": MOST + 1}, "price"),
        ({"tax_rate": Decimal("-0.0001")}, "tax_rate"),
        ({"tax_rate": Decimal("100.0001")}, "tax_rate"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    studio: Company, actor: Actor, fields: dict[str, Any], named: str
) -> None:
    usual = {"name": "Massage", "duration": 60, "price": 6_000}
    with pytest.raises(InvalidService) as refused:
        create_service(Service(**{**usual, **fields}), actor=actor)
    assert list(refused.value.fields) == [named]
    service = AService(company=studio)
    with pytest.raises(InvalidService) as refused:
        change_service(service, changes=fields, actor=actor)
    assert list(refused.value.fields) == [named]
    service.refresh_from_db()
    assert (service.name, service.price) == ("Massage", 6_000)


def test_a_facilitator_has_a_name(studio: Company, actor: Actor) -> None:
    with pytest.raises(InvalidService):
        create_facilitator(Facilitator(name=" "), actor=actor)
    facilitator = AFacilitator(company=studio, name="Kim")
    with pytest.raises(InvalidService):
        change_facilitator(facilitator, changes={"name": ""}, actor=actor)
    assert change_facilitator(facilitator, changes={"name": "Kim L."}, actor=actor).name == "Kim L."


def test_what_is_archived_changes_in_nothing_until_it_is_restored(
    studio: Company, actor: Actor
) -> None:
    service, facilitator = AService(company=studio), AFacilitator(company=studio)
    changes: list[tuple[Any, Any]] = [
        (service, lambda: change_service(service, changes={"name": "x"}, actor=actor)),
        (facilitator, lambda: change_facilitator(facilitator, changes={"name": "x"}, actor=actor)),
    ]
    for row, change in changes:
        with pytest.raises(NotArchived):
            restore_row(row, actor=actor)
        archive_row(row, actor=actor)
        with pytest.raises(AlreadyArchived):
            archive_row(row, actor=actor)
        with pytest.raises(AlreadyArchived):
            change()
        restore_row(row, actor=actor)
        assert change().name == "x"


def test_bookings_are_in_the_zone_of_their_address_or_of_their_customers(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    zone = save_zone(Zone(name="East", postal_codes=["E1 6AN"]), actor=actor)
    east = AnAddress(company=studio, customer=customer)
    west = AnAddress(company=studio, customer=customer, postal_code="W1A 1AA")
    here, there, anywhere = (
        AnAppointment(company=studio, customer=customer, address=address)
        for address in (east, west, None)
    )
    place = APlace(company=studio, customer=customer)
    AnAppointment(company=studio)
    assert set(Booking.objects.in_zone(zone.pk)) == {here, anywhere, place}
    assert there not in Booking.objects.in_zone(zone.pk)
