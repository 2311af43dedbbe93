"""Booking an appointment, moving it, and what it comes to."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from billing.errors import CardNumber
from billing.models.money import MOST
from bookings.actions import (
    book_appointment,
    cancel_booking,
    change_booking,
    change_service,
    complete_booking,
)
from bookings.errors import (
    FacilitatorArchived,
    FacilitatorBusy,
    InvalidBooking,
    ServiceArchived,
)
from bookings.models import Booking, Facilitator, Service
from bookings.models.catalogue import LONGEST
from config.access.actors import Actor
from config.access.models import Company
from customers.actions import archive_address, archive_row, restore_row
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import (
    MORNING,
    ACustomer,
    AFacilitator,
    AnAddress,
    AnAppointment,
    AnEventDate,
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


# --- What it comes to ---


def test_a_booking_takes_the_services_length_price_and_tax(
    customer: Customer, service: Service, actor: Actor
) -> None:
    booking = Booking(customer=customer, service=service, starts_at=MORNING)
    book_appointment(booking, actor=actor)
    names = ("kind", "status", "duration", "subtotal", "discount", "tax", "total", "currency")
    found = ["appointment", "confirmed", 60, 6_000, 0, 1_200, 7_200, "GBP"]
    assert facts(booking, *names) == found


def test_its_own_length_price_discount_and_configuration_come_first(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    service = AService(company=studio, configuration={"table": 1, "oil": "rose"})
    booking = Booking(
        customer=customer,
        service=service,
        starts_at=MORNING,
        duration=45,
        subtotal=5_000,
        discount=1_000,
        configuration={"oil": "mint"},
    )
    book_appointment(booking, actor=actor)
    assert facts(booking, "duration", "total", "configuration") == [
        45,
        4_800,
        {"table": 1, "oil": "mint"},
    ]


@pytest.mark.parametrize(
    ("subtotal", "discount", "rate", "tax"),
    [
        (50, 0, "1", 1),  # 0.5
        (49, 0, "1", 0),  # 0.49
        (250, 0, "1", 3),  # 2.5, which half-even would make 2
        (100, 50, "1", 1),
        (1, 0, "50", 1),
        (10_000, 10_000, "20", 0),
        (12_345, 0, "0.0001", 0),
        (5_000_000, 0, "0.0001", 5),
        (0, 0, "20", 0),
        (MOST, 0, "100", MOST),
    ],
)
def test_tax_is_on_the_discounted_price_rounded_half_up(
    studio: Company, customer: Customer, actor: Actor, subtotal: int, discount: int, rate: str,
    tax: int,
) -> None:  # fmt: skip
    service = AService(company=studio, tax_rate=Decimal(rate))
    booking = Booking(
        customer=customer,
        service=service,
        starts_at=MORNING,
        subtotal=subtotal,
        discount=discount,
    )
    book_appointment(booking, actor=actor)
    assert facts(booking, "tax", "total") == [tax, subtotal - discount + tax]


def test_a_booking_keeps_its_terms_when_the_service_changes(
    customer: Customer, studio: Company, service: Service, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, customer=customer, service=service)
    changes = {"price": 9_000, "duration": 90, "tax_rate": Decimal(5)}
    change_service(service, changes=changes, actor=actor)
    assert facts(booking, "duration", "subtotal", "tax_rate", "total") == [60, 6_000, 20, 7_200]


def test_a_service_keeps_the_currency_that_it_was_priced_in(
    studio: Company, customer: Customer, service: Service, actor: Actor
) -> None:
    Company.objects.filter(pk=studio.pk).update(currency="EUR")
    booking = AnAppointment(company=studio, customer=customer, service=service)
    assert facts(booking, "currency") == ["GBP"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"duration": 0}, "duration"),
        ({"duration": LONGEST + 1}, "duration"),
        ({"subtotal": -1}, "subtotal"),
        ({"subtotal": MOST + 1}, "subtotal"),
        ({"discount": -1}, "discount"),
        ({"discount": 6_001}, "discount"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    customer: Customer, service: Service, actor: Actor, fields: dict[str, int], named: str
) -> None:
    booking = Booking(customer=customer, service=service, starts_at=MORNING, **fields)
    with pytest.raises(InvalidBooking) as refused:
        book_appointment(booking, actor=actor)
    assert list(refused.value.fields) == [named]
    assert not Booking.objects.exists()


def test_the_longest_and_the_shortest_can_be(
    studio: Company, customer: Customer, service: Service
) -> None:
    for minutes in (1, LONGEST):
        made = AnAppointment(company=studio, customer=customer, service=service, duration=minutes)
        assert facts(made, "duration") == [minutes]


# --- Who, where, with whom ---


def test_an_archived_customer_books_nothing(studio: Company, service: Service) -> None:
    gone = ACustomer(company=studio, archived=True)
    with pytest.raises(CustomerArchived):
        AnAppointment(company=studio, customer=gone, service=service)


def test_an_archived_service_is_not_booked_until_it_is_restored(
    studio: Company, customer: Customer, service: Service, actor: Actor
) -> None:
    archive_row(service, actor=actor)
    with pytest.raises(ServiceArchived):
        AnAppointment(company=studio, customer=customer, service=service)
    restore_row(service, actor=actor)
    assert AnAppointment(company=studio, customer=customer, service=service)


def test_an_archived_facilitator_is_not_booked(
    studio: Company, customer: Customer, facilitator: Facilitator, actor: Actor
) -> None:
    # Looked at when it is booked: what the door has in its hands may be older.
    archive_row(facilitator, actor=actor)
    with pytest.raises(FacilitatorArchived):
        AnAppointment(company=studio, customer=customer, facilitator=facilitator)


def test_an_appointment_is_at_an_address_of_its_own_customer(
    studio: Company, customer: Customer, service: Service, actor: Actor
) -> None:
    home = AnAddress(company=studio, customer=customer)
    elsewhere = AnAddress(company=studio, customer=ACustomer(company=studio))
    made = AnAppointment(company=studio, customer=customer, service=service, address=home)
    assert facts(made, "address") == [home.pk]
    archive_address(home, actor=actor)
    for address in (home, elsewhere):
        with pytest.raises(InvalidBooking, match="no such address"):
            AnAppointment(company=studio, customer=customer, service=service, address=address)


@pytest.mark.parametrize("field", ["notes", "reason"])
def test_a_card_number_is_kept_nowhere(
    customer: Customer, service: Service, studio: Company, actor: Actor, field: str
) -> None:
    if field == "notes":
        booking = Booking(customer=customer, service=service, starts_at=MORNING)
        booking.notes = "pays with 4111 1111 1111 1111"
        with pytest.raises(CardNumber):
            book_appointment(booking, actor=actor)
        return
    booking = AnAppointment(company=studio, customer=customer, service=service)
    with pytest.raises(CardNumber):
        change_booking(booking, changes={"notes": "4111 1111 1111 1111"}, actor=actor)
    with pytest.raises(CardNumber):
        cancel_booking(booking, reason="to 4111 1111 1111 1111", actor=actor)
    assert facts(booking, "status", "notes", "reason") == ["confirmed", "", ""]


# --- One thing at a time ---


@pytest.mark.parametrize(
    ("minutes_later", "is_free"),
    [(-61, True), (-60, True), (-59, False), (0, False), (59, False), (60, True)],
)
def test_a_facilitator_does_one_thing_at_a_time(
    studio: Company,
    customer: Customer,
    facilitator: Facilitator,
    minutes_later: int,
    is_free: bool,
) -> None:
    AnAppointment(company=studio, facilitator=facilitator)
    other = {
        "customer": customer,
        "facilitator": facilitator,
        "starts_at": MORNING + datetime.timedelta(minutes=minutes_later),
    }
    if is_free:
        assert AnAppointment(company=studio, **other)
    else:
        with pytest.raises(FacilitatorBusy):
            AnAppointment(company=studio, **other)


def test_another_facilitator_and_nobody_are_free(studio: Company, facilitator: Facilitator) -> None:
    AnAppointment(company=studio, facilitator=facilitator)
    AnAppointment(company=studio, facilitator=AFacilitator(company=studio))
    AnAppointment(company=studio)
    AnAppointment(company=studio)
    assert Booking.objects.count() == 4


def test_who_leads_an_event_has_no_time_for_an_appointment(
    studio: Company, facilitator: Facilitator
) -> None:
    AnEventDate(company=studio, facilitator=facilitator, duration=90)
    with pytest.raises(FacilitatorBusy):
        AnAppointment(company=studio, facilitator=facilitator, starts_at=MORNING + HOUR)
    with pytest.raises(FacilitatorBusy):
        AnEventDate(company=studio, facilitator=facilitator, starts_at=MORNING + HOUR)


def test_what_was_cancelled_leaves_its_time_free_and_what_was_done_does_not(
    studio: Company, facilitator: Facilitator, actor: Actor
) -> None:
    first = AnAppointment(company=studio, facilitator=facilitator)
    cancel_booking(first, actor=actor)
    second = AnAppointment(company=studio, facilitator=facilitator)
    complete_booking(second, actor=actor)
    with pytest.raises(FacilitatorBusy):
        AnAppointment(company=studio, facilitator=facilitator)
