"""Bookings across clock changes, and in time zones far from UTC."""

import datetime

from bookings.actions import change_booking, move_event_date
from bookings.errors import FacilitatorBusy
from bookings.models import Facilitator
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.days import moment_of
from config.tenancy.errors import NoSuchTime, TimeTwice
from tests.callers import Caller
from tests.factories import AnAppointment, AnEventDate, APlace

from .support import HOUR, facts, refusal_of

LONDON, NEW_YORK = "Europe/London", "America/New_York"
TONGA, APIA = "Pacific/Tongatapu", "Pacific/Apia"


def wall(text: str) -> datetime.datetime:
    """Parse a local time."""
    return datetime.datetime.fromisoformat(text)


def utc(text: str) -> datetime.datetime:
    return wall(text).replace(tzinfo=datetime.UTC)


def test_a_time_on_the_clocks_is_a_moment_unless_they_skip_it_or_show_it_twice() -> None:
    for zone, shown, moment in (
        # In London clocks go forward at 01:00 on 29 March 2026, and back at 02:00 on 25 October.
        (LONDON, "2026-03-29T00:59", "2026-03-29T00:59"),
        (LONDON, "2026-03-29T01:00", NoSuchTime),
        (LONDON, "2026-03-29T01:59:59", NoSuchTime),
        (LONDON, "2026-03-29T02:00", "2026-03-29T01:00"),
        (LONDON, "2026-10-25T00:59", "2026-10-24T23:59"),
        (LONDON, "2026-10-25T01:00", TimeTwice),
        (LONDON, "2026-10-25T01:59:59", TimeTwice),
        (LONDON, "2026-10-25T02:00", "2026-10-25T02:00"),
        # In New York clocks change at 02:00 on 8 March and on 1 November.
        (NEW_YORK, "2026-03-08T01:59", "2026-03-08T06:59"),
        (NEW_YORK, "2026-03-08T02:30", NoSuchTime),
        (NEW_YORK, "2026-03-08T03:00", "2026-03-08T07:00"),
        (NEW_YORK, "2026-11-01T00:59", "2026-11-01T04:59"),
        (NEW_YORK, "2026-11-01T01:30", TimeTwice),
        (NEW_YORK, "2026-11-01T02:00", "2026-11-01T07:00"),
        # Both are thirteen hours ahead without changes; Apia skipped a day to cross the date line.
        (TONGA, "2026-12-31T23:30", "2026-12-31T10:30"),
        (APIA, "2026-01-01T00:00", "2025-12-31T11:00"),
        (APIA, "2011-12-30T10:00", NoSuchTime),
    ):
        if isinstance(moment, str):
            assert moment_of(wall(shown), zone) == utc(moment), (zone, shown)
        else:
            assert refusal_of(moment_of, wall(shown), zone)[:1] == (moment,), (zone, shown)


# --- A booking keeps its time and its length ---


def test_what_lasts_through_the_night_of_a_change_lasts_as_long_as_ever(
    studio: Company, integrator: Caller, facilitator: Facilitator, inside: None, actor: Actor
) -> None:
    own = {"company": studio, "facilitator": facilitator}
    # The booking lasts three hours, whatever the local time at its end.
    for starts, ends_on_the_clocks in (
        ("2099-03-28T23:30", "2099-03-29T03:30:00"),
        ("2099-10-24T23:30", "2099-10-25T01:30:00"),
    ):
        begins = moment_of(wall(starts), LONDON)
        night = AnAppointment(**own, starts_at=begins, duration=180)
        soon = begins + 3 * HOUR - datetime.timedelta(minutes=1)
        assert refusal_of(AnAppointment, **own, starts_at=soon) == (FacilitatorBusy,), starts
        next_one = AnAppointment(**own, starts_at=begins + 3 * HOUR)
        path = f"/customer/{next_one.customer_id}/appointments"
        assert integrator.get(path).body["data"][0]["service"]["datetime"] == ends_on_the_clocks
        change_booking(night, changes={"notes": "Rings twice."}, actor=actor)
        assert facts(night, "duration") == [180]


def test_an_event_is_at_the_same_time_on_either_side(
    studio: Company, integrator: Caller, inside: None, actor: Actor
) -> None:
    def at_six(day: int) -> datetime.datetime:
        return moment_of(wall(f"2099-10-{day}T18:00"), LONDON)

    assert [at_six(day).hour for day in (20, 27)] == [17, 18]
    date = AnEventDate(company=studio, starts_at=at_six(20), duration=90)
    place = APlace(company=studio, event_date=date)
    path = f"/customer/{place.customer_id}/booking/{place.pk}"
    for day in (20, 27):
        move_event_date(date, changes={"starts_at": at_six(day)}, actor=actor)
        shown = integrator.get(path).body["data"]["event"]["date"]
        found = [shown[name] for name in ("datetime", "tz", "duration")]
        assert found == [f"2099-10-{day}T18:00:00", LONDON, 90]
