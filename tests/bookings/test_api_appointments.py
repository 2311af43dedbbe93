"""Appointments on `/v1/bookings`: booked, moved, cancelled, started, completed, missed."""

import datetime
from typing import Any

import pytest

from bookings.models import Booking
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.models import Customer
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.customers.test_v1_customers import error
from tests.factories import (
    MORNING,
    ACustomer,
    AFacilitator,
    AnAddress,
    AnAppointment,
    APlace,
    AService,
)

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio, first_name="Zoë", last_name="Ng", email="zoe@b.example")


@pytest.fixture
def asked(studio: Company, customer: Customer) -> dict[str, Any]:
    """The least that an appointment is booked with."""
    service = AService(company=studio, configuration={"oil": "almond", "heat": 2})
    return {
        "customer_id": f"cust_{customer.id.hex}",
        "service_id": f"svc_{service.id.hex}",
        "scheduled_at": "2099-06-01T09:30:00Z",
    }


def begun(booking_id: str, studio: Company) -> None:
    """Let a booking be one that began an hour ago."""
    with acting_for(studio.id):
        an_hour_ago = datetime.datetime.now(datetime.UTC) - HOUR
        rows = Booking.objects.filter(pk=booking_id.removeprefix("bk_"))
        rows.update(starts_at=an_hour_ago)


def test_a_new_appointment_is_answered_in_full(
    integrator: Caller, studio: Company, customer: Customer, asked: dict[str, Any]
) -> None:
    maya = AFacilitator(company=studio, name="Maya Okafor")
    address = AnAddress(company=studio, customer=customer, city="London")
    answer = integrator.post(
        "/v1/bookings",
        asked
        | {
            "estimated_duration": 90,
            "facilitator_id": f"fac_{maya.id.hex}",
            "address_id": f"addr_{address.id.hex}",
            "configuration": {"heat": 3},
            "subtotal": 9_000,
            "discount": 997,
            "notes": "Door code 7.",
        },
    )
    booking = answer.body
    assert (answer.status, booking) == (
        201,
        {
            "id": booking["id"],
            "status": "confirmed",
            "customer": {
                "id": f"cust_{customer.id.hex}",
                "name": "Zoë Ng",
                "email": "zoe@b.example",
            },
            "service": {"name": "Massage", "configuration": {"oil": "almond", "heat": 3}},
            "scheduled_at": "2099-06-01T09:30:00.000000Z",
            "estimated_duration": 90,
            "address": {
                "street": "1 High Street",
                "city": "London",
                "state": None,
                "zip": "E1 6AN",
            },
            # A fifth of 8,003 is 1,600.6.
            "pricing": {"subtotal": 9_000, "tax": 1_601, "discount": 997, "total": 9_604},
            "assigned_crew": [{"id": f"fac_{maya.id.hex}", "name": "Maya Okafor"}],
            "created_at": booking["created_at"],
            "updated_at": booking["updated_at"],
        },
    )
    assert booking["id"].startswith("bk_")
    assert integrator.get(f"/v1/bookings/{booking['id']}").body == booking
    page = {"page": 1, "per_page": 25, "total": 1, "total_pages": 1}
    for where in ("/v1/bookings", f"/v1/customers/{customer.id}/bookings"):
        assert integrator.get(where).body == {"data": [booking], "pagination": page}


def test_what_is_left_out_is_as_the_service_says(integrator: Caller, asked: dict[str, Any]) -> None:
    booking = integrator.post("/v1/bookings", asked).body
    names = ("service", "estimated_duration", "address", "pricing", "assigned_crew")
    assert {name: booking[name] for name in names} == {
        "service": {"name": "Massage", "configuration": {"oil": "almond", "heat": 2}},
        "estimated_duration": 60,
        "address": None,
        "pricing": {"subtotal": 6_000, "tax": 1_200, "discount": 0, "total": 7_200},
        "assigned_crew": [],
    }


