"""Database constraints on a single booking and across companies, which bind the owner too."""

from typing import Any

import pytest

from billing.models import Invoice
from bookings.actions import cancel_booking, move_event_date
from bookings.models import Booking, Engagement, EventDate, Facilitator
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.factories import (
    MORNING,
    ACustomer,
    AFacilitator,
    AMediaPurchase,
    AMedium,
    AnAddress,
    AnAppointment,
    AnEvent,
    AnEventDate,
    AnInvoice,
    APass,
    APayment,
    APlace,
    AService,
    make_company,
)

from .support import DAY, HOUR
from .written import BUSY, FULL, copy, refused, write

# --- Valid bookings ---


@pytest.fixture
def booking(inside: None, studio: Company, facilitator: Facilitator) -> Booking:
    """An appointment of an hour with the facilitator."""
    return AnAppointment(company=studio, facilitator=facilitator)


# --- Valid bookings ---


def test_a_booking_of_one_kind_has_nothing_of_another(booking: Booking, studio: Company) -> None:
    place = APlace(company=studio, spaces=4)
    own_of_place = ("event_date_id", "pricing_option_id", "transaction_id")
    of_place = {name: getattr(place, name) for name in own_of_place}
    of_appointment = {
        "service_id": booking.service_id,
        "facilitator_id": booking.facilitator_id,
        "address_id": AnAddress(company=studio, customer=place.customer).pk,
    }
    changes: list[tuple[Booking, dict[str, Any]]] = [
        *((booking, {"kind": kind}) for kind in ("event", "place")),
        (booking, {"service_id": None}),
        (booking, {"spaces": 2}),
        *((booking, {name: value}) for name, value in of_place.items()),
        (place, {"kind": "appointment"}),
        (place, {"spaces": 0}),
        *((place, {name: value}) for name, value in of_appointment.items()),
        *((place, {name: None}) for name in of_place),
    ]
    for row, change in changes:
        with refused("booking_is_of_a_kind", case=(row.kind, change)):
            write(row, **change)


def test_a_status_has_its_moment_and_no_other(booking: Booking) -> None:
    for status, moments in (
        ("confirmed", "started_at"),
        ("confirmed", "completed_at"),
        ("confirmed", "missed_at"),
        ("confirmed", "cancelled_at"),
        ("in_progress", ""),
        ("in_progress", "started_at completed_at"),
        ("in_progress", "started_at cancelled_at"),
        ("completed", "started_at"),
        ("completed", "completed_at missed_at"),
        ("completed", "completed_at cancelled_at"),
        ("no_show", ""),
        ("no_show", "missed_at completed_at"),
        ("no_show", "missed_at cancelled_at"),
        ("cancelled", "started_at"),
        ("cancelled", "cancelled_at completed_at"),
        ("cancelled", "cancelled_at missed_at"),
        ("away", ""),
    ):
        with refused("booking_status_has_its_moment", case=(status, moments)):
            write(booking, status=status, **dict.fromkeys(moments.split(), MORNING))


def test_what_a_booking_comes_to_adds_up(booking: Booking, date: EventDate) -> None:
    row: Any
    for row, name, value, constraint in (
        (booking, "duration", 0, "booking_duration"),
        (booking, "duration", 10_081, "booking_duration"),
        (booking, "discount", -1, "booking_discount"),
        (booking, "discount", 6_001, "booking_discount"),
        (booking, "tax", 1_201, "booking_tax"),
        (booking, "tax_rate", 101, "booking_tax"),
        (booking, "subtotal", 6_001, "booking_total"),
        (booking, "total", 7_201, "booking_total"),
        (booking, "covered", 1, "bookings_booking_covered"),
        (booking, "covered", -1, "bookings_booking_covered"),
        (date, "duration", 0, "event_date_duration"),
        (date, "capacity", -1, "bookings_eventdate_capacity_check"),
    ):
        with refused(constraint, case=(name, value)):
            write(row, **{name: value})


def test_what_covers_a_booking_covers_no_more_and_no_other(
    inside: None, studio: Company, customer: Customer
) -> None:
    ten = APass(company=studio, customer=customer)
    booking = AnAppointment(company=studio, customer=customer, means=ten)
    with refused("bookings_booking_covered"):
        write(booking, covered=7_201)
    other = AnAppointment(company=studio, customer=customer)
    with refused("bookings_booking_entry"):
        write(other, entry_id=booking.entry_id)
    bought = AMediaPurchase(company=studio, customer=customer, means=ten)
    with refused("bookings_mediapurchase_covered"):
        write(bought, covered=901)
    with refused("bookings_mediapurchase_entry"):
        copy(bought)


