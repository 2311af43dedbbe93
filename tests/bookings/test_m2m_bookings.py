"""Event places, appointments and media on the M2M surface (contract, section 1)."""

import calendar
import datetime
from zoneinfo import ZoneInfo

import pytest

from billing.models import Payment
from bookings.actions import book_places
from bookings.models import Booking, Event, EventDate, Service, Transaction
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.callers import Caller, call_as
from tests.credits.test_v1_credits import refusal
from tests.factories import (
    ACustomer,
    AFacilitator,
    AMediaPurchase,
    AMedium,
    AnAppointment,
    AnEvent,
    AnEventDate,
    APlace,
    AService,
    make_company,
)

from .support import LONG_AGO, ids
from .test_api_places import person

UTC = datetime.UTC


def bought(customer: Customer, date: EventDate, at: datetime.datetime) -> str:
    """Buy a place at the given time; return the transaction's id."""
    company = Company.objects.get(pk=customer.company_id)
    with acting_for(company.id):
        purchase = Transaction(customer=customer, purchased_at=at)
        place = Booking(customer=customer, event_date=date)
        book_places(purchase, places=[place], actor=Actor.command(company))
    return f"txn_{purchase.id.hex}"


# --- Transactions ---


def test_places_are_shown_in_full(integrator: Caller, studio: Company, customer: Customer) -> None:
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
    assert answer.status == 200
    assert answer.body == {
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
    }
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
        f"{path}/txn_{place.id.hex}",
        f"{path}/nonsense",
    ):
        answer = integrator.get(missing)
        assert (answer.status, answer.body) == (404, {"message": "No such booking. Check the id."})


WHOLE = "Must be a whole number from"


def test_transactions_come_newest_first_in_pages_from_zero(
    integrator: Caller, studio: Company, customer: Customer, date: EventDate
) -> None:
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
        (f"page={10**12}", f"page: {WHOLE} 0 to 10,000,000; got “{10**12}”."),
        (f"page={10**40}", f"page: {WHOLE} 0 to 10,000,000; got “{'1' + '0' * 38}…”."),
        ("page=two", f"page: {WHOLE} 0 to 10,000,000; got “two”."),
        ("pageSize=101", f"pageSize: {WHOLE} 1 to 100; got “101”."),
        ("page=-1", f"page: {WHOLE} 0 to 10,000,000; got “-1”."),
        ("startDate=soon", "startDate: Must be a date such as 2026-01-31; got “soon”."),
        ("endDate=2026-02-30", "endDate: Must be a date such as 2026-01-31; got “2026-02-30”."),
        (
            "start_date=x&future_only=yes&page=x",
            "start_date: There is no such parameter. Did you mean startDate? "
            "future_only: Must be true or false; got “yes”. "
            f"page: {WHOLE} 0 to 10,000,000; got “x”.",
        ),
    ):
        answer = integrator.get(f"{path}?{query}")
        assert (answer.status, answer.body) == (400, {"message": sentence})


def test_what_is_to_come_is_told_apart_and_one_place_of_several_is_enough(
    integrator: Caller, studio: Company, customer: Customer, event: Event, date: EventDate
) -> None:
    over = AnEventDate(company=studio, event=event, starts_at=LONG_AGO)
    now = datetime.datetime.now(UTC)
    old, new, gone = (bought(customer, one, now) for one in (over, date, date))
    path = f"/customer/{customer.id}/bookings"
    (booking,) = integrator.get(f"{path}?pageSize=1").body["data"][0]["bookings"]
    integrator.post(f"/v1/bookings/{booking['id'].removeprefix('booking_')}/cancel")
    places = [{"event_date_id": str(one.id)} for one in (over, date)]
    asked = {"customer_id": str(customer.id), "places": places}
    both = integrator.post("/v1/transactions", asked).body
    for query in ("", "?future_only=false"):
        assert ids(integrator, path + query) == [both["id"], gone, new, old]
    future = integrator.get(f"{path}?future_only=true").body["data"]
    assert [one["id"] for one in future] == [both["id"], new]
    assert len(future[0]["bookings"]) == len(both["bookings"]) == 2, "with all of its places"