def test_an_appointment_is_moved_and_changed(
    integrator: Caller, studio: Company, customer: Customer, asked: dict[str, Any]
) -> None:
    maya, tom = (AFacilitator(company=studio, name=name) for name in ("Maya", "Tom"))
    booking = integrator.post("/v1/bookings", asked | {"facilitator_id": str(maya.id)}).body
    path = f"/v1/bookings/{booking['id']}"
    address = AnAddress(company=studio, customer=customer)
    change = {
        "scheduled_at": "2099-06-02T10:00",
        "estimated_duration": 45,
        "facilitator_id": str(tom.id),
        "address_id": str(address.id),
        "configuration": {"oil": None},
        "notes": "Knock.",
    }
    moved = integrator.patch(path, change)
    after = booking | {
        "scheduled_at": "2099-06-02T09:00:00.000000Z",
        "estimated_duration": 45,
        "assigned_crew": [{"id": f"fac_{tom.id.hex}", "name": "Tom"}],
        "address": {"street": "1 High Street", "city": None, "state": None, "zip": "E1 6AN"},
        "service": {"name": "Massage", "configuration": {"oil": None}},
        "updated_at": moved.body["updated_at"],
    }
    assert (moved.status, moved.body) == (200, after)
    assert moved.body["updated_at"] > booking["updated_at"]
    assert integrator.get(path).body == after
    shown = integrator.get(f"/customer/{customer.id}/appointments").body["data"][0]
    assert shown["notes"] == "Knock."
    alone = integrator.patch(path, {"facilitator_id": None, "address_id": None}).body
    assert (alone["assigned_crew"], alone["address"]) == ([], None)
    assert alone["pricing"] == booking["pricing"], "moving changes no price"


def test_a_booking_goes_from_confirmed_to_completed(
    integrator: Caller, asked: dict[str, Any]
) -> None:
    booking = integrator.post("/v1/bookings", asked).body
    path = f"/v1/bookings/{booking['id']}"
    for verb, status in (("start", "in_progress"), ("complete", "completed")):
        answer = integrator.post(f"{path}/{verb}")
        assert (answer.status, answer.body) == (
            200,
            booking | {"status": status, "updated_at": answer.body["updated_at"]},
        )
    for verb in ("start", "complete", "no-show", "cancel"):
        answer = integrator.post(f"{path}/{verb}")
        assert (answer.status, answer.body) == (
            409,
            error("conflict", "booking_not_open", "This booking is completed."),
        )
    refused = integrator.patch(path, {"notes": "x"})
    assert refusal(refused) == (409, "booking_not_open", None)


def test_who_did_not_come_is_noted_once_it_has_begun(
    integrator: Caller, studio: Company, asked: dict[str, Any]
) -> None:
    booking = integrator.post("/v1/bookings", asked).body
    path = f"/v1/bookings/{booking['id']}"
    early = integrator.post(f"{path}/no-show")
    message = "This booking has not begun yet, so nobody can have missed it."
    assert (early.status, early.body) == (409, error("conflict", "too_early", message))
    begun(booking["id"], studio)
    missed = integrator.post(f"{path}/no-show")
    assert (missed.status, missed.body["status"]) == (200, "no_show")
    assert refusal(integrator.post(f"{path}/complete")) == (409, "booking_not_open", None)


def test_a_cancelled_booking_stays_cancelled(integrator: Caller, asked: dict[str, Any]) -> None:
    booking = integrator.post("/v1/bookings", asked).body
    path = f"/v1/bookings/{booking['id']}"
    answer = integrator.post(f"{path}/cancel", {"reason": "Ill", "refund": False})
    assert (answer.status, answer.body) == (
        200,
        booking | {"status": "cancelled", "updated_at": answer.body["updated_at"]},
    )
    for verb in ("start", "complete", "no-show", "cancel"):
        assert refusal(integrator.post(f"{path}/{verb}")) == (409, "booking_not_open", None)
    assert refusal(integrator.post(f"{path}/payment", {"method": "cash"}))[:2] == (
        409,
        "booking_not_open",
    )
    assert integrator.post("/v1/bookings", asked).status == 201


def test_a_facilitator_does_one_thing_at_a_time(
    integrator: Caller, studio: Company, asked: dict[str, Any]
) -> None:
    asked["facilitator_id"] = str(AFacilitator(company=studio).id)
    first = integrator.post("/v1/bookings", asked).body
    overlapping = asked | {"scheduled_at": "2099-06-01T10:29:59Z"}
    busy = integrator.post("/v1/bookings", overlapping)
    message = "The facilitator is taken at that time."
    assert (busy.status, busy.body) == (409, error("conflict", "facilitator_busy", message))
    second = integrator.post("/v1/bookings", asked | {"scheduled_at": "2099-06-01T10:30:00Z"})
    assert second.status == 201, "one may begin when another ends"
    path = f"/v1/bookings/{second.body['id']}"
    assert refusal(integrator.patch(path, {"scheduled_at": "2099-06-01T09:00Z"}))[0] == 409
    assert integrator.get(path).body == second.body
    integrator.post(f"/v1/bookings/{first['id']}/cancel")
    assert integrator.patch(path, {"scheduled_at": "2099-06-01T09:00Z"}).status == 200


