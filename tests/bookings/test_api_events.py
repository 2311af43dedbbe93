"""`/v1/events`, their pricing options and their dates."""

import datetime
from typing import Any

from bookings.models import Event, EventDate, Facilitator
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.callers import Caller
from tests.credits.test_v1_credits import refusal
from tests.factories import MORNING, AFacilitator, AnAppointment, AnEvent, AnEventDate, APlace

from .support import HOUR

YOGA = {
    "name": "Yoga",
    "description": "For everybody.",
    "tax_rate": "20",
    "pricing_options": [
        {"name": "Drop-in", "price": 1_500},
        {"name": "Workshop", "price": 4_500, "visits": 3},
    ],
}
DATE = {"starts_at": "2099-06-01T10:30", "duration_minutes": 75, "capacity": 12}


def test_a_new_event_is_answered_with_prices_and_dates(integrator: Caller, studio: Company) -> None:
    maya = AFacilitator(company=studio, name="Maya Okafor")
    later = {**DATE, "starts_at": "2099-06-08T10:30:00+01:00", "facilitator_id": str(maya.id)}
    answer = integrator.post("/v1/events", {**YOGA, "dates": [later, DATE]})
    event = answer.body
    first, second = event["pricing_options"]
    soon, after = event["dates"]
    date = {"event_id": event["id"], "duration_minutes": 75, "capacity": 12, "spaces_left": 12}
    date |= {"facilitator": None, "cancelled_at": None}
    price = {"currency": "GBP", "archived": False, "tax_rate": 20, "tax_behavior": "exclusive"}
    drop_in = {"name": "Drop-in", "price": 1_500, "gross_price": 1_800, "visits": 1}
    workshop = {"name": "Workshop", "price": 4_500, "gross_price": 5_400, "visits": 3}
    leader = {"id": f"fac_{maya.id.hex}", "name": "Maya Okafor"}
    at = [f"2099-06-0{day}T09:30:00.000000Z" for day in (1, 8)]
    assert answer.status == 201
    assert event == {
        "id": event["id"],
        "name": "Yoga",
        "description": "For everybody.",
        "tax_rate": 20,
        "tax_behavior": "exclusive",
        "currency": "GBP",
        "pricing_options": [
            price | {"id": first["id"], **drop_in},
            price | {"id": second["id"], **workshop},
        ],
        "dates": [
            date | {"id": soon["id"], "starts_at": at[0]},
            date | {"id": after["id"], "starts_at": at[1], "facilitator": leader},
        ],
        "archived": False,
        "created_at": event["created_at"],
        "updated_at": event["updated_at"],
    }
    prefixes = [event["id"], event["dates"][0]["id"], event["pricing_options"][0]["id"]]
    assert [one[:-32] for one in prefixes] == ["evt_", "date_", "po_"]
    assert integrator.get(f"/v1/events/{event['id']}").body == event
    assert integrator.get("/v1/events").body == {
        "data": [event],
        "pagination": {"page": 1, "per_page": 25, "total": 1, "total_pages": 1},
    }


def test_an_event_shows_the_dates_that_are_to_come_alone(
    integrator: Caller, studio: Company, event: Event
) -> None:
    made = {
        name: AnEventDate(company=studio, event=event, starts_at=MORNING + n * HOUR)
        for n, name in enumerate(("past", "soon", "later", "cancelled"))
    }
    now = datetime.datetime.now(datetime.UTC)
    with acting_for(studio.id):
        for name, at in (("past", now - HOUR), ("soon", now + HOUR)):
            EventDate.objects.filter(pk=made[name].pk).update(starts_at=at)
    path = f"/v1/events/{event.id}"
    assert integrator.post(f"{path}/dates/{made['cancelled'].id}/cancel").status == 200

    def ids(rows: list[dict[str, Any]]) -> list[str]:
        names = {f"date_{date.id.hex}": name for name, date in made.items()}
        return [names[one["id"]] for one in rows]

    shown = integrator.get(path).body
    assert ids(shown["dates"]) == ["soon", "later"]
    assert integrator.get("/v1/events").body["data"] == [shown]
    every = integrator.get(f"{path}/dates").body["data"]
    assert ids(every) == ["cancelled", "later", "soon", "past"], "the list of dates has all"
    assert [one for one in every if one["id"] == shown["dates"][0]["id"]] == shown["dates"][:1]


