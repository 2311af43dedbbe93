"""Times as a company's own clocks have them: what comes in, what goes out, where days begin."""

import datetime
from typing import Any

import pytest

from bookings.models import MediaPurchase
from config.access.days import local_day
from config.access.models import Company
from config.access.tenancy import acting_for
from tests.callers import Caller, call_as
from tests.credits.test_v1_credits import refusal
from tests.factories import (
    ACustomer,
    AMediaPurchase,
    AnAppointment,
    AnEvent,
    APlace,
    AService,
    make_company,
)

# The clocks of Auckland are put back on 5 April 2099 at 3:00, and forward on 27 September at 2:00;
# in January they are 13 hours ahead of UTC.
AHEAD = "Pacific/Auckland"
SKIPPED = "The clocks skip this time on that day. Choose an earlier or a later one."
TWICE = "The clocks show this time twice on that day. Say which, with an offset such as Z."


@pytest.fixture
def south() -> Company:
    return make_company("Southern Steam", slug="south", country="NZ", timezone=AHEAD)


@pytest.fixture
def caller(south: Company) -> Caller:
    return call_as(south)


def booked(caller: Caller, company: Company, time: str) -> Any:
    customer, service = ACustomer(company=company), AService(company=company)
    body = {"customer_id": str(customer.id), "service_id": str(service.id), "scheduled_at": time}
    return caller.post("/v1/bookings", body)


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        ("2099-01-10T09:30", "2099-01-09T20:30:00.000000Z"),
        ("2099-01-10T09:30:15", "2099-01-09T20:30:15.000000Z"),
        ("2099-01-10T09:30:15.25", "2099-01-09T20:30:15.250000Z"),
        ("2099-07-10T09:30", "2099-07-09T21:30:00.000000Z"),
        ("2099-01-10T09:30Z", "2099-01-10T09:30:00.000000Z"),
        ("2099-01-10t09:30:00z", "2099-01-10T09:30:00.000000Z"),
        ("2099-01-10T09:30+05:45", "2099-01-10T03:45:00.000000Z"),
        ("2099-01-10T09:30:00-0330", "2099-01-10T13:00:00.000000Z"),
        # The last moment before each change, and the first after it.
        ("2099-04-05T01:59:59", "2099-04-04T12:59:59.000000Z"),
        ("2099-04-05T03:00", "2099-04-04T15:00:00.000000Z"),
        ("2099-09-27T01:59:59", "2099-09-26T13:59:59.000000Z"),
        ("2099-09-27T03:00", "2099-09-26T14:00:00.000000Z"),
        # Both times at which the clocks show half past two, told apart by their offset.
        ("2099-04-05T02:30+13:00", "2099-04-04T13:30:00.000000Z"),
        ("2099-04-05T02:30+12:00", "2099-04-04T14:30:00.000000Z"),
    ],
)
def test_a_time_without_an_offset_is_the_companys_own(
    caller: Caller, south: Company, time: str, shown: str
) -> None:
    answer = booked(caller, south, time)
    assert (answer.status, answer.body["scheduled_at"]) == (201, shown)


@pytest.mark.parametrize(
    ("time", "sentence"),
    [
        ("2099-09-27T02:00", SKIPPED),
        ("2099-09-27T02:59:59", SKIPPED),
        ("2099-04-05T02:00", TWICE),
        ("2099-04-05T02:59:59", TWICE),
    ],
)
def test_a_time_that_the_clocks_skip_or_show_twice_is_refused(
    caller: Caller, south: Company, time: str, sentence: str
) -> None:
    refused = booked(caller, south, time)
    assert refusal(refused) == (422, "invalid", "scheduled_at")
    assert refused.body["error"]["message"] == f"scheduled_at: {sentence}"
    booking = AnAppointment(company=south)
    moved = caller.patch(f"/v1/bookings/{booking.id}", {"scheduled_at": time})
    assert moved.body["error"]["message"] == f"scheduled_at: {sentence}"
    date = {"starts_at": time, "duration": 60, "capacity": 5}
    added = caller.post(f"/v1/events/{AnEvent(company=south).id}/dates", date)
    assert refusal(added) == (422, "invalid", "starts_at")
    assert added.body["error"]["message"] == f"starts_at: {sentence}"


def test_the_m2m_surface_shows_the_clocks_of_the_company(caller: Caller, south: Company) -> None:
    customer = ACustomer(company=south)
    APlace(company=south, customer=customer)
    for time in ("2099-04-04T13:30Z", "2099-04-04T14:30Z"):
        service = AService(company=south)
        body = {"customer_id": str(customer.id), "service_id": str(service.id)}
        assert caller.post("/v1/bookings", body | {"scheduled_at": time}).status == 201
    appointments = caller.get(f"/customer/{customer.id}/appointments").body["data"]
    shown = [(one["service"]["datetime"], one["service"]["tz"]) for one in appointments]
    assert shown == [("2099-04-05T02:30:00", AHEAD)] * 2, "both show half past two"
    (transaction,) = caller.get(f"/customer/{customer.id}/bookings").body["data"]
    date = transaction["bookings"][0]["event"]["date"]
    assert (date["datetime"], date["tz"]) == ("2099-06-01T21:30:00", AHEAD)
    assert len(transaction["purchase_date"]) == len("2026-01-31T09:30:00")


def test_days_begin_when_the_companys_do(caller: Caller, south: Company) -> None:
    # The day of the change, put back, has 25 hours: 11:00Z the day before to 12:00Z.
    times = (
        "2099-04-04T10:59:59Z",
        "2099-04-04T11:00:00Z",
        "2099-04-05T11:59:59Z",
        "2099-04-05T12:00:00Z",
    )
    made = [booked(caller, south, time).body["id"] for time in times]

    def found(query: str) -> list[int]:
        listed = caller.get(f"/v1/bookings?{query}").body["data"]
        return sorted(made.index(one["id"]) for one in listed)

    assert found("date_from=2099-04-05&date_to=2099-04-05") == [1, 2]
    assert found("date_from=2099-04-05") == [1, 2, 3]
    assert found("date_to=2099-04-05") == [0, 1, 2]
    assert found("date_to=2099-04-04") == [0]
    assert found("date_from=2099-04-06") == [3]
    assert found("date_from=2099-04-06&date_to=2099-04-05") == []


@pytest.mark.parametrize("zone", [AHEAD, "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_a_medium_is_good_until_its_last_day_where_the_company_is(zone: str) -> None:
    company = make_company("Films", slug="films", country="NZ", timezone=zone)
    customer = ACustomer(company=company)
    bought = AMediaPurchase(company=company, customer=customer)
    caller = call_as(company)

    def shown(days: int) -> tuple[bool, bool]:
        last = local_day(company.id) + datetime.timedelta(days=days)
        with acting_for(company.id):
            MediaPurchase.objects.filter(pk=bought.pk).update(expires_on=last)
        (video,) = caller.get(f"/customer/{customer.id}/videos").body["data"]
        (ours,) = caller.get(f"/v1/customers/{customer.id}/media").body["data"]
        assert video == ours
        return video["expires_on"] == last.isoformat(), video["is_expired"]

    assert shown(0) == (True, False), "its last day is not over yet"
    assert shown(-1) == (True, True)
    assert shown(1) == (True, False)
