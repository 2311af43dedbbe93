"""Bookings across clock changes, and companies far from Greenwich (issue 4, "Time")."""

import datetime
from collections.abc import Callable
from typing import Any

import pytest

from bookings.actions import change_booking, move_event_date
from bookings.errors import FacilitatorBusy
from bookings.models import Booking, EventDate, Transaction
from config.access.actors import Actor
from config.access.days import moment_of
from config.access.errors import NoSuchTime, TimeTwice
from config.access.models import Company
from config.access.tenancy import acting_for
from tests.callers import Caller, call_as
from tests.factories import (
    ACustomer,
    AFacilitator,
    AnAppointment,
    AnEventDate,
    APlace,
    AService,
    make_company,
)

LONDON, NEW_YORK = "Europe/London", "America/New_York"
TONGA, APIA = "Pacific/Tongatapu", "Pacific/Apia"


def wall(text: str) -> datetime.datetime:
    """Read a time as clocks show it."""
    return datetime.datetime.fromisoformat(text)


def utc(text: str) -> datetime.datetime:
    return wall(text).replace(tzinfo=datetime.UTC)


# --- From clocks to moments ---


@pytest.mark.parametrize(
    ("zone", "shown", "moment"),
    [
        # Clocks go forward at 01:00 on 29 March 2026 in London, …
        (LONDON, "2026-03-28T10:00", "2026-03-28T10:00"),
        (LONDON, "2026-03-29T00:59", "2026-03-29T00:59"),
        (LONDON, "2026-03-29T02:00", "2026-03-29T01:00"),
        (LONDON, "2026-03-30T10:00", "2026-03-30T09:00"),
        # … and back at 02:00 on 25 October.
        (LONDON, "2026-10-24T10:00", "2026-10-24T09:00"),
        (LONDON, "2026-10-25T00:59", "2026-10-24T23:59"),
        (LONDON, "2026-10-25T02:00", "2026-10-25T02:00"),
        (LONDON, "2026-10-26T10:00", "2026-10-26T10:00"),
        # In New York they do so at 02:00 on 8 March and on 1 November.
        (NEW_YORK, "2026-03-08T01:59", "2026-03-08T06:59"),
        (NEW_YORK, "2026-03-08T03:00", "2026-03-08T07:00"),
        (NEW_YORK, "2026-11-01T00:59", "2026-11-01T04:59"),
        (NEW_YORK, "2026-11-01T02:00", "2026-11-01T07:00"),
        # Thirteen hours ahead, and no change.
        (TONGA, "2026-03-29T02:30", "2026-03-28T13:30"),
        (TONGA, "2026-12-31T23:30", "2026-12-31T10:30"),
        (APIA, "2026-01-01T00:00", "2025-12-31T11:00"),
    ],
)
def test_a_time_on_the_clocks_is_a_moment(zone: str, shown: str, moment: str) -> None:
    assert moment_of(wall(shown), zone) == utc(moment)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        (LONDON, "2026-03-29T01:00"),
        (LONDON, "2026-03-29T01:59:59"),
        (NEW_YORK, "2026-03-08T02:30"),
        # A day that this zone left out when it went over to the other side of the date line.
        (APIA, "2011-12-30T10:00"),
    ],
)
def test_a_time_that_the_clocks_skip_is_refused(zone: str, shown: str) -> None:
    with pytest.raises(NoSuchTime):
        moment_of(wall(shown), zone)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        (LONDON, "2026-10-25T01:00"),
        (LONDON, "2026-10-25T01:59:59"),
        (NEW_YORK, "2026-11-01T01:30"),
    ],
)
def test_a_time_that_the_clocks_show_twice_is_refused(zone: str, shown: str) -> None:
    with pytest.raises(TimeTwice):
        moment_of(wall(shown), zone)


# --- A booking keeps its time and its length ---