def test_an_event_is_changed_and_not_booked_while_archived(
    integrator: Caller, studio: Company
) -> None:
    place = APlace(company=studio)
    path = f"/v1/events/{place.event_date.event_id}"
    own = {"name": "Members", "price": 1_000, "tax_rate": 20, "tax_behavior": "inclusive"}
    assert integrator.post(f"{path}/pricing-options", own).status == 201
    before = integrator.get(path).body
    change = {"name": "Slow yoga", "description": "Slower.", "tax_rate": 5}
    changed = integrator.patch(path, change)
    assert changed.status == 200
    follows, keeps = before["pricing_options"]
    follows |= {"tax_rate": 5, "gross_price": 1_575}
    after = {"pricing_options": [follows, keeps], "updated_at": changed.body["updated_at"]}
    assert changed.body == before | change | after
    assert (keeps["tax_rate"], keeps["gross_price"]) == (20, 1_000), "it has a tax of its own"
    assert integrator.post(f"{path}/archive").status == 200
    body = {"customer_id": str(place.customer_id), "event_date_id": str(place.event_date_id)}
    refused = refusal(integrator.post("/v1/bookings", body))
    assert refused == (422, "event_archived", "event_date_id")
    refused = refusal(integrator.post(f"{path}/dates", DATE))
    assert refused[:2] == (422, "event_archived")
    assert integrator.post(f"{path}/restore").status == 200
    assert integrator.post("/v1/bookings", body).status == 201


OPTION = {"name": "x", "price": 1}


def test_an_event_that_cannot_be_is_refused(
    integrator: Caller, studio: Company, facilitator: Facilitator
) -> None:
    AnAppointment(company=studio, facilitator=facilitator)
    led = DATE | {"facilitator_id": str(facilitator.id)}
    gone = AFacilitator(company=studio)
    integrator.post(f"/v1/facilitators/{gone.id}/archive")
    cases: list[tuple[str, Any, tuple[int, str, str | None]]] = [
        ("name", "", (422, "invalid", "name")),
        ("tax_rate", -1, (422, "invalid", "tax_rate")),
        ("pricing_options", [], (422, "invalid", "pricing_options")),
        ("pricing_options", None, (422, "invalid", "pricing_options")),
        ("pricing_options", "none", (422, "invalid", "pricing_options")),
        ("pricing_options", ["x"], (422, "invalid", "pricing_options.0")),
        ("pricing_options", [{"name": "x"}], (400, "missing_field", "pricing_options.0.price")),
        ("pricing_options", [OPTION | {"visits": 0}], (422, "invalid", "pricing_options.0.visits")),
        ("pricing_options", [OPTION] * 2, (409, "pricing_option_taken", "name")),
        (
            "pricing_options",
            [OPTION | {"name": f"{n}"} for n in range(101)],
            (422, "invalid", "pricing_options"),
        ),
        ("dates", [DATE | {"capacity": 0}], (422, "invalid", "dates.0.capacity")),
        ("dates", [DATE | {"capacity": 10**9}], (422, "invalid", "dates.0.capacity")),
        (
            "dates",
            [DATE | {"duration_minutes": 525_600}],
            (422, "invalid", "dates.0.duration_minutes"),
        ),
        ("dates", [DATE | {"starts_at": "soon"}], (422, "invalid", "dates.0.starts_at")),
        ("dates", [DATE | {"starts_at": None}], (422, "invalid", "dates.0.starts_at")),
        (
            "dates",
            [{"starts_at": "2099-06-01T10:30"}],
            (400, "missing_field", "dates.0.duration_minutes"),
        ),
        ("dates", [DATE | {"spaces_left": 1}], (400, "unknown_field", "dates.0.spaces_left")),
        ("dates", [DATE] * 401, (422, "invalid", "dates")),
        ("dates", [led], (409, "facilitator_busy", None)),
        (
            "dates",
            [DATE | {"facilitator_id": str(gone.id)}],
            (422, "facilitator_archived", "dates.facilitator_id"),
        ),
        ("currency", "USD", (400, "unknown_field", "currency")),
    ]
    for name, value, expected in cases:
        answer = integrator.post("/v1/events", YOGA | {name: value})
        assert refusal(answer) == expected, (name, str(value)[:80])
    assert integrator.get("/v1/events").body["data"] == [], "a refusal leaves no trace"


# --- Pricing options ---


