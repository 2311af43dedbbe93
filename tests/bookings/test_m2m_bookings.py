"""Event places, appointments and media on the M2M surface (contract, section 1)."""

import datetime

import pytest

from billing.models import Payment
from bookings.actions import book_places
from bookings.models import Booking, EventDate, Transaction
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.models import Customer
from tests.bookings.test_api_places import person
from tests.callers import Caller, call_as
from tests.factories import (
    MORNING,
    ACustomer,
    AFacilitator,
    AnAppointment,
    AnEvent,
    AnEventDate,
    APlace,
    AService,
    make_company,
)

UTC = datetime.UTC


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio, first_name="Zoë", last_name="Ng", email="zoe@b.example")


def bought(customer: Customer, date: EventDate, at: datetime.datetime) -> str:
    """Buy a place at a moment; return the transaction's id."""
    company = Company.objects.get(pk=customer.company_id)
    with acting_for(company.id):
        purchase = Transaction(customer=customer, purchased_at=at)
        place = Booking(customer=customer, event_date=date)
        book_places(purchase, places=[place], actor=Actor.command(company))
    return f"txn_{purchase.id.hex}"


def ids(caller: Caller, path: str) -> list[str]:
    answer = caller.get(path)
    assert answer.status == 200, answer
    return [one["id"] for one in answer.body["data"]]


# --- Transactions ---


