"""Places at events on `/v1/bookings` and `/v1/transactions`, for oneself or for others."""

from typing import Any

import pytest

from bookings.models import EventDate
from config.access.models import Company
from customers.models import Customer
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.customers.test_v1_customers import error
from tests.factories import MORNING, ACustomer, AFacilitator, AnEvent, AnEventDate, APlace


@pytest.fixture
def customer(studio: Company) -> Customer:
    return ACustomer(company=studio, first_name="Zoë", last_name="Ng", email="zoe@b.example")


@pytest.fixture
def friend(studio: Company) -> Customer:
    return ACustomer(company=studio, first_name="Ann", last_name="Lee", email="")


@pytest.fixture
def date(studio: Company) -> EventDate:
    maya = AFacilitator(company=studio, name="Maya")
    event = AnEvent(company=studio, tax_rate=20)
    return AnEventDate(company=studio, event=event, facilitator=maya)


def person(customer: Customer) -> dict[str, Any]:
    return {
        "id": f"cust_{customer.id.hex}",
        "type": "customer",
        "firstname": customer.first_name,
        "lastname": customer.last_name,
        "email": customer.email,
    }


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
    assert (answer.status, booking) == (
        201,
        {
            "id": booking["id"],
            "status": "confirmed",
            "customer": {"id": f"cust_{friend.id.hex}", "name": "Ann Lee", "email": None},
            "service": {"name": "Yoga", "configuration": {"mat": "blue"}},
            "scheduled_at": "2099-06-01T09:30:00.000000Z",
            "estimated_duration": 60,
            "address": None,
            "pricing": {"subtotal": 4_500, "tax": 800, "discount": 500, "total": 4_800},
            "assigned_crew": [maya],
            "created_at": booking["created_at"],
            "updated_at": booking["updated_at"],
        },
    )
    assert integrator.get(f"/v1/bookings/{booking['id']}").body == booking
    assert integrator.get(f"/v1/customers/{friend.id}/bookings").body["data"] == [booking]
    assert integrator.get(f"/v1/customers/{customer.id}/bookings").body["data"] == []
    (bought,) = integrator.get(f"/customer/{customer.id}/bookings").body["data"]
    assert bought["bookings"][0]["bought_for"] == person(friend)
    assert bought["bookings"][0]["purchased_by"] == person(customer)


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
    first = integrator.get(f"/v1/events/{date.event_id}").body["pricing_options"][0]["id"]
    event = {
        "id": f"evt_{date.event_id.hex}",
        "type": "event",
        "name": "Yoga",
        "date": {
            "id": f"date_{date.id.hex}",
            "type": "event_date",
            "datetime": "2099-06-01T10:30:00",
            "tz": "Europe/London",
            "duration": 60,
        },
    }
    place = {
        "type": "event-booking",
        "is_cancelled": False,
        "is_refunded": False,
        "purchased_by": person(customer),
        "event": event,
    }

    def price(gross: int, net: int) -> dict[str, Any]:
        money = {"base100gross_price": gross, "base100net_price": net}
        return {"method": "CARD", "currency": "GBP", **money}

    assert (answer.status, made) == (
        201,
        {
            "id": made["id"],
            "type": "event-booking",
            "purchase_date": made["purchase_date"],
            "bookings": [
                place
                | {
                    "id": made["bookings"][0]["id"],
                    "spaces": 2,
                    "bought_for": person(customer),
                    "pricing_option": {"id": first},
                    "payment": price(3_600, 3_000),
                },
                place
                | {
                    "id": made["bookings"][1]["id"],
                    "spaces": 1,
                    "bought_for": person(friend),
                    "pricing_option": {"id": option},
                    "payment": price(1_080, 900),
                },
            ],
        },
    )
    assert (made["id"][:-32], made["bookings"][0]["id"][:-32]) == ("txn_", "booking_")
    assert integrator.get(f"/v1/transactions/{made['id']}").body == made
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
            "assigned_crew": [],
            "updated_at": moved.body["updated_at"],
        },
    )
    dates = f"/v1/events/{date.event_id}/dates"
    left = {one["id"]: one["spaces_left"] for one in integrator.get(dates).body["data"]}
    assert left == {f"date_{date.id.hex}": 10, f"date_{later.id.hex}": 8}


