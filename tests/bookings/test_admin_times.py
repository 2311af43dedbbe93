"""Times in the back-office: typed, shown and filtered in the company's time zone."""

import datetime
from typing import Any

from django.utils import timezone

from bookings.models import Booking
from config.tenancy.companies import Company
from tests.backoffice import Browser, count, errors, fresh, page_of
from tests.factories import (
    ACustomer,
    AnAppointment,
    AnEventDate,
    AService,
    make_company,
    make_staff,
)

LIST = "/admin/bookings/booking/"
ADD = f"{LIST}add/"


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def send(browser: Browser, company: Company, day: str, time: str) -> Any:
    who, what = str(ACustomer(company=company).pk), str(AService(company=company).pk)
    return browser.send(ADD, customer=who, service=what, starts_at_0=day, starts_at_1=time)


def test_a_time_is_that_of_the_companys_clocks(browser: Browser, studio: Company) -> None:
    for day, time, moment in (
        ("2026-01-10", "09:00", "2026-01-10T09:00"),
        ("2026-07-10", "09:00", "2026-07-10T08:00"),
        ("2026-03-29", "02:00", "2026-03-29T01:00"),
        ("2026-10-25", "00:30", "2026-10-24T23:30"),
    ):
        page = send(browser, studio, day, time)["Location"]
        assert time in browser.get(page).text
        row = Booking(pk=page.split("/")[4], company_id=studio.id)
        assert fresh(row).starts_at == at(moment), (day, time)


def test_a_time_that_is_none_or_two_is_refused_plainly(browser: Browser, studio: Company) -> None:
    far = "0001-01-01 is too far away: give a day from 1901-01-01 to 2999-12-31."
    for day, time, sentence in (
        ("2026-03-29", "01:00", "The clocks skip this time on that day."),
        ("2026-10-25", "01:30", "The clocks show this time twice on that day."),
        ("0001-01-01", "00:00", far),
    ):
        answer = send(browser, studio, day, time)
        assert errors(answer).keys() == {"starts_at"}, day
        assert answer.text.count(sentence) == 1, day
    assert count(Booking, studio) == 0


def test_a_booking_in_a_doubled_hour_stays_when_edited(browser: Browser, studio: Company) -> None:
    second = at("2026-10-25T01:30:20")
    booking = AnAppointment(company=studio, starts_at=second)
    move = page_of(booking).replace("change", "move")
    assert browser.send(move, notes="Later.").status_code == 302
    assert (fresh(booking).starts_at, fresh(booking).notes) == (second, "Later.")
    answer = browser.send(move, starts_at_1="01:45")
    assert answer.text.count("The clocks show this time twice on that day.") == 1
    assert fresh(booking).starts_at == second


def test_a_zone_without_a_name_of_its_own_has_clocks_too() -> None:
    company = make_company("Five behind", slug="five", timezone="Etc/GMT+5")
    browser = Browser(make_staff(company, email="five@example.com"))
    page = send(browser, company, "2099-06-01", "09:00")["Location"]
    row = Booking(pk=page.split("/")[4], company_id=company.id)
    assert fresh(row).starts_at == at("2099-06-01T14:00")
    assert "Mon 1 Jun 2099, 09:00–10:00" in browser.get(page).text


# --- Days ---


def _shown(browser: Browser, path: str, when: str) -> list[Any]:
    query = {"when": when} if when else {}
    return [row.pk for row in browser.get(path, **query).context["cl"].result_list]


def test_days_are_the_companys_own_and_read_forwards() -> None:
    # For fourteen hours its day differs from the UTC day.
    far = make_company("Far East", slug="far", timezone="Pacific/Kiritimati")
    browser = Browser(make_staff(far, email="far@example.com"))
    zone = timezone.zoneinfo.ZoneInfo("Pacific/Kiritimati")
    today = timezone.localdate(timezone=zone)

    def make(days: int, hour: int) -> Any:
        wall = datetime.datetime.combine(today, datetime.time(hour)).replace(tzinfo=zone)
        return AnAppointment(company=far, starts_at=wall + datetime.timedelta(days=days))

    late, early, tomorrow = make(0, 23), make(0, 0), make(1, 0)
    yesterday, next_week = make(-1, 23), make(8, 12)
    assert _shown(browser, LIST, "today") == [early.pk, late.pk]
    assert _shown(browser, LIST, "tomorrow") == [tomorrow.pk]
    week = _shown(browser, LIST, "week")
    assert {early.pk, late.pk} <= set(week)
    assert next_week.pk not in week
    upcoming = _shown(browser, LIST, "upcoming")
    assert upcoming[-2:] == [tomorrow.pk, next_week.pk]
    past = _shown(browser, LIST, "past")
    assert yesterday.pk in past
    assert set(past) | set(upcoming) == set(_shown(browser, LIST, ""))
    everything = _shown(browser, LIST, "whenever")
    assert (everything[0], everything[-1]) == (next_week.pk, yesterday.pk)


def test_days_stand_above_the_list_and_filters_keep_them(browser: Browser, studio: Company) -> None:
    AnAppointment(company=studio, starts_at=timezone.now())
    page = browser.get(LIST, when="today", status__exact="confirmed").text
    assert "?status__exact=confirmed&amp;when=week" in page
    assert page.count('aria-current="true"') == 1
    assert '<input type="hidden" name="when" value="today">' in page


def test_bookings_and_dates_are_filtered_by_days(browser: Browser, studio: Company) -> None:
    inside, outside = at("2099-05-31T23:30"), at("2099-06-02T23:30")
    for make, path in ((AnAppointment, LIST), (AnEventDate, "/admin/bookings/eventdate/")):
        row = make(company=studio, starts_at=inside)
        make(company=studio, starts_at=outside)
        query = {"starts_at_from": "01/06/2099", "starts_at_to": "02/06/2099"}
        found = browser.get(path, **query).context["cl"].result_list
        assert [one.pk for one in found] == [row.pk]