def test_event_places_are_answered_in_full(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    studio_event = AnEvent(company=studio, tax_rate=20)
    date = AnEventDate(company=studio, event=studio_event, duration=75)
    friend = ACustomer(company=studio, first_name="", last_name="", name="Acme", email="")
    place = APlace(
        company=studio,
        customer=friend,
        purchased_by=customer,
        event_date=date,
        spaces=2,
        discount=500,
        means=Payment(method="card"),
    )
    answer = integrator.get(f"/customer/{customer.id}/bookings")
    shown = answer.body["data"][0]
    booking = {
        "id": f"booking_{place.id.hex}",
        "type": "event-booking",
        "is_cancelled": False,
        "is_refunded": False,
        "spaces": 2,
        "purchased_by": person(customer),
        "bought_for": person(friend),
        "event": {
            "id": f"evt_{studio_event.id.hex}",
            "type": "event",
            "name": "Yoga",
            "date": {
                "id": f"date_{date.id.hex}",
                "type": "event_date",
                "datetime": "2099-06-01T10:30:00",
                "tz": "Europe/London",
                "duration": 75,
            },
        },
        "pricing_option": {"id": f"po-{place.pricing_option_id.hex}"},
        "payment": {
            "method": "CARD",
            "currency": "GBP",
            "base100gross_price": 3_000,
            "base100net_price": 2_500,
        },
    }
    assert (answer.status, answer.body) == (
        200,
        {
            "data": [
                {
                    "id": f"txn_{place.transaction_id.hex}",
                    "type": "event-booking",
                    "purchase_date": shown["purchase_date"],
                    "bookings": [booking],
                }
            ],
            "total": 1,
            "page": 0,
            "pageSize": 30,
        },
    )
    for whose in (customer, friend):
        one = integrator.get(f"/customer/{whose.id}/booking/booking_{place.id.hex}")
        assert (one.status, one.body) == (200, {"data": booking})
    assert ids(integrator, f"/customer/{friend.id}/bookings") == [], "who bought them has them"


def test_a_place_is_reached_by_who_bought_it_and_whom_it_is_for_alone(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    place = APlace(company=studio, customer=customer)
    appointment = AnAppointment(company=studio, customer=customer)
    path = f"/customer/{customer.id}/booking"
    assert integrator.get(f"{path}/{place.id}").status == 200
    other = ACustomer(company=studio)
    for missing in (
        f"/customer/{other.id}/booking/{place.id}",
        f"/customer/{place.id}/booking/{place.id}",
        f"{path}/{appointment.id}",
        f"{path}/bk_{place.id.hex}",
        f"{path}/nonsense",
    ):
        answer = integrator.get(missing)
        assert (answer.status, answer.body) == (404, {"message": "There is nothing here."})


def test_transactions_come_newest_first_in_pages_from_zero(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    date = AnEventDate(company=studio)
    made = [
        f"txn_{APlace(company=studio, customer=customer, event_date=date).transaction_id.hex}"
        for _ in range(3)
    ]
    path = f"/customer/{customer.id}/bookings"
    first = integrator.get(f"{path}?page=0&pageSize=2").body
    assert [one["id"] for one in first["data"]] == [made[2], made[1]]
    second = integrator.get(f"{path}?page=1&pageSize=2").body
    assert [one["id"] for one in second["data"]] == [made[0]]
    beside = {name: second[name] for name in ("total", "page", "pageSize")}
    assert beside == {"total": 3, "page": 1, "pageSize": 2}
    for query, sentence in (
        ("pageSize=101", "pageSize: Must be from 1 to 100."),
        ("page=-1", "page: Must be from 0 to 10,000,000."),
        ("startDate=soon", "startDate: This is no day; write it as 2026-01-31."),
        ("endDate=2026-02-30", "endDate: This is no day; write it as 2026-01-31."),
        ("future_only=1", "future_only: Must be true or false."),
        ("status=x", "status: There is no such parameter."),
    ):
        answer = integrator.get(f"{path}?{query}")
        assert (answer.status, answer.body) == (400, {"message": sentence})


def test_only_what_is_to_come_is_told_apart(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    event = AnEvent(company=studio)
    past = MORNING.replace(year=2020)
    over = AnEventDate(company=studio, event=event, starts_at=past)
    coming = AnEventDate(company=studio, event=event)
    now = datetime.datetime.now(UTC)
    old = bought(customer, over, now)
    new = bought(customer, coming, now)
    gone = bought(customer, coming, now)
    path = f"/customer/{customer.id}/bookings"
    (booking,) = integrator.get(f"{path}?pageSize=1").body["data"][0]["bookings"]
    integrator.post(f"/v1/bookings/{booking['id'].removeprefix('booking_')}/cancel")
    assert ids(integrator, path) == [gone, new, old]
    assert ids(integrator, f"{path}?future_only=false") == [gone, new, old]
    assert ids(integrator, f"{path}?future_only=true") == [new]


def test_of_places_bought_together_one_to_come_is_enough(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    event = AnEvent(company=studio)
    over = AnEventDate(company=studio, event=event, starts_at=MORNING.replace(year=2020))
    coming = AnEventDate(company=studio, event=event)
    places = [{"event_date_id": str(one.id)} for one in (over, coming)]
    asked = {"customer_id": str(customer.id), "places": places}
    made = integrator.post("/v1/transactions", asked).body
    answer = integrator.get(f"/customer/{customer.id}/bookings?future_only=true").body
    assert answer["data"] == [made], "with all of its places"


def months_ago(months: int, zone: str) -> datetime.date:
    """Return the day so many months before today's in a zone, the last one of a shorter month."""
    from zoneinfo import ZoneInfo

    today = datetime.datetime.now(ZoneInfo(zone)).date()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    for day in (today.day, 30, 29, 28):
        try:
            return datetime.date(year, month + 1, day)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/London"])
def test_by_default_a_list_goes_back_three_months(zone: str) -> None:
    from zoneinfo import ZoneInfo

    company = make_company("Far", slug="far", country="NZ", timezone=zone)
    caller, customer = call_as(company), ACustomer(company=company)
    date = AnEventDate(company=company)
    midnight = datetime.datetime.combine(months_ago(3, zone), datetime.time(), ZoneInfo(zone))
    second = datetime.timedelta(seconds=1)
    before, after = bought(customer, date, midnight - second), bought(customer, date, midnight)
    path = f"/customer/{customer.id}/bookings"
    assert ids(caller, path) == [after]
    assert ids(caller, f"{path}?endDate=2999-01-01") == [after]
    assert ids(caller, f"{path}?startDate=2000-01-01") == [after, before]
    day = (midnight - second).date()
    assert ids(caller, f"{path}?startDate={day}&endDate={day}") == [before]
    assert ids(caller, f"{path}?endDate={day}") == [], "no earlier than three months ago"


def test_a_day_ends_when_the_companys_does(studio: Company) -> None:
    south = make_company("South", slug="south", country="NZ", timezone="Pacific/Auckland")
    caller, customer, date = call_as(south), ACustomer(company=south), AnEventDate(company=south)
    # On 5 April 2026 the clocks are put back: the day lasts 25 hours, from 11:00Z to 12:00Z.
    times = ("2026-04-04T10:59:59", "2026-04-04T11:00", "2026-04-05T11:59:59", "2026-04-05T12:00")
    made = [bought(customer, date, datetime.datetime.fromisoformat(f"{at}+00:00")) for at in times]
    path = f"/customer/{customer.id}/bookings?startDate="

    def found(query: str) -> list[int]:
        return sorted(made.index(one) for one in ids(caller, path + query))

    assert found("2026-04-05&endDate=2026-04-05") == [1, 2]
    assert found("2026-04-05") == [1, 2, 3]
    assert found("2020-01-01&endDate=2026-04-05") == [0, 1, 2]
    assert found("2026-04-06&endDate=2026-04-05") == []
    shown = caller.get(f"{path}2020-01-01").body["data"]
    assert [one["purchase_date"] for one in shown] == [
        "2026-04-06T00:00:00",
        "2026-04-05T23:59:59",
        "2026-04-05T00:00:00",
        "2026-04-04T23:59:59",
    ]


# --- Appointments ---


def test_an_appointment_is_answered_in_full(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    maya = AFacilitator(company=studio, name="Maya Okafor")
    service = AService(company=studio)
    booking = AnAppointment(
        company=studio, customer=customer, service=service, facilitator=maya, notes="Door code 7."
    )
    APlace(company=studio, customer=customer)
    answer = integrator.get(f"/customer/{customer.id}/appointments")
    created = integrator.get(f"/v1/bookings/{booking.id}").body["created_at"]
    assert (answer.status, answer.body) == (
        200,
        {
            "data": [
                {
                    "id": f"appt_{booking.id.hex}",
                    "type": "appointment",
                    "status": "CONFIRMED",
                    "notes": "Door code 7.",
                    "created_at": created,
                    "service": {
                        "id": f"svc_{service.id.hex}",
                        "type": "service",
                        "name": "Massage",
                        "datetime": "2099-06-01T10:30:00",
                        "tz": "Europe/London",
                        "duration_minutes": 60,
                        "facilitator": {
                            "id": f"fac_{maya.id.hex}",
                            "type": "facilitator",
                            "name": "Maya Okafor",
                        },
                    },
                    "payment": {
                        "method": "CARD",
                        "currency": "GBP",
                        "base100_price": 7_200,
                        "status": "PENDING",
                    },
                }
            ],
            "total": 1,
            "page": 0,
            "pageSize": 30,
        },
    )


def test_what_is_in_progress_is_shown_as_confirmed(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    made = {
        word: AnAppointment(company=studio, customer=customer, starts_at=MORNING.replace(year=2020))
        for word in ("confirmed", "in_progress", "completed", "no_show", "cancelled")
    }
    for word, verb in (
        ("in_progress", "start"),
        ("completed", "complete"),
        ("no_show", "no-show"),
        ("cancelled", "cancel"),
    ):
        assert integrator.post(f"/v1/bookings/{made[word].id}/{verb}").body["status"] == word
    shown = integrator.get(f"/customer/{customer.id}/appointments").body["data"]
    assert [one["status"] for one in shown] == [
        *("CANCELLED", "NO_SHOW", "COMPLETED", "CONFIRMED", "CONFIRMED")
    ]
    assert {(one["notes"], one["service"]["facilitator"]) for one in shown} == {("", None)}


@pytest.mark.parametrize("what", ["bookings", "appointments", "videos", "media"])
def test_what_nobody_has_is_an_empty_list(
    integrator: Caller, studio: Company, customer: Customer, what: str
) -> None:
    empty = {"data": [], "total": 0, "page": 0, "pageSize": 30}
    assert integrator.get(f"/customer/{customer.id}/{what}").body == empty
    missing = integrator.get(f"/customer/{AnEvent(company=studio).id}/{what}")
    assert (missing.status, missing.body) == (404, {"message": "There is nothing here."})
    archived = ACustomer(company=studio, archived=True)
    assert integrator.get(f"/customer/{archived.id}/{what}").body == empty
