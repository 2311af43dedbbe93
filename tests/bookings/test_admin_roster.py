"""Attendance marks on the page of a date and on the home page: attended, missed, and undo."""

import datetime
import re
from typing import Any

import pytest

from bookings.actions import start_booking
from bookings.models import Booking, EventDate
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from config.times import database_now
from customers.models import Customer
from tests.backoffice import Browser, Form, fresh, page_of, said, staff_changes
from tests.factories import ACustomer, AnAppointment, AnEventDate, APlace, act, make_staff
from tests.statements import MOST, statements

from .support import DAY, HOUR, MINUTE

MARK = "/admin/bookings/booking/mark/"
HOME = "/admin/"


@pytest.fixture
def running(studio: Company) -> EventDate:
    """A class that began a minute ago."""
    with acting_for(studio.id):
        return AnEventDate(company=studio, starts_at=database_now() - MINUTE, capacity=40)


def marks(page: Any, booking: Booking) -> list[str]:
    """Return the marks that a page offers for a booking."""
    return re.findall(rf'name="mark" value="(\w+):{booking.pk}"', page.text)


def click(browser: Browser, page: str, booking: Booking, mark: str, form: str) -> Any:
    """Submit the form of a page, as a click on one of its marks does."""
    values = Form(browser.get(page).text, form).values
    return browser.post(MARK, **values | {"mark": f"{mark}:{booking.pk}"})


def test_ten_people_are_ticked_off_in_ten_clicks(
    browser: Browser, studio: Company, running: EventDate
) -> None:
    places = [APlace(company=studio, event_date=running) for _ in range(10)]
    page = browser.get(page_of(running))
    assert "0 of 10 here" in page.text
    assert all(marks(page, place) == ["here", "missed"] for place in places)
    for place in places:
        answer = click(browser, page_of(running), place, "here", "related-1_form")
        assert answer["Location"] == f"{page_of(running)}#mark-{place.pk}"
    assert {fresh(place).status for place in places} == {"completed"}
    page = browser.get(page_of(running))
    assert "10 of 10 here" in page.text
    assert said(page) == []
    assert all(marks(page, place) == ["undo"] for place in places)


def test_a_mark_is_undone_and_a_double_click_marks_once(
    browser: Browser, studio: Company, running: EventDate
) -> None:
    place = APlace(company=studio, event_date=running)
    click(browser, page_of(running), place, "missed", "related-1_form")
    assert fresh(place).status == "no_show"
    values = Form(browser.get(page_of(running)).text, "related-1_form").values
    for _ in range(2):
        answer = browser.post(MARK, **values | {"mark": f"undo:{place.pk}"})
        assert answer.status_code == 302
    assert said(answer) == ["This form was sent before, so nothing was done again."]
    assert fresh(place).status == "confirmed"
    told = [str(one.type) for one in staff_changes()]
    assert told == ["booking.no_show", "booking.reopened"]
    click(browser, page_of(running), place, "here", "related-1_form")
    # Meanwhile another staff member has marked the same booking.
    answer = click(browser, page_of(running), place, "missed", "related-1_form")
    (sentence,) = said(answer)
    assert sentence.startswith(f"{place.customer}: This booking is completed.")


def test_who_comes_early_is_here_and_nobody_is_missed_or_ticked_off_days_before(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    with acting_for(studio.id):
        now = database_now()
    soon = AnEventDate(company=studio, starts_at=now + MINUTE)
    next_week = AnEventDate(company=studio, starts_at=now + 7 * DAY)
    early, later = (APlace(company=studio, event_date=date) for date in (soon, next_week))
    answer = click(browser, page_of(soon), early, "here", "related-1_form")
    assert said(answer) == []
    assert fresh(early).status == "in_progress"
    page = browser.get(page_of(next_week))
    assert marks(page, later) == []
    assert "On the day of the event" in page.text
    browser.post(MARK, mark=f"done:{later.pk}")
    browser.post(MARK, mark=f"missed:{later.pk}")
    assert fresh(later).status == "confirmed"


def test_the_home_page_has_the_rosters_of_now_and_leads_back_to_them(
    browser: Browser, studio: Company, running: EventDate
) -> None:
    place = APlace(company=studio, event_date=running, spaces=2)
    massage = AnAppointment(company=studio, starts_at=running.starts_at)
    with acting_for(studio.id):
        far = AnEventDate(company=studio, starts_at=database_now() + 5 * HOUR)
    hidden = APlace(company=studio, event_date=far)
    page = browser.get(HOME)
    assert marks(page, place) == ["here", "missed"]
    assert marks(page, massage) == ["here", "missed"]
    assert marks(page, hidden) == []
    answer = click(browser, HOME, place, "here", "roster-1_form")
    assert answer["Location"] == f"{HOME}#mark-{place.pk}"
    click(browser, HOME, massage, "here", "agenda_form")
    assert (fresh(place).status, fresh(massage).status) == ("completed", "in_progress")
    page = browser.get(HOME)
    assert "1 of 1 here" in page.text
    assert marks(page, place) == ["undo"]
    assert marks(page, massage) == ["done", "undo"]
    answer = browser.post(MARK, mark=f"done:{massage.pk}")
    assert answer["Location"] == f"{page_of(massage)}#mark-{massage.pk}"
    assert fresh(massage).status == "completed"


def test_rosters_take_no_statement_for_each_place_or_date(
    browser: Browser, studio: Company, running: EventDate
) -> None:
    def grow() -> None:
        for minutes in range(3):
            starts_at = running.starts_at + datetime.timedelta(minutes=minutes)
            date = AnEventDate(company=studio, starts_at=starts_at)
            for _ in range(3):
                APlace(company=studio, event_date=date)
                APlace(company=studio, event_date=running)

    grow()
    before = [len(statements(browser, path)) for path in (HOME, page_of(running))]
    grow()
    assert [len(statements(browser, path)) for path in (HOME, page_of(running))] == before
    assert max(before) <= MOST


def test_marks_are_for_who_may_change_bookings_of_this_company(
    browser: Browser, studio: Company, running: EventDate, customer: Customer, rival: Company
) -> None:
    place, own = APlace(company=studio, event_date=running), APlace(company=rival)
    reader = Browser(make_staff(studio, email="ro@studio.example", role=Role.READ_ONLY))
    for page in (page_of(running), HOME):
        assert marks(reader.get(page), place) == []
    assert reader.post(MARK, mark=f"here:{place.pk}").status_code == 403
    assert browser.post(MARK, mark=f"here:{own.pk}").status_code == 404
    assert browser.post(MARK, mark=f"here:{'x' * 40}").status_code == 404
    assert browser.post(MARK, mark=f"cancel:{place.pk}").status_code == 400
    assert browser.get(MARK).status_code == 405
    assert (fresh(place).status, fresh(own).status) == ("confirmed", "confirmed")


def test_a_booking_asks_whether_its_customer_attended_and_can_be_taken_back(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    booking = AnAppointment(company=studio, customer=customer)
    act(studio, start_booking, booking)
    complete, reopen = (page_of(booking).replace("change", to) for to in ("complete", "reopen"))
    assert "Mark Zoë Ng as attended?" in browser.get(complete).text
    browser.send(complete)
    assert fresh(booking).status == "completed"
    answer = browser.send(reopen)
    assert said(answer)[-1].endswith("confirmed again.")
    assert fresh(booking).status == "confirmed"
    assert reopen not in browser.get(page_of(booking)).text
    ahead = APlace(company=studio, customer=ACustomer(company=studio))
    assert f"{ahead.pk}/complete/" not in browser.get(page_of(ahead)).text
