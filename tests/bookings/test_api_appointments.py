"""Appointments on `/v1/bookings`: created, moved, cancelled, started, completed, missed."""

from typing import Any

import pytest

from bookings.models import Booking, Facilitator, Service
from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.customers.test_v1_customers import error
from tests.factories import (
    ACustomer,
    AFacilitator,
    AnAddress,
    AnAppointment,
    AnEventDate,
    APlace,
    AService,
)
from tests.refusals import whole_error

from .support import LONG_AGO


@pytest.fixture
def asked(studio: Company, customer: Customer) -> dict[str, Any]:
    """The required fields of a new appointment."""
    service = AService(company=studio, configuration={"oil": "almond", "heat": 2})
    return {
        "customer_id": f"cust_{customer.id.hex}",
        "service_id": f"svc_{service.id.hex}",
        "scheduled_at": "2099-06-01T09:30:00Z",
    }


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
            "kind": "appointment",
            "status": "confirmed",
            "customer": {
                "id": f"cust_{customer.id.hex}",
                "name": "Zoë Ng",
                "email": "zoe@b.example",
            },
            "service": {"name": "Massage", "configuration": {"oil": "almond", "heat": 3}},
            "service_id": asked["service_id"],
            "event_id": None,
            "event_date_id": None,
            "pricing_option_id": None,
            "transaction_id": None,
            "scheduled_at": "2099-06-01T09:30:00.000000Z",
            "estimated_duration": 90,
            "spaces": 1,
            "facilitator": {"id": f"fac_{maya.id.hex}", "name": "Maya Okafor"},
            "address": {
                "street": "1 High Street",
                "city": "London",
                "state": None,
                "zip": "E1 6AN",
            },
            "address_id": f"addr_{address.id.hex}",
            "notes": "Door code 7.",
            # 20 % of 8,003 is 1,600.6.
            "pricing": {
                "subtotal": 9_000,
                "tax": 1_601,
                "discount": 997,
                "total": 9_604,
                "tax_rate": 20,
                "tax_behavior": "exclusive",
            },
            "currency": "GBP",
            "amount_paid": 0,
            "payment_status": "unpaid",
            "payment": None,
            "invoice_id": None,
            "cancelled_at": None,
            "cancellation_reason": None,
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


def test_an_appointment_is_moved_and_changed(
    integrator: Caller, studio: Company, customer: Customer, asked: dict[str, Any]
) -> None:
    maya, tom = (AFacilitator(company=studio, name=name) for name in ("Maya", "Tom"))
    booking = integrator.post("/v1/bookings", asked | {"facilitator_id": str(maya.id)}).body
    names = ("service", "estimated_duration", "address", "pricing", "assigned_crew")
    assert {name: booking[name] for name in names} == {
        "service": {"name": "Massage", "configuration": {"oil": "almond", "heat": 2}},
        "estimated_duration": 60,
        "address": None,
        "pricing": {
            "subtotal": 6_000,
            "tax": 1_200,
            "discount": 0,
            "total": 7_200,
            "tax_rate": 20,
            "tax_behavior": "exclusive",
        },
        "assigned_crew": [{"id": f"fac_{maya.id.hex}", "name": "Maya"}],
    }, "what is left out is as the service says"
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
        "facilitator": {"id": f"fac_{tom.id.hex}", "name": "Tom"},
        "assigned_crew": [{"id": f"fac_{tom.id.hex}", "name": "Tom"}],
        "address_id": f"addr_{address.id.hex}",
        "notes": "Knock.",
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