def test_a_price_is_added_and_taken_off(integrator: Caller, studio: Company, event: Event) -> None:
    path = f"/v1/events/{event.id}/pricing-options"
    answer = integrator.post(path, {"name": "Members", "price": 900, "visits": 2})
    option = answer.body
    assert answer.status == 201
    assert option == {
        "id": option["id"],
        "name": "Members",
        "price": 900,
        "tax_rate": 0,
        "tax_behavior": "exclusive",
        "gross_price": 900,
        "currency": "GBP",
        "visits": 2,
        "archived": False,
    }
    shown = integrator.get(f"/v1/events/{event.id}").body["pricing_options"]
    assert shown[1] == option
    again = refusal(integrator.post(path, {"name": "Members", "price": 1}))
    assert again == (409, "pricing_option_taken", "name")
    elsewhere = f"/v1/events/{AnEvent(company=studio).id}/pricing-options/{option['id']}"
    assert integrator.post(f"{elsewhere}/archive").status == 404, "it is of another event"
    removed = integrator.post(f"{path}/{option['id']}/archive")
    assert (removed.status, removed.body) == (200, option | {"archived": True})
    assert integrator.get(f"/v1/events/{event.id}").body["pricing_options"] == shown[:1]
    last = integrator.post(f"{path}/{shown[0]['id']}/archive")
    assert refusal(last) == (409, "last_pricing_option", None)
    assert integrator.post(path, {"name": "Members", "price": 1}).status == 201
    again = refusal(integrator.post(f"{path}/{option['id']}/restore"))
    assert again == (409, "pricing_option_taken", "name")


# --- Dates ---


def test_a_date_is_added_moved_and_cancelled(
    integrator: Caller, studio: Company, event: Event, facilitator: Facilitator
) -> None:
    path = f"/v1/events/{event.id}/dates"
    led = DATE | {"facilitator_id": f"fac_{facilitator.id.hex}"}
    answer = integrator.post(path, led)
    date = answer.body
    assert answer.status == 201
    assert date == {
        "id": date["id"],
        "event_id": f"evt_{event.id.hex}",
        "starts_at": "2099-06-01T09:30:00.000000Z",
        "duration_minutes": 75,
        "capacity": 12,
        "spaces_left": 12,
        "facilitator": {"id": f"fac_{facilitator.id.hex}", "name": "Maya"},
        "cancelled_at": None,
    }
    assert integrator.get(f"{path}/{date['id']}").body == date
    assert integrator.get(path).body == {
        "data": [date],
        "pagination": {"page": 1, "per_page": 25, "total": 1, "total_pages": 1},
    }
    busy = integrator.post(path, led | {"starts_at": "2099-06-01T11:44"})
    assert refusal(busy) == (409, "facilitator_busy", None)
    other = AnEvent(company=studio).id
    elsewhere = f"/v1/events/{other}/dates/{date['id']}"
    for answer in (
        integrator.get(elsewhere),
        integrator.patch(elsewhere, {"capacity": 5}),
        integrator.post(f"{elsewhere}/cancel"),
    ):
        assert answer.status == 404, "it is reached through its own event alone"
    assert integrator.get(f"/v1/events/{other}/dates").body["data"] == []
    change = {"starts_at": "2099-06-02T09:00Z", "duration_minutes": 60, "capacity": 5}
    changed = integrator.patch(f"{path}/{date['id']}", {**change, "facilitator_id": None})
    after = date | change | {"spaces_left": 5, "facilitator": None}
    after["starts_at"] = "2099-06-02T09:00:00.000000Z"
    assert (changed.status, changed.body) == (200, after)
    cancelled = integrator.post(f"{path}/{date['id']}/cancel", {"reason": "Ill", "refund": True})
    assert cancelled.status == 200
    assert cancelled.body == after | {"cancelled_at": cancelled.body["cancelled_at"]}
    assert cancelled.body["cancelled_at"] is not None
    for refused in (
        integrator.post(f"{path}/{date['id']}/cancel"),
        integrator.patch(f"{path}/{date['id']}", change),
    ):
        assert refusal(refused) == (409, "event_date_cancelled", None)


def test_dates_are_found_by_days_of_the_company(integrator: Caller, event: Event) -> None:
    times = ("2099-05-31T23:30", "2099-06-01T00:00", "2099-06-01T23:59:59", "2099-06-02T00:00")
    path = f"/v1/events/{event.id}/dates"
    ids = [integrator.post(path, {**DATE, "starts_at": time}).body["id"] for time in times]

    def found(query: str) -> list[int]:
        return [ids.index(one["id"]) for one in integrator.get(f"{path}?{query}").body["data"]]

    assert found("") == [3, 2, 1, 0]
    assert found("date_from=2099-06-01") == [3, 2, 1]
    assert found("date_to=2099-06-01") == [2, 1, 0]
    assert found("date_from=2099-06-01&date_to=2099-06-01") == [2, 1]
    assert refusal(integrator.get(f"{path}?date_from=soon")) == (
        400,
        "invalid_parameter",
        "date_from",
    )