def test_a_place_is_not_moved_to_where_it_cannot_be(
    integrator: Caller, studio: Company, customer: Customer, date: EventDate
) -> None:
    place = APlace(company=studio, customer=customer, event_date=date, spaces=3)
    event = date.event
    small = AnEventDate(company=studio, event=event, capacity=2, starts_at=MORNING.replace(day=2))
    gone = AnEventDate(company=studio, event=event, starts_at=MORNING.replace(day=3))
    integrator.post(f"/v1/events/{event.id}/dates/{gone.id}/cancel")
    path = f"/v1/bookings/{place.id}"
    before = integrator.get(path).body
    for change, expected in (
        ({"event_date_id": str(small.id)}, (409, "event_full", None)),
        ({"event_date_id": str(gone.id)}, (409, "event_date_cancelled", None)),
        (
            {"event_date_id": str(AnEventDate(company=studio).id)},
            (422, "invalid_booking", "event_date_id"),
        ),
        ({"event_date_id": "nonsense"}, (422, "invalid", "event_date_id")),
        ({"event_date_id": None}, (422, "invalid", "event_date_id")),
        ({"scheduled_at": "2099-06-02T09:00"}, (422, "invalid_booking", "scheduled_at")),
        ({"estimated_duration": 5}, (422, "invalid_booking", "estimated_duration")),
        ({"facilitator_id": None}, (422, "invalid_booking", "facilitator_id")),
        ({"address_id": None}, (422, "invalid_booking", "address_id")),
        ({"spaces": 1}, (400, "bad_request", "spaces")),
    ):
        assert refusal(integrator.patch(path, change)) == expected, change
    assert integrator.get(path).body == before


PLACE_CANNOT = [
    ({"event_date_id": "nonsense"}, (422, "invalid", "event_date_id")),
    ({"event_date_id": None}, (422, "invalid", "event_date_id")),
    ({"event_date_id": 5}, (422, "invalid", "event_date_id")),
    ({"pricing_option_id": "nonsense"}, (422, "invalid", "pricing_option_id")),
    ({"pricing_option_id": None}, (422, "invalid", "pricing_option_id")),
    ({"spaces": 0}, (422, "invalid", "spaces")),
    ({"spaces": -1}, (422, "invalid", "spaces")),
    ({"spaces": 10**9}, (422, "invalid", "spaces")),
    ({"spaces": 10**40}, (422, "invalid", "spaces")),
    ({"spaces": 1.5}, (422, "invalid", "spaces")),
    ({"spaces": "2"}, (422, "invalid", "spaces")),
    ({"spaces": True}, (422, "invalid", "spaces")),
    ({"spaces": None}, (422, "invalid", "spaces")),
    ({"is_cancelled": True}, (400, "bad_request", "is_cancelled")),
]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        *PLACE_CANNOT,
        ({"spaces": 11}, (409, "event_full", None)),
        ({"purchased_by_id": "nonsense"}, (422, "invalid", "purchased_by_id")),
        ({"purchased_by_id": None}, (422, "invalid", "purchased_by_id")),
        ({"scheduled_at": "2099-06-01T09:30"}, (422, "invalid", "scheduled_at")),
        ({"estimated_duration": 5}, (422, "invalid", "estimated_duration")),
        ({"discount": 1_501}, (422, "invalid_booking", "discount")),
        ({"notes": "4111111111111111"}, (422, "card_number", "notes")),
    ],
)
def test_a_place_that_cannot_be_is_refused(
    integrator: Caller,
    customer: Customer,
    date: EventDate,
    change: dict[str, Any],
    expected: tuple[int, str, str | None],
) -> None:
    asked = {"customer_id": str(customer.id), "event_date_id": str(date.id)}
    assert refusal(integrator.post("/v1/bookings", asked | change)) == expected
    assert integrator.get("/v1/bookings").body["data"] == []
    assert integrator.get(f"/customer/{customer.id}/bookings").body["data"] == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        *((one, (status, code, f"places.1.{name}")) for one, (status, code, name) in PLACE_CANNOT),
        ({"bought_for_id": "nonsense"}, (422, "invalid", "places.1.bought_for_id")),
        ({"bought_for_id": None}, (422, "invalid", "places.1.bought_for_id")),
        ({"spaces": 10}, (409, "event_full", None)),
    ],
)
def test_of_places_bought_together_all_are_booked_or_none(
    integrator: Caller,
    customer: Customer,
    date: EventDate,
    change: dict[str, Any],
    expected: tuple[int, str, str | None],
) -> None:
    place = {"event_date_id": str(date.id)}
    asked = {"customer_id": str(customer.id), "places": [place, place | change]}
    assert refusal(integrator.post("/v1/transactions", asked)) == expected
    assert integrator.get("/v1/bookings").body["data"] == []
    assert integrator.get(f"/customer/{customer.id}/bookings").body["data"] == []


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        ([], (422, "invalid", "places")),
        (None, (422, "invalid", "places")),
        ("x", (422, "invalid", "places")),
        ({}, (422, "invalid", "places")),
        ([[]], (422, "invalid", "places.0")),
        ([None], (422, "invalid", "places.0")),
        ([{}], (400, "missing_field", "places.0.event_date_id")),
        ([{"event_date_id": "x"}] * 101, (422, "invalid", "places")),
    ],
)
def test_places_are_a_list_of_places(
    integrator: Caller, customer: Customer, places: Any, expected: tuple[int, str, str]
) -> None:
    asked = {"customer_id": str(customer.id), "places": places}
    assert refusal(integrator.post("/v1/transactions", asked)) == expected


