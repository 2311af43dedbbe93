"""Places at events on `/v1/bookings` and `/v1/transactions`, for the customer or for others."""

from typing import Any

import pytest

from bookings.models import EventDate, Facilitator
from config.tenancy.companies import Company
from customers.models import Customer
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.customers.test_v1_customers import error
from tests.factories import MORNING, ACustomer, AnEvent, AnEventDate, APlace


@pytest.fixture
def friend(studio: Company) -> Customer:
    return ACustomer(company=studio, first_name="Ann", last_name="Lee", email="")


@pytest.fixture
def date(studio: Company, facilitator: Facilitator) -> EventDate:
    event = AnEvent(company=studio, tax_rate=20)
    return AnEventDate(company=studio, event=event, facilitator=facilitator)


def person(customer: Customer) -> dict[str, Any]:
    return {
        "id": f"cust_{customer.id.hex}",
        "type": "customer",
        "firstname": customer.first_name,
        "lastname": customer.last_name,
        "email": customer.email,
    }


def on_m2m(option: str) -> str:
    """Return the id of a pricing option as the M2M surface shows it."""
    return option.replace("po_", "po-")


def test_a_new_place_is_answered_in_full(
    integrator: Caller, customer: Customer, friend: Customer, date: EventDate
) -> None:
    maya = {"id": f"fac_{date.facilitator_id.hex}", "name": "Maya"}
    answer = integrator.post(
        "/v1/bookings",
        {
            "customer_id": f"cust_{friend.id.hex}",
            "purchased_by_id": f"cust_{customer.id.hex}",
            "event_date_id": f"date_{date.id.hex}",
            "spaces": 3,
            "discount": 500,
            "notes": "In front.",
            "configuration": {"mat": "blue"},
        },
    )
    booking = answer.body
    assert answer.status == 201
    assert booking == {
        "id": booking["id"],
        "kind": "event",
        "status": "confirmed",
        "customer": {"id": f"cust_{friend.id.hex}", "name": "Ann Lee", "email": None},
        "service": {"name": "Yoga", "configuration": {"mat": "blue"}},
        "service_id": None,
        "event_id": f"evt_{date.event_id.hex}",
        "event_date_id": f"date_{date.id.hex}",
        "pricing_option_id": booking["pricing_option_id"],
        "transaction_id": booking["transaction_id"],
        "scheduled_at": "2099-06-01T09:30:00.000000Z",
        "estimated_duration": 60,
        "spaces": 3,
        "facilitator": maya,
        "address": None,
        "address_id": None,
        "notes": "In front.",
        "pricing": {
            "subtotal": 4_500,
            "tax": 800,
            "discount": 500,
            "total": 4_800,
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
        "assigned_crew": [maya],
        "created_at": booking["created_at"],
        "updated_at": booking["updated_at"],
    }
    assert integrator.get(f"/v1/bookings/{booking['id']}").body == booking
    assert integrator.get(f"/v1/customers/{friend.id}/bookings").body["data"] == [booking]
    assert integrator.get(f"/v1/customers/{customer.id}/bookings").body["data"] == []


def test_places_bought_together_are_answered_in_full(
    integrator: Caller, customer: Customer, friend: Customer, date: EventDate
) -> None:
    option = integrator.post(
        f"/v1/events/{date.event_id}/pricing-options", {"name": "Members", "price": 900}
    ).body["id"]
    answer = integrator.post(
        "/v1/transactions",
        {
            "customer_id": f"cust_{customer.id.hex}",
            "places": [
                {"event_date_id": str(date.id), "spaces": 2},
                {
                    "event_date_id": f"date_{date.id.hex}",
                    "pricing_option_id": option,
                    "bought_for_id": f"cust_{friend.id.hex}",
                },
            ],
            "payment": {"method": "card", "reference": "pi_7"},
        },
    )
    made = answer.body
    assert answer.status == 201
    whose = (friend, customer)
    theirs = [integrator.get(f"/v1/customers/{one.id}/bookings").body["data"] for one in whose]
    assert made == {
        "id": made["id"],
        "customer_id": f"cust_{customer.id.hex}",
        "purchased_at": made["purchased_at"],
        "bookings": [*theirs[1], *theirs[0]],
    }
    (m2m,) = integrator.get(f"/customer/{customer.id}/bookings").body["data"]
    first = integrator.get(f"/v1/events/{date.event_id}").body["pricing_options"][0]["id"]
    facts = ("spaces", "bought_for", "purchased_by", "pricing_option")
    price = ("base100gross_price", "base100net_price")
    found = [
        [*(place[name] for name in facts), *(place["payment"][name] for name in price)]
        for place in m2m["bookings"]
    ]
    assert found == [
        [2, person(customer), person(customer), {"id": on_m2m(first)}, 3_600, 3_000],
        [1, person(friend), person(customer), {"id": on_m2m(option)}, 1_080, 900],
    ]
    shown = [
        (one["spaces"], one["pricing_option_id"], one["transaction_id"], one["payment"]["amount"])
        for one in made["bookings"]
    ]
    assert shown == [(2, first, made["id"], 3_600), (1, option, made["id"], 1_080)]
    assert integrator.get(f"/v1/transactions/{made['id']}").body == made
    for unknown in (date.id, "nonsense"):
        assert integrator.get(f"/v1/transactions/{unknown}").status == 404
    spent = [integrator.get(f"/v1/customers/{one.id}").body["stats"] for one in (customer, friend)]
    assert [one["total_spent"] for one in spent] == [4_680, 0], "one payment for all of it"
    assert [one["total_bookings"] for one in spent] == [1, 1]
    path = f"/v1/events/{date.event_id}/dates/{date.id}"
    assert integrator.get(path).body["spaces_left"] == 7


def test_a_place_is_moved_to_another_date_of_its_event(
    integrator: Caller, studio: Company, customer: Customer, date: EventDate
) -> None:
    place = APlace(company=studio, customer=customer, event_date=date, spaces=2)
    later = AnEventDate(company=studio, event=date.event, starts_at=MORNING.replace(day=8))
    path = f"/v1/bookings/{place.id}"
    before = integrator.get(path).body
    moved = integrator.patch(path, {"event_date_id": f"date_{later.id.hex}", "notes": "Late."})
    assert (moved.status, moved.body) == (
        200,
        before
        | {
            "scheduled_at": "2099-06-08T09:30:00.000000Z",
            "event_date_id": f"date_{later.id.hex}",
            "facilitator": None,
            "assigned_crew": [],
            "notes": "Late.",
            "updated_at": moved.body["updated_at"],
        },
    )
    dates = f"/v1/events/{date.event_id}/dates"
    left = {one["id"]: one["spaces_left"] for one in integrator.get(dates).body["data"]}
    assert left == {f"date_{date.id.hex}": 10, f"date_{later.id.hex}": 8}


PLACE_CANNOT: list[tuple[str, list[Any], tuple[int, str]]] = [
    ("event_date_id", ["nonsense", None, 5], (422, "invalid")),
    ("pricing_option_id", ["nonsense", None], (422, "invalid")),
    ("spaces", [0, -1, 10**9, 10**40, 1.5, "2", True, None], (422, "invalid")),
    ("is_cancelled", [True], (400, "unknown_field")),
]


def test_a_place_that_cannot_be_is_refused(
    integrator: Caller, customer: Customer, date: EventDate
) -> None:
    asked = {"customer_id": str(customer.id), "event_date_id": str(date.id)}
    path = f"/v1/events/{date.event_id}"
    gone = integrator.post(f"{path}/pricing-options", {"name": "Members", "price": 1}).body["id"]
    integrator.post(f"{path}/pricing-options/{gone}/archive")
    cases: list[tuple[str, list[Any], tuple[int, str]]] = [
        *PLACE_CANNOT,
        ("pricing_option_id", [gone], (422, "invalid")),
        ("purchased_by_id", ["nonsense", None], (422, "invalid")),
        ("scheduled_at", ["2099-06-01T09:30"], (422, "invalid")),
        ("estimated_duration", [5], (422, "invalid")),
        ("notes", ["4111111111111111"], (422, "card_number")),
    ]
    for name, values, expected in cases:
        for value in values:
            answer = integrator.post("/v1/bookings", asked | {name: value})
            assert refusal(answer) == (*expected, name), value
    full = integrator.post("/v1/bookings", asked | {"spaces": 11})
    message = "Spaces asked for: 11. Spaces left: 10. Book fewer, or another date."
    assert (full.status, full.body) == (409, error("conflict", "event_full", message))
    answer = integrator.post("/v1/bookings", {"event_date_id": str(date.id)})
    assert refusal(answer) == (400, "missing_field", "customer_id")
    assert integrator.get("/v1/bookings").body["data"] == []
    assert integrator.get(f"/customer/{customer.id}/bookings").body["data"] == []


def test_of_places_bought_together_all_are_booked_or_none(
    integrator: Caller, customer: Customer, friend: Customer, date: EventDate
) -> None:
    place = {"event_date_id": str(date.id)}
    integrator.delete(f"/customers/{friend.id}")
    invalid = (422, "invalid", "places.1.bought_for_id")
    cases: list[tuple[dict[str, Any], tuple[int, str, str | None]]] = [
        *(
            ({name: value}, (*expected, f"places.1.{name}"))
            for name, values, expected in PLACE_CANNOT
            for value in values
        ),
        ({"bought_for_id": "nonsense"}, invalid),
        ({"bought_for_id": None}, invalid),
        ({"bought_for_id": str(friend.id)}, (409, "customer_archived", None)),
        ({"spaces": 10}, (409, "event_full", None)),
    ]
    for change, expected in cases:
        asked = {"customer_id": str(customer.id), "places": [place, place | change]}
        assert refusal(integrator.post("/v1/transactions", asked)) == expected, change
    lists: list[tuple[Any, tuple[int, str, str]]] = [
        *((wrong, (422, "invalid", "places")) for wrong in ([], None, "x", {})),
        *(([wrong], (422, "invalid", "places.0")) for wrong in ([], None)),
        ([{}], (400, "missing_field", "places.0.event_date_id")),
        ([{"event_date_id": "x"}] * 101, (422, "invalid", "places")),
    ]
    for places, expected in lists:
        asked = {"customer_id": str(customer.id), "places": places}
        assert refusal(integrator.post("/v1/transactions", asked)) == expected, places
    missing = integrator.post("/v1/transactions", {"places": [place]})
    assert refusal(missing) == (400, "missing_field", "customer_id")
    assert integrator.get("/v1/bookings").body["data"] == []
    assert integrator.get(f"/customer/{customer.id}/bookings").body["data"] == []