def test_a_booking_can_be_read_and_sent_back_whole(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    address = AnAddress(company=studio, customer=customer)
    maya = AFacilitator(company=studio)
    theirs: dict[str, Any] = {"company": studio, "customer": customer}
    for booking in (
        AnAppointment(**theirs, address=address, facilitator=maya),
        APlace(**theirs, event_date=AnEventDate(company=studio)),
    ):
        path = f"/v1/bookings/{booking.id}"
        before = integrator.get(path).body
        same = integrator.patch(path, before)
        assert (same.status, same.body) == (200, before)
        changed = integrator.patch(path, before | {"notes": "Knock.", "spaces": 5}).body
        assert changed == before | {"notes": "Knock.", "updated_at": changed["updated_at"]}
    place = f"/v1/bookings/{booking.id}"
    nowhere = integrator.patch(place, {"event_date_id": None})
    assert refusal(nowhere) == (422, "invalid_booking", "event_date_id")


def test_a_booking_is_brought_to_its_end_and_stays_there(
    integrator: Caller, studio: Company, service: Service
) -> None:
    for ways in (
        {"start": "in_progress", "complete": "completed"},
        {"no-show": "no_show"},
        {"cancel": "cancelled"},
    ):
        begun = AnAppointment(company=studio, service=service, starts_at=LONG_AGO)
        path = f"/v1/bookings/{begun.id}"
        booking = integrator.get(path).body
        for verb, status in ways.items():
            answer = integrator.post(f"{path}/{verb}")
            after = booking | {"status": status, "updated_at": answer.body["updated_at"]}
            if verb == "cancel":
                when = answer.body["cancelled_at"]
                after |= {"cancelled_at": when, "payment_status": "not_due"}
            assert (answer.status, answer.body) == (200, after)
        assert refusal(integrator.post(f"{path}/cancel")) == (409, "booking_not_open", None)
    for verb, allowed in (
        ("start", "confirmed"),
        ("no-show", "confirmed"),
        *((verb, "confirmed or in progress") for verb in ("complete", "cancel")),
    ):
        answer = integrator.post(f"{path}/{verb}")
        message = f"This booking is cancelled. It must be {allowed} for this."
        assert (answer.status, answer.body) == (409, error("conflict", "booking_not_open", message))
    for answer in (
        integrator.patch(path, {"notes": "x"}),
        integrator.post(f"{path}/payments", {"method": "cash"}),
    ):
        assert refusal(answer) == (409, "booking_not_open", None)
    early = integrator.post(f"/v1/bookings/{AnAppointment(company=studio).id}/no-show")
    message = "This booking has not begun yet, so it cannot be a no-show. Cancel it instead."
    assert (early.status, early.body) == (409, error("conflict", "too_early", message))


def test_who_is_here_is_checked_in_and_a_mark_is_undone(
    integrator: Caller, studio: Company, customer: Customer
) -> None:
    place = APlace(
        company=studio,
        customer=customer,
        event_date=AnEventDate(company=studio, starts_at=LONG_AGO),
    )
    for booking in (AnAppointment(company=studio, starts_at=LONG_AGO), place):
        path = f"/v1/bookings/{booking.id}"
        before = integrator.get(path).body
        for verb, status in (
            *(("check-in", "completed"), ("reopen", "confirmed"), ("no-show", "no_show")),
            *(("reopen", "confirmed"), ("start", "in_progress"), ("reopen", "confirmed")),
        ):
            answer = integrator.post(f"{path}/{verb}")
            after = before | {"status": status, "updated_at": answer.body["updated_at"]}
            assert (answer.status, answer.body) == (200, after), verb
        again = integrator.post(f"{path}/reopen")
        message = (
            "This booking is confirmed. It must be in progress or completed or did not come for "
            "this."
        )
        assert (again.status, again.body) == (409, error("conflict", "booking_not_open", message))
    ahead = APlace(company=studio, customer=customer)
    early = integrator.post(f"/v1/bookings/{ahead.id}/complete")
    assert refusal(early) == (409, "too_early", None)
    assert early.body["error"]["message"].startswith(
        "The event begins on Mon 1 Jun 2099, 10:30 (Europe/London)"
    )
    assert integrator.post(f"/v1/bookings/{ahead.id}/check-in").body["status"] == "in_progress"


def test_a_facilitator_who_is_taken_is_a_conflict(
    integrator: Caller, studio: Company, facilitator: Facilitator, asked: dict[str, Any]
) -> None:
    asked["facilitator_id"] = str(facilitator.id)
    AnAppointment(company=studio, facilitator=facilitator)
    busy = integrator.post("/v1/bookings", asked | {"scheduled_at": "2099-06-01T10:29:59Z"})
    message = (
        f"{facilitator.name} is booked on Mon 1 Jun 2099, 10:30–11:30 (Europe/London). Choose "
        "another time or another facilitator."
    )
    assert (busy.status, busy.body) == (409, error("conflict", "facilitator_busy", message))


CANNOT: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
    *(
        ({"scheduled_at": time}, (422, "invalid", "scheduled_at"))
        for time in ("soon", None, "", 4_083_903_000, "2099-06-01", "2099-02-30T09:00Z")
    ),
    *(
        ({"estimated_duration": minutes}, (422, "invalid", "estimated_duration"))
        for minutes in (0, -5, 525_600, 10**40, 1.5, None)
    ),
    *(
        ({"facilitator_id": key}, (422, "invalid", "facilitator_id"))
        for key in ("nonsense", 5, {"id": "x"})
    ),
    ({"address_id": "nonsense"}, (422, "invalid", "address_id")),
    ({"configuration": "x"}, (422, "invalid", "configuration")),
    ({"configuration": None}, (422, "invalid", "configuration")),
    ({"notes": "x" * 2_001}, (422, "invalid", "notes")),
    ({"notes": "x\x00"}, (422, "invalid", "notes")),
    ({"notes": 5}, (422, "invalid", "notes")),
    ({"notes": "4111 1111 1111 1111"}, (422, "card_number", "notes")),
    ({"tax": 0}, (400, "unknown_field", "tax")),
]