def test_an_invoice_is_for_one_booking(inside: None, studio: Company, customer: Customer) -> None:
    booking = AnAppointment(company=studio, customer=customer, means=Invoice())
    with refused("booking_invoice"):
        copy(booking)


# --- No row of another company ---


def rows_of(company: Company) -> dict[str, Any]:
    """Return a row of every kind that foreign keys refer to, by the name of the key."""
    customer = ACustomer(company=company)
    ten = APass(company=company, customer=customer)
    place = APlace(company=company, customer=customer, means=ten)
    invoice = AnInvoice(company=company, customer=customer)
    payment = APayment(company=company, invoice=invoice, amount=100)
    return {
        "customer_id": customer.pk,
        "service_id": AService(company=company).pk,
        "facilitator_id": AFacilitator(company=company).pk,
        "address_id": AnAddress(company=company, customer=customer).pk,
        "event_id": AnEvent(company=company).pk,
        "event_date_id": place.event_date_id,
        "pricing_option_id": place.pricing_option_id,
        "transaction_id": place.transaction_id,
        "entry_id": place.entry_id,
        "invoice_id": invoice.pk,
        "payment_id": payment.pk,
        "refund_id": payment.pk,
        "media_id": AMedium(company=company).pk,
    }


KEYS = {
    "booking": "customer_id service_id facilitator_id address_id invoice_id payment_id refund_id"
    " entry_id",
    "place": "event_date_id pricing_option_id transaction_id",
    "eventdate": "facilitator_id event_id",
    "pricingoption": "event_id",
    "transaction": "customer_id",
    "mediapurchase": "customer_id media_id entry_id payment_id refund_id",
}


def test_no_key_reaches_into_another_company(studio: Company, rival: Company) -> None:
    theirs = rows_of(rival)
    with acting_for(studio.id):
        place = APlace(company=studio)
        date = EventDate.objects.get(pk=place.event_date_id)
        rows: dict[str, Any] = {
            "booking": AnAppointment(company=studio),
            "place": place,
            "eventdate": date,
            "pricingoption": place.pricing_option,
            "transaction": place.transaction,
            "mediapurchase": AMediaPurchase(company=studio),
        }
        for table, key in ((table, key) for table, keys in KEYS.items() for key in keys.split()):
            more: dict[str, Any] = {"covered": 0} if key == "entry_id" else {}
            if key == "event_date_id":
                # The constraint without the company is checked first; with these values it passes.
                more = {"starts_at": date.starts_at, "duration": date.duration}
            with refused(f"{rows[table]._meta.db_table}_{key}_same_company", case=table):
                copy(rows[table], **{key: theirs[key]}, **more)


def test_engagements_of_another_company_are_not_seen(studio: Company, rival: Company) -> None:
    AnAppointment(company=rival, facilitator=AFacilitator(company=rival))
    with acting_for(studio.id):
        assert not Engagement.objects.exists()
    with acting_for(rival.id):
        assert Engagement.objects.count() == 1


# --- Every writer ---


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_owner_is_held_to_it_too(studio: Company, actor: Actor) -> None:
    facilitator = AFacilitator(company=studio)
    booking = AnAppointment(company=studio, facilitator=facilitator)
    date = AnEventDate(company=studio, facilitator=facilitator, starts_at=MORNING + HOUR)
    place = APlace(company=studio, event_date=date, spaces=4)
    stranger = ACustomer(company=make_company("Rival Spa", slug="rival"))
    with refused(BUSY, using="owner"):
        copy(booking, "owner")
    with refused(BUSY, using="owner"):
        copy(date, "owner", starts_at=MORNING)
    with refused(FULL, using="owner"):
        copy(place, "owner", spaces=7)
    with refused("booking_moves_with_its_event_date", using="owner"):
        write(place, "owner", starts_at=MORNING)
    with refused("bookings_booking_customer_id_same_company", using="owner"):
        write(booking, "owner", customer_id=stranger)
    write(place, "owner", spaces=10)
    with acting_for(studio.id):
        move_event_date(date, changes={"starts_at": MORNING + DAY}, actor=actor)
        cancel_booking(place, actor=actor)
        assert EventDate.objects.get().spaces_taken == 0