@pytest.fixture
def company() -> Callable[[str], Company]:
    """Return what makes a company whose clocks are a zone's."""

    def make(zone: str) -> Company:
        return make_company(zone, timezone=zone)

    return make


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        (LONDON, "2099-03-28", "2099-03-30"),
        (LONDON, "2099-10-24", "2099-10-26"),
        (NEW_YORK, "2099-03-07", "2099-03-09"),
        (NEW_YORK, "2099-10-31", "2099-11-02"),
        (TONGA, "2099-03-28", "2099-03-30"),
        (APIA, "2099-09-26", "2099-09-28"),
    ],
)
def test_a_booking_keeps_its_time_on_the_clocks_across_a_change(
    company: Callable[[str], Company], zone: str, before: str, after: str
) -> None:
    there = company(zone)
    caller, customer = call_as(there), ACustomer(company=there)
    body = {"customer_id": str(customer.pk), "service_id": str(AService(company=there).pk)}
    for day in (before, after):
        made = caller.post("/v1/bookings", body | {"scheduled_at": f"{day}T10:00"})
        assert (made.status, made.body["estimated_duration"]) == (201, 60)
        assert utc(made.body["scheduled_at"][:-1]) == moment_of(wall(f"{day}T10:00"), zone)
    listed = caller.get(f"/customer/{customer.pk}/appointments").body["data"]
    services = [one["service"] for one in listed]
    assert [(one["datetime"], one["tz"], one["duration_minutes"]) for one in services] == [
        (f"{after}T10:00:00", zone, 60),
        (f"{before}T10:00:00", zone, 60),
    ]
    # It is put off from the one side of the change to the other.
    path = f"/v1/bookings/{listed[1]['id']}".replace("appt_", "bk_")
    moved = caller.patch(path, {"scheduled_at": f"{after}T16:30"})
    assert utc(moved.body["scheduled_at"][:-1]) == moment_of(wall(f"{after}T16:30"), zone)
    assert moved.body["estimated_duration"] == 60


@pytest.mark.parametrize(
    ("starts", "ends_on_the_clocks"),
    [("2099-03-28T23:30", "2099-03-29T03:30"), ("2099-10-24T23:30", "2099-10-25T01:30")],
)
def test_what_lasts_through_the_night_of_a_change_lasts_as_long_as_ever(
    studio: Company, actor: Actor, starts: str, ends_on_the_clocks: str
) -> None:
    facilitator = AFacilitator(company=studio)
    begins = moment_of(wall(starts), LONDON)
    # Three hours, whatever the clocks say at their end.
    ends = begins + datetime.timedelta(hours=3)
    with acting_for(studio.id):
        night = AnAppointment(
            company=studio, facilitator=facilitator, starts_at=begins, duration=180
        )
        soon = ends - datetime.timedelta(minutes=1)
        with pytest.raises(FacilitatorBusy):
            AnAppointment(company=studio, facilitator=facilitator, starts_at=soon)
        next_one = AnAppointment(company=studio, facilitator=facilitator, starts_at=ends)
        caller = call_as(studio)
        shown = caller.get(f"/customer/{next_one.customer_id}/appointments").body["data"]
        assert shown[0]["service"]["datetime"] == f"{ends_on_the_clocks}:00"
        change_booking(night, changes={"notes": "Rings twice."}, actor=actor)
        assert Booking.objects.get(pk=night.pk).duration == 180


def test_an_event_is_at_the_same_time_on_either_side(
    studio: Company, integrator: Caller, actor: Actor
) -> None:
    event = integrator.post(
        "/v1/events",
        {
            "name": "Yoga",
            "pricing_options": [{"name": "Drop-in", "price": 1_500}],
            "dates": [
                {"starts_at": f"2099-10-{day}T18:00", "duration": 90, "capacity": 10}
                for day in (20, 27)
            ],
        },
    ).body
    assert [one["starts_at"][11:16] for one in event["dates"]] == ["17:00", "18:00"]
    date = date_of(studio, event["dates"][0]["id"])
    place = APlace(company=studio, event_date=date)
    path = f"/customer/{place.customer_id}/booking/{place.pk}"
    shown = integrator.get(path).body["data"]["event"]["date"]
    assert (shown["datetime"], shown["tz"], shown["duration"]) == (
        "2099-10-20T18:00:00",
        LONDON,
        90,
    )
    with acting_for(studio.id):
        later = moment_of(wall("2099-10-28T18:00"), LONDON)
        move_event_date(date, changes={"starts_at": later}, actor=actor)
    shown = integrator.get(path).body["data"]["event"]["date"]
    assert (shown["datetime"], shown["duration"]) == ("2099-10-28T18:00:00", 90)