def test_an_appointment_that_cannot_be_is_refused(
    integrator: Caller, studio: Company, facilitator: Facilitator, asked: dict[str, Any]
) -> None:
    elsewhere = AnAddress(company=studio, customer=ACustomer(company=studio))
    archived = AService(company=studio)
    integrator.post(f"/v1/services/{archived.id}/archive")
    integrator.post(f"/v1/facilitators/{facilitator.id}/archive")
    key = str(facilitator.id)
    cases: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
        *CANNOT,
        ({"customer_id": "nonsense"}, (422, "invalid", "customer_id")),
        ({"customer_id": None}, (422, "invalid", "customer_id")),
        ({"customer_id": ["x"]}, (422, "invalid", "customer_id")),
        ({"service_id": "nonsense"}, (422, "invalid", "service_id")),
        ({"service_id": None}, (422, "invalid", "service_id")),
        ({"service_id": str(archived.id)}, (422, "service_archived", "service_id")),
        ({"facilitator_id": key}, (422, "facilitator_archived", "facilitator_id")),
        ({"address_id": str(elsewhere.id)}, (422, "invalid_booking", "address_id")),
        ({"subtotal": -1}, (422, "invalid", "subtotal")),
        ({"subtotal": 10**13}, (422, "invalid", "subtotal")),
        ({"subtotal": None}, (422, "invalid", "subtotal")),
        ({"discount": 6_001}, (422, "invalid_booking", "discount")),
        ({"discount": -1}, (422, "invalid", "discount")),
        ({"spaces": 1}, (422, "invalid", "spaces")),
        ({"payment": "cash"}, (422, "invalid", "payment")),
        ({"status": "completed"}, (400, "unknown_field", "status")),
        ({"total": 1}, (400, "unknown_field", "total")),
    ]
    for change, expected in cases:
        assert refusal(integrator.post("/v1/bookings", asked | change)) == expected, change
    for lacks in ("customer_id", "service_id", "scheduled_at"):
        body = {name: value for name, value in asked.items() if name != lacks}
        assert refusal(integrator.post("/v1/bookings", body)) == (400, "missing_field", lacks)
    nothing = integrator.post("/v1/bookings", {})
    assert refusal(nothing) == (400, "missing_field", "customer_id")
    for text in (b"{", b"[]"):
        assert refusal(integrator.post("/v1/bookings", text)) == (400, "bad_request", None)
    both = asked | {"event_date_id": str(AnEventDate(company=studio).id)}
    answer = integrator.post("/v1/bookings", both)
    sentence = "Send service_id or event_date_id, not both."
    faults = [(name, "invalid", sentence) for name in ("service_id", "event_date_id")]
    assert (answer.status, answer.body) == (422, whole_error(*faults))
    assert integrator.get("/v1/bookings").body["data"] == [], "a refusal leaves no trace"


def test_an_appointment_is_not_changed_to_what_cannot_be(
    integrator: Caller, studio: Company, customer: Customer, asked: dict[str, Any]
) -> None:
    booking = integrator.post("/v1/bookings", asked).body
    path = f"/v1/bookings/{booking['id']}"
    integrator.post(f"/v1/services/{asked['service_id']}/archive")
    date = str(AnEventDate(company=studio).id)
    elsewhere = str(AnAddress(company=studio, customer=ACustomer(company=studio)).id)
    cases: list[tuple[dict[str, Any], tuple[int, str, str]]] = [
        *CANNOT,
        ({"customer_id": "x"}, (400, "unknown_field", "customer_id")),
        ({"service_id": "x"}, (400, "read_only_field", "service_id")),
        ({"subtotal": 5}, (400, "unknown_field", "subtotal")),
        ({"event_date_id": "nonsense"}, (422, "invalid", "event_date_id")),
        ({"event_date_id": date}, (422, "invalid_booking", "event_date_id")),
        ({"address_id": elsewhere}, (422, "invalid_booking", "address_id")),
    ]
    for change, expected in cases:
        assert refusal(integrator.patch(path, change)) == expected, change
    assert integrator.get(path).body == booking, "nor does it change with what it is of"
    answer = integrator.patch(path, {"status": "completed"})
    assert (answer.status, answer.headers["Ignored-Fields"]) == (200, "status")
    assert answer.body["status"] == "confirmed"
    integrator.delete(f"/customers/{customer.id}")
    archived = integrator.patch(path, {"notes": "x"})
    assert refusal(archived) == (409, "customer_archived", None)
    assert integrator.get(path).body == answer.body


def test_an_unknown_booking_is_a_404(integrator: Caller, booking: Booking) -> None:
    for path in (f"/v1/bookings/cust_{booking.id.hex}", "/v1/bookings/nonsense"):
        missing = integrator.get(path)
        message = "No such booking. Check the id."
        expected = (404, error("invalid_request", "not_found", message))
        assert (missing.status, missing.body) == expected
        for verb in ("cancel", "start", "complete", "no-show", "payments"):
            assert integrator.post(f"{path}/{verb}", None).status in (400, 404)
    assert integrator.get(f"/v1/bookings/{booking.id}").status == 200
    assert integrator.delete(f"/v1/bookings/{booking.id}").status == 405
