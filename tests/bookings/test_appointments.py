"""Creating and moving an appointment: its price, address and facilitator."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bookings import errors
from bookings.actions import (
    book_appointment,
    cancel_booking,
    change_booking,
    change_service,
    complete_booking,
)
from bookings.models import Booking, Facilitator, Service
from bookings.models.catalogue import LONGEST
from config.card_numbers import CardNumber
from config.tenancy.actors import Actor
from config.tenancy.archiving import archive_row, restore_row
from config.tenancy.companies import Company
from config.tenancy.money_fields import MOST
from customers.actions import archive_address, archive_customer
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

from .support import HOUR, facts, refusal_of

pytestmark = pytest.mark.usefixtures("inside")


# --- The price ---


def test_a_booking_takes_the_terms_of_its_service_and_keeps_them(
    studio: Company, customer: Customer, service: Service, actor: Actor
) -> None:
    Company.objects.filter(pk=studio.pk).update(currency="EUR")
    booking = Booking(customer=customer, service=service, starts_at=MORNING)
    book_appointment(booking, actor=actor)
    names = ("kind", "status", "duration", "subtotal", "discount", "tax", "total", "currency")
    found = ["appointment", "confirmed", 60, 6_000, 0, 1_200, 7_200, "GBP"]
    assert facts(booking, *names) == found, "in the currency that the service was priced in"
    changes = {"price": 9_000, "duration": 90, "tax_rate": 5, "configuration": {"oil": "mint"}}
    change_service(service, changes=changes, actor=actor)
    assert facts(booking, *names, "tax_rate", "configuration") == [*found, 20, {}]


def test_its_own_length_price_and_discount_come_first(studio: Company, customer: Customer) -> None:
    service = AService(company=studio, configuration={"table": 1, "oil": "rose"})
    own = {"duration": 45, "subtotal": 5_000, "discount": 1_000, "configuration": {"oil": "mint"}}
    booking = AnAppointment(company=studio, customer=customer, service=service, **own)
    found = [45, 4_800, {"table": 1, "oil": "mint"}]
    assert facts(booking, "duration", "total", "configuration") == found


def test_tax_is_on_the_discounted_price_rounded(studio: Company, customer: Customer) -> None:
    for subtotal, discount, rate, tax in (
        (50, 0, "1", 1),  # 0.5
        (49, 0, "1", 0),  # 0.49
        (250, 0, "1", 3),  # 2.5, which rounding half to even would make 2
        (100, 50, "1", 1),
        (1, 0, "50", 1),
        (10_000, 10_000, "20", 0),
        (12_345, 0, "0.0001", 0),
        (5_000_000, 0, "0.0001", 5),
        (0, 0, "20", 0),
        (MOST, 0, "100", MOST),
    ):
        service = AService(company=studio, tax_rate=Decimal(rate))
        money = {"subtotal": subtotal, "discount": discount}
        booking = AnAppointment(company=studio, customer=customer, service=service, **money)
        found = [tax, subtotal - discount + tax]
        assert facts(booking, "tax", "total") == found, (money, rate)


def test_what_cannot_be_is_refused_by_name(
    studio: Company, customer: Customer, service: Service
) -> None:
    own = {"company": studio, "customer": customer, "service": service}
    for name, values in {
        "duration": (0, LONGEST + 1),
        "subtotal": (-1, MOST + 1),
        "discount": (-1, 6_001),
    }.items():
        for value in values:
            refusal = refusal_of(AnAppointment, **own, **{name: value})
            assert refusal == (errors.InvalidBooking, name), value
    assert not Booking.objects.exists()
    for minutes in (1, LONGEST):
        assert facts(AnAppointment(**own, duration=minutes), "duration") == [minutes]


# --- Customer, address, facilitator ---


def test_nothing_archived_is_booked(
    studio: Company, customer: Customer, service: Service, facilitator: Facilitator, actor: Actor
) -> None:
    gone = ACustomer(company=studio, archived=True)
    for row in (service, facilitator):
        # The rows in memory are stale: the action must read their current state.
        archive_row(row, actor=actor)
    own = {"company": studio, "customer": customer}
    assert refusal_of(AnAppointment, company=studio, customer=gone) == (CustomerArchived,)
    assert refusal_of(AnAppointment, **own, service=service) == (errors.ServiceArchived, "service")
    with_them = refusal_of(AnAppointment, **own, facilitator=facilitator)
    assert with_them == (errors.FacilitatorArchived, "facilitator")
    assert not Booking.objects.exists()
    restore_row(service, actor=actor)
    assert AnAppointment(**own, service=service)


def test_an_appointment_is_at_an_address_of_its_own_customer(
    studio: Company, customer: Customer, service: Service, actor: Actor
) -> None:
    home = AnAddress(company=studio, customer=customer)
    elsewhere = AnAddress(company=studio, customer=ACustomer(company=studio))
    own = {"company": studio, "customer": customer, "service": service}
    made = AnAppointment(**own, address=home)
    assert facts(made, "address") == [home.pk]
    with pytest.raises(errors.InvalidBooking, match="no such address"):
        change_booking(made, changes={"address": elsewhere}, actor=actor)
    archive_address(home, actor=actor)
    for address in (home, elsewhere):
        with pytest.raises(errors.InvalidBooking, match="no such address"):
            AnAppointment(**own, address=address)


def test_a_card_number_is_kept_nowhere(studio: Company, booking: Booking, actor: Actor) -> None:
    number = "pays with 4111 1111 1111 1111"
    for refusal in (
        refusal_of(AnAppointment, company=studio, notes=number),
        refusal_of(change_booking, booking, changes={"notes": number}, actor=actor),
        refusal_of(cancel_booking, booking, reason=number, actor=actor),
    ):
        assert refusal[0] is CardNumber
    assert facts(booking, "status", "notes", "reason") == ["confirmed", "", ""]
    assert Booking.objects.get() == booking


# --- No overlap ---


def test_a_facilitator_does_one_thing_at_a_time_and_nobody_does_several(
    studio: Company, customer: Customer, service: Service
) -> None:
    own = {"company": studio, "customer": customer, "service": service}
    for minutes in (-61, -60, -59, 0, 59, 60):
        facilitator = AFacilitator(company=studio)
        AnAppointment(**own, facilitator=facilitator)
        at = MORNING + timedelta(minutes=minutes)
        found = refusal_of(AnAppointment, **own, facilitator=facilitator, starts_at=at)
        assert found == ((errors.FacilitatorBusy,) if abs(minutes) < 60 else ()), minutes
    assert AnAppointment(**own)
    assert AnAppointment(**own)


def test_who_leads_an_event_takes_no_appointment(studio: Company, facilitator: Facilitator) -> None:
    AnEventDate(company=studio, facilitator=facilitator, duration=90)
    for make in (AnAppointment, AnEventDate):
        found = refusal_of(make, company=studio, facilitator=facilitator, starts_at=MORNING + HOUR)
        assert found == (errors.FacilitatorBusy,)


def test_what_was_cancelled_leaves_its_time_free_and_what_was_done_does_not(
    studio: Company, facilitator: Facilitator, actor: Actor
) -> None:
    first = AnAppointment(company=studio, facilitator=facilitator)
    cancel_booking(first, actor=actor)
    second = AnAppointment(company=studio, facilitator=facilitator)
    complete_booking(second, actor=actor)
    with pytest.raises(errors.FacilitatorBusy):
        AnAppointment(company=studio, facilitator=facilitator)


# --- Moving ---


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
    assert facts(booking, *changes, "total") == [
        MORNING + HOUR, 30, other.pk, home.pk, "Rings twice.", {"oil": "mint"}, 7_200
    ]  # fmt: skip
    AnAppointment(company=studio, facilitator=facilitator)
    with pytest.raises(errors.FacilitatorBusy):
        AnAppointment(company=studio, facilitator=other, starts_at=MORNING + HOUR)
    change_booking(booking, changes={"facilitator": None}, actor=actor)
    AnAppointment(company=studio, facilitator=other, starts_at=MORNING + HOUR)
    with pytest.raises(errors.FacilitatorBusy):
        change_booking(booking, changes={"facilitator": other}, actor=actor)


def test_an_appointment_moves_within_its_own_time_but_not_into_anothers(
    studio: Company, facilitator: Facilitator, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, facilitator=facilitator)
    half = timedelta(minutes=30)
    change_booking(booking, changes={"starts_at": MORNING + half}, actor=actor)
    AnAppointment(company=studio, facilitator=facilitator, starts_at=MORNING - half)
    changes: dict[str, Any]
    for changes in ({"starts_at": MORNING}, {"starts_at": MORNING, "duration": 1}):
        with pytest.raises(errors.FacilitatorBusy):
            change_booking(booking, changes=changes, actor=actor)
    assert facts(booking, "starts_at", "duration") == [MORNING + half, 60]


def test_an_appointment_whose_service_and_facilitator_are_archived_moves_without_the_latter(
    studio: Company, service: Service, facilitator: Facilitator, actor: Actor
) -> None:
    booking = AnAppointment(company=studio, facilitator=facilitator, service=service)
    archive_row(facilitator, actor=actor)
    archive_row(service, actor=actor)
    change_booking(booking, changes={"notes": "Rings twice."}, actor=actor)
    moves: tuple[dict[str, Any], ...] = ({"starts_at": MORNING + HOUR}, {"duration": 90})
    for changes in moves:
        refusal = refusal_of(change_booking, booking, changes=changes, actor=actor)
        assert refusal == (errors.FacilitatorArchived, "facilitator"), changes
    for changes in moves:
        change_booking(booking, changes={**changes, "facilitator": None}, actor=actor)
    assert facts(booking, "starts_at", "duration") == [MORNING + HOUR, 90]


def test_no_appointment_becomes_invalid(studio: Company, booking: Booking, actor: Actor) -> None:
    for name, value in (
        *(("duration", 0), ("duration", LONGEST + 1)),
        ("event_date", AnEventDate(company=studio)),
    ):
        refusal = refusal_of(change_booking, booking, changes={name: value}, actor=actor)
        assert refusal == (errors.InvalidBooking, name), value


def test_what_is_over_or_cancelled_or_of_an_archived_customer_does_not_move(
    studio: Company, booking: Booking, customer: Customer, actor: Actor
) -> None:
    done, off = AnAppointment(company=studio), AnAppointment(company=studio, cancelled=True)
    complete_booking(done, actor=actor)
    archive_customer(customer, actor=actor)
    for row, refusal in (
        (done, errors.BookingNotOpen),
        (off, errors.BookingNotOpen),
        (booking, CustomerArchived),
    ):
        with pytest.raises(refusal):
            change_booking(row, changes={"notes": "x"}, actor=actor)


def test_a_place_is_when_and_with_whom_its_date_is(studio: Company, actor: Actor) -> None:
    place = APlace(company=studio)
    maya, home = AFacilitator(company=studio), AnAddress(company=studio, customer=place.customer)
    for name, value, sentence in (
        ("starts_at", MORNING + HOUR, "change event_date"),
        ("duration", 30, "change event_date"),
        ("facilitator", maya, "change event_date"),
        ("address", home, "change event_date"),
        ("configuration", {"oil": "mint"}, "no configuration"),
    ):
        with pytest.raises(errors.InvalidBooking, match=f"{name}.*{sentence}"):
            change_booking(place, changes={name: value}, actor=actor)
    change_booking(place, changes={"notes": "Brings a mat."}, actor=actor)
    assert facts(place, "notes", "starts_at") == ["Brings a mat.", MORNING]