def months_ago(months: int, zone: ZoneInfo) -> datetime.date:
    """Return the same day so many months ago in a time zone, or the last day of that month."""
    today = datetime.datetime.now(zone).date()
    year, month = divmod(today.year * 12 + today.month - 1 - months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return datetime.date(year, month + 1, min(today.day, last))


@pytest.mark.parametrize("zone", [ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Pacific/Pago_Pago")])
def test_by_default_a_list_goes_back_three_months(zone: ZoneInfo) -> None:
    company = make_company("Far", slug="far", country="NZ", timezone=zone.key)
    caller, customer = call_as(company), ACustomer(company=company)
    date = AnEventDate(company=company)
    midnight = datetime.datetime.combine(months_ago(3, zone), datetime.time(), zone)
    second = datetime.timedelta(seconds=1)
    before, after = bought(customer, date, midnight - second), bought(customer, date, midnight)
    path, day = f"/customer/{customer.id}/bookings", (midnight - second).date()
    for query, found in (
        ("", [after]),
        ("?endDate=2999-01-01", [after]),
        ("?startDate=2000-01-01", [after, before]),
        (f"?startDate={day}&endDate={day}", [before]),
        # Without a start date, the list begins three months ago.
        (f"?endDate={day}", []),
    ):
        assert ids(caller, path + query) == found, query


def test_a_day_ends_when_the_companys_does() -> None:
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
    integrator: Caller, studio: Company, customer: Customer, service: Service
) -> None:
    maya = AFacilitator(company=studio, name="Maya Okafor")
    booking = AnAppointment(
        company=studio, customer=customer, service=service, facilitator=maya, notes="Door code 7."
    )
    APlace(company=studio, customer=customer)
    answer = integrator.get(f"/customer/{customer.id}/appointments")
    created = integrator.get(f"/v1/bookings/{booking.id}").body["created_at"]
    assert answer.status == 200
    assert answer.body == {
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
    }


def test_started_means_confirmed(integrator: Caller, studio: Company, customer: Customer) -> None:
    made = {
        word: AnAppointment(company=studio, customer=customer, starts_at=LONG_AGO)
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


def test_a_list_may_be_empty(integrator: Caller, studio: Company, customer: Customer) -> None:
    empty = {"data": [], "total": 0, "page": 0, "pageSize": 30}
    archived = ACustomer(company=studio, archived=True)
    for what in ("bookings", "appointments", "videos", "media"):
        for one in (customer, archived):
            assert integrator.get(f"/customer/{one.id}/{what}").body == empty
        missing = integrator.get(f"/customer/{AService(company=studio).id}/{what}")
        assert (missing.status, missing.body) == (
            404,
            {"message": "No such customer. Check the id."},
        )


# --- Media ---


def test_a_medium_is_answered_in_full_under_both_names(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    medium = AMedium(company=studio)
    path = f"/v1/customers/{customer.id}/media-purchases"
    asked = {"media_id": f"media_{medium.id.hex}", "expires_on": "2099-12-31"}
    made = integrator.post(path, asked)
    assert (made.status, made.body) == (
        201,
        {
            "id": made.body["id"],
            "customer_id": f"cust_{customer.id.hex}",
            "media_id": f"media_{medium.id.hex}",
            "name": "Morning stretch",
            "status": "active",
            "price": 900,
            "tax_rate": 0,
            "tax_behavior": "exclusive",
            "tax": 0,
            "currency": "GBP",
            "amount_paid": 0,
            "payment_status": "unpaid",
            "payment": None,
            "invoice_id": None,
            "expires_on": "2099-12-31",
            "purchased_at": made.body["purchased_at"],
            "cancelled_at": None,
            "cancellation_reason": None,
            "updated_at": made.body["updated_at"],
        },
    )
    assert made.headers["Location"] == f"{path}/{made.body['id']}"
    assert integrator.get(made.headers["Location"]).body == made.body
    (purchase,) = integrator.get(f"/customer/{customer.id}/videos").body["data"]
    assert purchase == {
        "id": made.body["id"],
        "type": "video_purchase",
        "media": {"id": f"media_{medium.id.hex}", "type": "media", "name": "Morning stretch"},
        "created": purchase["created"],
        "expires_on": "2099-12-31",
        "is_cancelled": False,
        "is_refunded": False,
        "is_expired": False,
        "payment": {"method": "CARD", "currency": "GBP", "base100_price": 900},
    }
    assert purchase["id"].startswith("media_")
    assert purchase["created"].endswith("Z")
    listed = {"data": [purchase], "total": 1, "page": 0, "pageSize": 30}
    for name in ("videos", "media"):
        answer = integrator.get(f"/customer/{customer.id}/{name}")
        assert (answer.status, answer.body) == (200, listed)
    page = {"page": 1, "per_page": 25, "total": 1, "total_pages": 1}
    assert integrator.get(path).body == {"data": [made.body], "pagination": page}


def test_invalid_media_are_refused(integrator: Caller, studio: Company, customer: Customer) -> None:
    medium, gone = AMedium(company=studio), AMedium(company=studio)
    path = f"/v1/customers/{customer.id}/media-purchases"
    integrator.post(f"/v1/media/{gone.id}/archive")
    asked = {"media_id": str(medium.id)}
    for body, expected in (
        ({}, (400, "missing_field", "media_id")),
        ({"media_id": None}, (422, "invalid", "media_id")),
        ({"media_id": "nonsense"}, (422, "invalid", "media_id")),
        ({"media_id": str(gone.id)}, (422, "media_archived", "media_id")),
        (asked | {"expires_on": "soon"}, (422, "invalid", "expires_on")),
        (asked | {"expires_on": 5}, (422, "invalid", "expires_on")),
        (asked | {"expires_on": "2020-01-01"}, (422, "last_day_past", "expires_on")),
        (asked | {"payment": {"method": "cheque"}}, (422, "invalid", "payment.method")),
        (asked | {"total": 5}, (400, "unknown_field", "total")),
    ):
        assert refusal(integrator.post(path, body)) == expected, body
    assert ids(integrator, f"/customer/{customer.id}/media") == []
    others = AMediaPurchase(company=studio)
    assert integrator.post(f"{path}/{others.id}/cancel").status == 404
