"""Times in a company's time zone: accepted values, shown values, and the start of a day."""

import datetime
from typing import Any

import pytest

from bookings.models import MediaPurchase
from config.tenancy.companies import Company
from config.tenancy.days import local_day
from config.tenancy.scoping import acting_for
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

from .support import ids

# In Auckland clocks go back on 5 April 2099 at 3:00, and forward on 27 September at 2:00. In
# January they are 13 hours ahead of UTC.
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


def test_a_time_without_an_offset_is_the_companys_own(caller: Caller, south: Company) -> None:
    for time, shown in (
        ("2099-01-10T09:30", "2099-01-09T20:30:00.000000Z"),
        ("2099-01-10T09:30:15", "2099-01-09T20:30:15.000000Z"),
        ("2099-01-10T09:30:15.25", "2099-01-09T20:30:15.250000Z"),
        ("2099-07-10T09:30", "2099-07-09T21:30:00.000000Z"),
        ("2099-01-10T09:30Z", "2099-01-10T09:30:00.000000Z"),
        ("2099-01-10t09:30:00z", "2099-01-10T09:30:00.000000Z"),
        ("2099-01-10T09:30+05:45", "2099-01-10T03:45:00.000000Z"),
        ("2099-01-10T09:30:00-0330", "2099-01-10T13:00:00.000000Z"),
        # The last second before each change, and the first moment after it.
        ("2099-04-05T01:59:59", "2099-04-04T12:59:59.000000Z"),
        ("2099-04-05T03:00", "2099-04-04T15:00:00.000000Z"),
        ("2099-09-27T01:59:59", "2099-09-26T13:59:59.000000Z"),
        ("2099-09-27T03:00", "2099-09-26T14:00:00.000000Z"),
        # 02:30 occurs twice; the offset says which one is meant.
        ("2099-04-05T02:30+13:00", "2099-04-04T13:30:00.000000Z"),
        ("2099-04-05T02:30+12:00", "2099-04-04T14:30:00.000000Z"),
    ):
        answer = booked(caller, south, time)
        assert (answer.status, answer.body["scheduled_at"]) == (201, shown), time


def test_a_time_that_clocks_skip_or_show_twice_is_refused(caller: Caller, south: Company) -> None:
    booking, event = AnAppointment(company=south), AnEvent(company=south)
    for time, code, sentence in (
        ("2099-09-27T02:00", "no_such_time", SKIPPED),
        ("2099-09-27T02:59:59", "no_such_time", SKIPPED),
        ("2099-04-05T02:00", "time_twice", TWICE),
        ("2099-04-05T02:59:59", "time_twice", TWICE),
    ):
        date = {"starts_at": time, "duration_minutes": 60, "capacity": 5}
        for answer, name in (
            (booked(caller, south, time), "scheduled_at"),
            (caller.patch(f"/v1/bookings/{booking.id}", {"scheduled_at": time}), "scheduled_at"),
            (caller.post(f"/v1/events/{event.id}/dates", date), "starts_at"),
        ):
            assert refusal(answer) == (422, code, name), time
            assert answer.body["error"]["message"] == f"{name}: {sentence}"


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
    # The days of both clock changes: one has 25 hours and the other 23.
    for day, before, begins, last, after in (
        ("2099-04-05", "04-04T10:59:59Z", "04-04T11:00:00Z", "04-05T11:59:59Z", "04-05T12:00:00Z"),
        ("2099-09-27", "09-26T11:59:59Z", "09-26T12:00:00Z", "09-27T10:59:59Z", "09-27T11:00:00Z"),
    ):
        times = [f"2099-{time}" for time in (before, begins, last, after)]
        made = [booked(caller, south, time).body["id"] for time in times]
        since, until = f"date_from={day}", f"date_to={day}"
        for query, found in (
            (f"{since}&{until}", made[1:3]),
            (f"{since}&date_to={day[:8]}30", made[1:]),
            (f"date_from={day[:8]}01&{until}", made[:3]),
        ):
            listed = ids(caller, f"/v1/bookings?{query}")
            assert sorted(listed, key=made.index) == found, query
    assert ids(caller, "/v1/bookings?date_from=2099-04-06&date_to=2099-04-05") == []


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
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
        (ours,) = caller.get(f"/v1/customers/{customer.id}/media-purchases").body["data"]
        assert (ours["expires_on"], ours["status"] == "expired") == (
            video["expires_on"],
            video["is_expired"],
        )
        return video["expires_on"] == last.isoformat(), video["is_expired"]

    assert shown(0) == (True, False), "its last day is not over yet"
    assert shown(-1) == (True, True)
    assert shown(1) == (True, False)