CANNOT = [
    ({"scheduled_at": "soon"}, (422, "invalid", "scheduled_at")),
    ({"scheduled_at": None}, (422, "invalid", "scheduled_at")),
    ({"scheduled_at": ""}, (422, "invalid", "scheduled_at")),
    ({"scheduled_at": 4_083_903_000}, (422, "invalid", "scheduled_at")),
    ({"scheduled_at": "2099-06-01"}, (422, "invalid", "scheduled_at")),
    ({"scheduled_at": "2099-02-30T09:00Z"}, (422, "invalid", "scheduled_at")),
    ({"scheduled_at": "9999-12-31T23:59:59-12:00"}, (422, "invalid", "scheduled_at")),
    ({"scheduled_at": "0001-01-01T00:00+12:00"}, (422, "invalid", "scheduled_at")),
    ({"scheduled_at": "2099-06-01T09:00\x00Z"}, (422, "invalid", "scheduled_at")),
    ({"estimated_duration": 0}, (422, "invalid", "estimated_duration")),
    ({"estimated_duration": -5}, (422, "invalid", "estimated_duration")),
    ({"estimated_duration": 525_600}, (422, "invalid", "estimated_duration")),
    ({"estimated_duration": 10**40}, (422, "invalid", "estimated_duration")),
    ({"estimated_duration": 1.5}, (422, "invalid", "estimated_duration")),
    ({"estimated_duration": None}, (422, "invalid", "estimated_duration")),
    ({"facilitator_id": "nonsense"}, (422, "invalid", "facilitator_id")),
    ({"facilitator_id": 5}, (422, "invalid", "facilitator_id")),
    ({"facilitator_id": {"id": "x"}}, (422, "invalid", "facilitator_id")),
    ({"address_id": "nonsense"}, (422, "invalid", "address_id")),
    ({"configuration": "x"}, (422, "invalid", "configuration")),
    ({"configuration": None}, (422, "invalid", "configuration")),
    ({"notes": "x" * 2_001}, (422, "invalid", "notes")),
    ({"notes": "x\x00"}, (422, "invalid", "notes")),
    ({"notes": 5}, (422, "invalid", "notes")),
    ({"notes": "4111 1111 1111 1111"}, (422, "card_number", "notes")),
    ({"status": "completed"}, (400, "bad_request", "status")),
    ({"tax": 0}, (400, "bad_request", "tax")),
]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        *CANNOT,
        ({"customer_id": "nonsense"}, (422, "invalid", "customer_id")),
        ({"customer_id": None}, (422, "invalid", "customer_id")),
        ({"customer_id": ["x"]}, (422, "invalid", "customer_id")),
        ({"service_id": "nonsense"}, (422, "invalid", "service_id")),
        ({"service_id": None}, (422, "invalid", "service_id")),
        ({"subtotal": -1}, (422, "invalid", "subtotal")),
        ({"subtotal": 10**13}, (422, "invalid", "subtotal")),
        ({"subtotal": None}, (422, "invalid", "subtotal")),
        ({"discount": 6_001}, (422, "invalid_booking", "discount")),
        ({"discount": -1}, (422, "invalid", "discount")),
        ({"spaces": 1}, (422, "invalid", "spaces")),
        ({"payment": "cash"}, (422, "invalid", "payment")),
        ({"total": 1}, (400, "bad_request", "total")),
    ],
)
def test_an_appointment_that_cannot_be_is_refused(
    integrator: Caller,
    asked: dict[str, Any],
    change: dict[str, Any],
    expected: tuple[int, str, str],
) -> None:
    assert refusal(integrator.post("/v1/bookings", asked | change)) == expected
    assert integrator.get("/v1/bookings").body["data"] == [], "a refusal leaves no trace"


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        *CANNOT,
        ({"customer_id": "x"}, (400, "bad_request", "customer_id")),
        ({"service_id": "x"}, (400, "bad_request", "service_id")),
        ({"subtotal": 5}, (400, "bad_request", "subtotal")),
        ({"event_date_id": "nonsense"}, (422, "invalid", "event_date_id")),
    ],
)
def test_an_appointment_is_not_changed_to_what_cannot_be(
    integrator: Caller,
    asked: dict[str, Any],
    change: dict[str, Any],
    expected: tuple[int, str, str],
) -> None:
    booking = integrator.post("/v1/bookings", asked).body
    path = f"/v1/bookings/{booking['id']}"
    assert refusal(integrator.patch(path, change)) == expected
    assert integrator.get(path).body == booking