def test_what_is_needed_and_missing_is_a_400(integrator: Caller, date: EventDate) -> None:
    asked = {"places": [{"event_date_id": str(date.id)}]}
    missing = (400, "missing_field", "customer_id")
    assert refusal(integrator.post("/v1/transactions", asked)) == missing
    assert refusal(integrator.post("/v1/bookings", {"event_date_id": str(date.id)})) == missing


def test_an_option_of_another_event_or_one_taken_off_is_none(
    integrator: Caller, studio: Company, customer: Customer, date: EventDate
) -> None:
    other = integrator.get(f"/v1/events/{AnEvent(company=studio).id}").body["pricing_options"][0]
    asked = {"customer_id": str(customer.id), "event_date_id": str(date.id)}
    refused = integrator.post("/v1/bookings", asked | {"pricing_option_id": other["id"]})
    message = "pricing_option_id: This event has no such pricing option."
    assert (refused.status, refused.body) == (
        422,
        error("invalid_request", "invalid_booking", message, "pricing_option_id"),
    )
    path = f"/v1/events/{date.event_id}/pricing-options"
    option = integrator.post(path, {"name": "Members", "price": 1}).body["id"]
    integrator.delete(f"{path}/{option}")
    refused = integrator.post("/v1/bookings", asked | {"pricing_option_id": option})
    assert refusal(refused) == (422, "invalid", "pricing_option_id")


def test_nobody_archived_buys_or_is_bought_for(
    integrator: Caller, customer: Customer, friend: Customer, date: EventDate
) -> None:
    integrator.delete(f"/customers/{friend.id}")
    place = {"event_date_id": str(date.id)}
    ours, theirs = str(customer.id), str(friend.id)
    for path, body in (
        ("/v1/bookings", place | {"customer_id": theirs}),
        ("/v1/bookings", place | {"customer_id": ours, "purchased_by_id": theirs}),
        ("/v1/bookings", place | {"customer_id": theirs, "purchased_by_id": ours}),
        ("/v1/transactions", {"customer_id": theirs, "places": [place]}),
        (
            "/v1/transactions",
            {"customer_id": ours, "places": [place, place | {"bought_for_id": theirs}]},
        ),
    ):
        assert refusal(integrator.post(path, body)) == (409, "customer_archived", None)
    assert integrator.get("/v1/bookings").body["data"] == []


def test_a_cancelled_date_is_booked_no_more(
    integrator: Caller, customer: Customer, date: EventDate
) -> None:
    integrator.post(f"/v1/events/{date.event_id}/dates/{date.id}/cancel")
    asked = {"customer_id": str(customer.id), "event_date_id": str(date.id)}
    refused = integrator.post("/v1/bookings", asked)
    message = "This date of the event was cancelled."
    assert (refused.status, refused.body) == (
        409,
        error("conflict", "event_date_cancelled", message),
    )


def test_a_full_date_has_space_again_once_somebody_cancels(
    integrator: Caller, studio: Company, customer: Customer, date: EventDate
) -> None:
    full = APlace(company=studio, event_date=date, spaces=10)
    asked = {"customer_id": str(customer.id), "event_date_id": str(date.id)}
    refused = integrator.post("/v1/bookings", asked)
    message = "There are not so many spaces left."
    assert (refused.status, refused.body) == (409, error("conflict", "event_full", message))
    integrator.post(f"/v1/bookings/{full.id}/cancel")
    assert integrator.post("/v1/bookings", asked).status == 201


def test_an_unknown_transaction_is_a_404(integrator: Caller, studio: Company) -> None:
    place = APlace(company=studio)
    assert integrator.get(f"/v1/transactions/{place.transaction_id}").status == 200
    assert integrator.get(f"/v1/transactions/{place.id}").status == 404
    assert integrator.get("/v1/transactions/nonsense").status == 404
