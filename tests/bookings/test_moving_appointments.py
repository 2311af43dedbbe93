"""An appointment that is moved: its time, who does it, where it is."""

import datetime
from typing import Any

import pytest

from bookings.actions import (
    change_booking,
    complete_booking,
)
from bookings.errors import (
    BookingNotOpen,
    FacilitatorArchived,
    FacilitatorBusy,
    InvalidBooking,
)
from bookings.models import Booking, Facilitator, Service
from bookings.models.catalogue import LONGEST
from config.access.actors import Actor
from config.access.models import Company
from customers.actions import archive_customer, archive_row
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import (
    MORNING,
    ACustomer,
    AFacilitator,
    AnAddress,
    AnAppointment,
    AnEventDate,
    APlace,
    AService,
)

pytestmark = pytest.mark.usefixtures("inside")

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def service(studio: Company) -> Service:
    """A massage of an hour at 60.00 and a fifth of tax."""
    return AService(company=studio)


@pytest.fixture
def facilitator(studio: Company) -> Facilitator:
    return AFacilitator(company=studio)


def facts(booking: Booking, *names: str) -> list[Any]:
    """Return fields of a booking as they are stored."""
    (row,) = Booking.objects.filter(pk=booking.pk).values(*names)
    return [row[name] for name in names]


def test_an_appointment_moves_and_changes_hands(
    studio: Company, customer: Customer, facilitator: Facilitator, actor: Actor
) -> None:
    other = AFacilitator(company=studio)
    home = AnAddress(company=studio, customer=customer)
    booking = AnAppointment(company=studio, customer=customer, facilitator=facilitator)
    changes = {
        "starts_at": MORNING + HOUR,
        "duration": 30,
        "facilitator": other,
        "address": home,
        "notes": "Rings twice.",
        "configuration": {"oil": "mint"},
    }
    change_booking(booking, changes=changes, actor=actor)
    names = ("starts_at", "duration", "facilitator", "address", "notes", "configuration", "total")
    assert facts(booking, *names) == [
        MORNING + HOUR, 30, other.pk, home.pk, "Rings twice.", {"oil": "mint"}, 7_200
    ]  # fmt: skip
    AnAppointment(company=studio, facilitator=facilitator)
    with pytest.raises(FacilitatorBusy):
        AnAppointment(company=studio, facilitator=other, starts_at=MORNING + HOUR)


def test_an_appointment_can_be_with_nobody_again(
    studio: Company, facilitator: Facilitator, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, facilitator=facilitator)
    change_booking(booking, changes={"facilitator": None}, actor=actor)
    AnAppointment(company=studio, facilitator=facilitator)
    with pytest.raises(FacilitatorBusy):
        change_booking(booking, changes={"facilitator": facilitator}, actor=actor)


def test_an_appointment_moves_within_its_own_time_but_not_into_anothers(
    studio: Company, facilitator: Facilitator, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, facilitator=facilitator)
    half = datetime.timedelta(minutes=30)
    change_booking(booking, changes={"starts_at": MORNING + half}, actor=actor)
    AnAppointment(company=studio, facilitator=facilitator, starts_at=MORNING - half)
    with pytest.raises(FacilitatorBusy):
        change_booking(booking, changes={"starts_at": MORNING}, actor=actor)
    with pytest.raises(FacilitatorBusy):
        change_booking(booking, changes={"starts_at": MORNING, "duration": 1}, actor=actor)
    assert facts(booking, "starts_at", "duration") == [MORNING + half, 60]


@pytest.mark.parametrize("changes", [{"starts_at": MORNING + HOUR}, {"duration": 90}])
def test_an_appointment_with_an_archived_facilitator_does_not_move(
    studio: Company, facilitator: Facilitator, actor: Actor, changes: dict[str, Any]
) -> None:
    booking = AnAppointment(company=studio, facilitator=facilitator)
    archive_row(facilitator, actor=actor)
    change_booking(booking, changes={"notes": "Rings twice."}, actor=actor)
    with pytest.raises(FacilitatorArchived):
        change_booking(booking, changes=changes, actor=actor)
    change_booking(booking, changes={**changes, "facilitator": None}, actor=actor)


def test_an_appointment_of_an_archived_service_still_moves(
    studio: Company, service: Service, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, service=service)
    archive_row(service, actor=actor)
    change_booking(booking, changes={"starts_at": MORNING + HOUR}, actor=actor)
    assert facts(booking, "starts_at") == [MORNING + HOUR]


@pytest.mark.parametrize(
    "changes", [{"duration": 0}, {"duration": LONGEST + 1}, {"event_date": None}]
)
def test_an_appointment_does_not_become_what_cannot_be(
    studio: Company, actor: Actor, changes: dict[str, Any]
) -> None:
    booking = AnAppointment(company=studio)
    if "event_date" in changes:
        changes = {"event_date": AnEventDate(company=studio)}
    with pytest.raises(InvalidBooking) as refused:
        change_booking(booking, changes=changes, actor=actor)
    assert list(refused.value.fields) == list(changes)


def test_an_appointment_stays_at_an_address_of_its_customer(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, customer=customer)
    elsewhere = AnAddress(company=studio, customer=ACustomer(company=studio))
    with pytest.raises(InvalidBooking, match="no such address"):
        change_booking(booking, changes={"address": elsewhere}, actor=actor)


def test_what_is_over_or_cancelled_does_not_move(studio: Company, actor: Actor) -> None:
    done, off = AnAppointment(company=studio), AnAppointment(company=studio, cancelled=True)
    complete_booking(done, actor=actor)
    for booking in (done, off):
        with pytest.raises(BookingNotOpen):
            change_booking(booking, changes={"notes": "x"}, actor=actor)


def test_an_archived_customers_booking_does_not_move(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, customer=customer)
    archive_customer(customer, actor=actor)
    with pytest.raises(CustomerArchived):
        change_booking(booking, changes={"notes": "x"}, actor=actor)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"starts_at": MORNING + HOUR}, "change event_date"),
        ({"duration": 30}, "change event_date"),
        ({"facilitator": None}, "change event_date"),
        ({"address": None}, "change event_date"),
        ({"configuration": {"oil": "mint"}}, "no configuration"),
    ],
)
def test_a_place_is_when_and_with_whom_its_date_is(
    studio: Company, actor: Actor, changes: dict[str, Any], sentence: str
) -> None:
    place = APlace(company=studio)
    with pytest.raises(InvalidBooking, match=sentence):
        change_booking(place, changes=changes, actor=actor)
    change_booking(place, changes={"notes": "Brings a mat."}, actor=actor)
    assert facts(place, "notes", "starts_at") == ["Brings a mat.", MORNING]
