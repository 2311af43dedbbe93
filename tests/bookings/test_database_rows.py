"""What the database holds of one booking, of other companies, and against its owner as well."""

from typing import Any

import pytest

from billing.models import Invoice
from bookings.actions import cancel_booking, move_event_date
from bookings.models import Booking, Engagement, EventDate, Facilitator
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.models import Customer
from tests.factories import (
    MORNING,
    ACredit,
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

from .written import BUSY, DAY, FULL, HOUR, copy, refused, write


@pytest.fixture
def facilitator(studio: Company) -> Facilitator:
    return AFacilitator(company=studio)


@pytest.fixture
def booking(inside: None, studio: Company, facilitator: Facilitator) -> Booking:
    """An appointment of an hour with the facilitator."""
    return AnAppointment(company=studio, facilitator=facilitator)


@pytest.fixture
def date(inside: None, studio: Company) -> EventDate:
    """An event date with ten spaces."""
    return AnEventDate(company=studio)


@pytest.fixture
def place(studio: Company, date: EventDate) -> Booking:
    """Four spaces at the date."""
    return APlace(company=studio, event_date=date, spaces=4)


# --- What a booking is ---


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "event"},
        {"kind": "place"},
        {"service_id": None},
        {"spaces": 2},
        {"event_date_id": "date"},
        {"pricing_option_id": "option"},
        {"transaction_id": "transaction"},
    ],
)
def test_an_appointment_is_a_service_and_nothing_of_an_event(
    booking: Booking, place: Booking, change: dict[str, Any]
) -> None:
    parts = {
        "date": place.event_date_id,
        "option": place.pricing_option_id,
        "transaction": place.transaction_id,
    }
    with refused("booking_is_of_a_kind"):
        write(booking, **{name: parts.get(value, value) for name, value in change.items()})


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "appointment"},
        {"service_id": "service"},
        {"facilitator_id": "facilitator"},
        {"address_id": "address"},
        {"event_date_id": None},
        {"pricing_option_id": None},
        {"transaction_id": None},
        {"spaces": 0},
    ],
)
def test_a_place_is_at_an_event_and_nothing_of_a_service(
    booking: Booking, place: Booking, studio: Company, change: dict[str, Any]
) -> None:
    parts = {
        "service": booking.service_id,
        "facilitator": booking.facilitator_id,
        "address": AnAddress(company=studio, customer=place.customer).pk,
    }
    with refused("booking_is_of_a_kind"):
        write(place, **{name: parts.get(value, value) for name, value in change.items()})


@pytest.mark.parametrize(
    ("status", "moments"),
    [
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
    ],
)
def test_a_status_has_its_moment_and_no_other(booking: Booking, status: str, moments: str) -> None:
    with refused("booking_status_has_its_moment"):
        write(booking, status=status, **dict.fromkeys(moments.split(), MORNING))


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"duration": 0}, "booking_duration"),
        ({"duration": 10_081}, "booking_duration"),
        ({"discount": -1}, "booking_discount"),
        ({"discount": 6_001}, "booking_discount"),
        ({"tax": 1_201}, "booking_tax"),
        ({"tax_rate": 101}, "booking_tax"),
        ({"subtotal": 6_001}, "booking_total"),
        ({"total": 7_201}, "booking_total"),
        ({"covered": 1}, "bookings_booking_covered"),
        ({"covered": -1}, "bookings_booking_covered"),
    ],
)
def test_what_a_booking_comes_to_adds_up(
    booking: Booking, change: dict[str, int], constraint: str
) -> None:
    with refused(constraint):
        write(booking, **change)


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


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"duration": 0}, "event_date_duration"),
        ({"capacity": -1}, "bookings_eventdate_capacity_check"),
    ],
)
def test_a_date_can_be(date: EventDate, change: dict[str, int], constraint: str) -> None:
    with refused(constraint):
        write(date, **change)


# --- Nothing of another company's ---


def rows_of(company: Company) -> dict[str, Any]:
    """Return a row of every kind that a key can point at, by the name of the key."""
    customer = ACustomer(company=company)
    ten = APass(company=company, customer=customer)
    place = APlace(company=company, customer=customer, means=ten)
    invoice = AnInvoice(company=company, customer=customer)
    payment = APayment(company=company, invoice=invoice, amount=100)
    ACredit(company=company, customer=customer)
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


@pytest.mark.parametrize(
    ("table", "key"), [(table, key) for table, keys in KEYS.items() for key in keys.split()]
)
def test_no_key_reaches_into_another_company(
    studio: Company, rival: Company, table: str, key: str
) -> None:
    theirs = rows_of(rival)[key]
    with acting_for(studio.id):
        place = APlace(company=studio)
        row: Any = {
            "booking": lambda: AnAppointment(company=studio),
            "place": lambda: place,
            "eventdate": lambda: place.event_date,
            "pricingoption": lambda: place.pricing_option,
            "transaction": lambda: place.transaction,
            "mediapurchase": lambda: AMediaPurchase(company=studio),
        }[table]()
        name = f"{row._meta.db_table}_{key}_same_company"
        more = {"covered": 0} if key == "entry_id" else {}
        if key == "event_date_id":
            # Of two guards the one without the company is the first to look.
            date = EventDate.objects.get(pk=place.event_date_id)
            more = {"starts_at": date.starts_at, "duration": date.duration}
        with refused(name):
            copy(row, **{key: theirs}, **more)


def test_engagements_of_another_company_are_not_seen(studio: Company, rival: Company) -> None:
    AnAppointment(company=rival, facilitator=AFacilitator(company=rival))
    with acting_for(studio.id):
        assert not Engagement.objects.exists()
    with acting_for(rival.id):
        assert Engagement.objects.count() == 1


# --- Whoever writes ---


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