def date_of(company: Company, public_id: str) -> EventDate:
    with acting_for(company.id):
        return EventDate.objects.get(pk=public_id.removeprefix("date_"))


def test_what_the_clocks_skip_or_show_twice_is_refused_and_an_offset_settles_it(
    studio: Company, integrator: Caller
) -> None:
    body = {
        "customer_id": str(ACustomer(company=studio).pk),
        "service_id": str(AService(company=studio).pk),
    }
    for shown, word in (("2099-03-29T01:30", "skip"), ("2099-10-25T01:30", "twice")):
        refused = integrator.post("/v1/bookings", body | {"scheduled_at": shown})
        assert (refused.status, refused.body["error"]["param"]) == (422, "scheduled_at")
        assert word in refused.body["error"]["message"]
    for offset, hour in (("+01:00", "00:30"), ("Z", "01:30")):
        made = integrator.post("/v1/bookings", body | {"scheduled_at": f"2099-10-25T01:30{offset}"})
        assert (made.status, made.body["scheduled_at"][11:16]) == (201, hour)
        path = f"/customer/{body['customer_id']}/appointments"
        newest = integrator.get(path).body["data"][0]
        assert newest["service"]["datetime"] == "2099-10-25T01:30:00"


# --- Days of a company's own calendar ---


@pytest.mark.parametrize(
    ("zone", "first", "last"),
    [
        # The first and the last moment of 1 May there, as Greenwich has them.
        (TONGA, "2026-04-30T11:00", "2026-05-01T10:59:59.999999"),
        (LONDON, "2026-04-30T23:00", "2026-05-01T22:59:59.999999"),
        (NEW_YORK, "2026-05-01T04:00", "2026-05-02T03:59:59.999999"),
    ],
)
def test_a_day_is_the_companys_own(
    company: Callable[[str], Company], zone: str, first: str, last: str
) -> None:
    there = company(zone)
    instant = datetime.timedelta(microseconds=1)
    moments = [utc(first) - instant, utc(first), utc(last), utc(last) + instant]
    service = AService(company=there)
    for moment in moments:
        AnAppointment(company=there, service=service, starts_at=moment)
        AnEventDate(company=there, starts_at=moment)
    day = datetime.date(2026, 5, 1)
    for model in (Booking, EventDate):
        with acting_for(there.id):
            rows: Any = model.objects.order_by("starts_at").values_list("starts_at", flat=True)
            assert list(rows.starting_from(day)) == moments[1:]
            assert list(rows.starting_until(day)) == moments[:3]
            assert list(rows.starting_from(day).starting_until(day)) == moments[1:3]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (LONDON, "2026-03-29", 23),
        (LONDON, "2026-10-25", 25),
        (NEW_YORK, "2026-03-08", 23),
        (NEW_YORK, "2026-11-01", 25),
        (TONGA, "2026-03-29", 24),
    ],
)
def test_a_day_is_as_long_as_the_clocks_make_it(
    company: Callable[[str], Company], zone: str, day: str, hours: int
) -> None:
    there = company(zone)
    begins = moment_of(wall(f"{day}T00:00"), zone)
    service, hour = AService(company=there), datetime.timedelta(hours=1)
    for number in range(-1, 26):
        AnAppointment(company=there, service=service, starts_at=begins + number * hour)
    with acting_for(there.id):
        chosen = datetime.date.fromisoformat(day)
        rows = Booking.objects.starting_from(chosen).starting_until(chosen)
        assert rows.count() == hours
        assert min(rows.values_list("starts_at", flat=True)) == begins


def test_a_purchase_is_of_the_day_it_was_there(company: Callable[[str], Company]) -> None:
    there = company(TONGA)
    place = APlace(company=there)
    with acting_for(there.id):
        (bought,) = Transaction.objects.values_list("purchased_at", flat=True)
        today = bought.astimezone(datetime.timezone(datetime.timedelta(hours=13))).date()
        day = datetime.timedelta(days=1)
        rows = Transaction.objects
        assert rows.purchased_from(today).purchased_until(today).get() == place.transaction
        assert not rows.purchased_from(today + day).exists()
        assert not rows.purchased_until(today - day).exists()