def test_what_is_needed_and_missing_is_a_400(integrator: Caller, asked: dict[str, Any]) -> None:
    for lacks in ("customer_id", "service_id", "scheduled_at"):
        body = {name: value for name, value in asked.items() if name != lacks}
        assert refusal(integrator.post("/v1/bookings", body)) == (400, "missing_field", lacks)
    nothing = integrator.post("/v1/bookings", {})
    assert refusal(nothing) == (400, "missing_field", "customer_id")
    assert refusal(integrator.post("/v1/bookings", b"{")) == (400, "bad_request", None)
    assert refusal(integrator.post("/v1/bookings", b"[]")) == (400, "bad_request", None)


def test_a_service_and_an_event_are_not_booked_at_once(
    integrator: Caller, studio: Company, asked: dict[str, Any]
) -> None:
    date = APlace(company=studio).event_date
    both = integrator.post("/v1/bookings", asked | {"event_date_id": str(date.id)})
    message = "Name a service_id or an event_date_id, not both."
    assert (both.status, both.body) == (422, error("invalid_request", "invalid", message))
    path = f"/v1/bookings/{AnAppointment(company=studio).id}"
    moved = integrator.patch(path, {"event_date_id": str(date.id)})
    assert refusal(moved) == (422, "invalid_booking", "event_date_id")


def test_only_an_address_of_the_customer_will_do(
    integrator: Caller, studio: Company, asked: dict[str, Any]
) -> None:
    elsewhere = AnAddress(company=studio, customer=ACustomer(company=studio))
    body = asked | {"address_id": str(elsewhere.id)}
    assert refusal(integrator.post("/v1/bookings", body)) == (422, "invalid_booking", "address_id")
    booking = integrator.post("/v1/bookings", asked).body
    moved = integrator.patch(f"/v1/bookings/{booking['id']}", {"address_id": str(elsewhere.id)})
    assert refusal(moved) == (422, "invalid_booking", "address_id")


def test_what_is_archived_is_booked_no_more(
    integrator: Caller, studio: Company, customer: Customer, asked: dict[str, Any]
) -> None:
    asked["facilitator_id"] = str(AFacilitator(company=studio).id)
    booking = integrator.post("/v1/bookings", asked).body
    integrator.post(f"/v1/facilitators/{asked['facilitator_id']}/archive")
    refused = refusal(integrator.post("/v1/bookings", asked))
    assert refused == (422, "facilitator_archived", "facilitator_id")
    integrator.post(f"/v1/services/{asked['service_id']}/archive")
    refused = refusal(integrator.post("/v1/bookings", asked))
    assert refused == (422, "service_archived", "service_id")
    assert integrator.get(f"/v1/bookings/{booking['id']}").body == booking, "what was booked stays"
    integrator.delete(f"/customers/{customer.id}")
    path = f"/v1/bookings/{booking['id']}"
    for answer in (
        integrator.post("/v1/bookings", asked),
        integrator.patch(path, {"notes": "x"}),
        integrator.post(f"{path}/cancel"),
        integrator.post(f"{path}/start"),
        integrator.post(f"{path}/complete"),
        integrator.post(f"{path}/no-show"),
        integrator.post(f"{path}/payment", {"method": "cash"}),
    ):
        assert refusal(answer) == (409, "customer_archived", None)
    assert integrator.get(path).body == booking
    assert integrator.get(f"/v1/customers/{customer.id}/bookings").body["data"] == [booking]


def test_an_unknown_booking_is_a_404(integrator: Caller, studio: Company) -> None:
    booking = AnAppointment(company=studio)
    assert booking.starts_at == MORNING
    for path in (f"/v1/bookings/cust_{booking.id.hex}", "/v1/bookings/nonsense"):
        missing = integrator.get(path)
        assert (missing.status, missing.body) == (
            404,
            error("invalid_request", "not_found", "There is nothing here."),
        )
        for verb in ("cancel", "start", "complete", "no-show", "payment"):
            assert integrator.post(f"{path}/{verb}", None).status in (400, 404)
    assert integrator.get(f"/v1/bookings/{booking.id}").status == 200
    assert integrator.delete(f"/v1/bookings/{booking.id}").status == 405
