"""What a customer's page shows of bookings and media, and where it leads."""

import datetime
from typing import Any

import pytest
from django.utils import timezone

from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.actions import archive_customer
from tests.backoffice import Browser, page_of
from tests.factories import (
    ACustomer,
    AMediaPurchase,
    AnAppointment,
    AnEventDate,
    APlace,
    AService,
)

ADD = "/admin/bookings/{}/add/"


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz")


def days(number: int) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(days=number)


def tables(browser: Browser, customer: Any) -> dict[str, Any]:
    """Return the tables of a customer's page by their titles."""
    main = browser.get(page_of(customer)).context["main"]
    return {str(table["title"]): table for table in main}


def test_what_is_next_is_shown_soonest_first(
    browser: Browser, studio: Company, customer: Any
) -> None:
    for name, day, cancelled in [
        ("Later", 3, False),
        ("Soon", 1, False),
        ("Yesterday", -1, False),
        ("Called off", 2, True),
    ]:
        AnAppointment(
            company=studio,
            customer=customer,
            service=AService(company=studio, name=name),
            starts_at=days(day),
            cancelled=cancelled,
        )
    APlace(
        company=studio, customer=customer, event_date=AnEventDate(company=studio, starts_at=days(2))
    )
    AnAppointment(company=studio, starts_at=days(1))
    found = tables(browser, customer)
    assert [str(row[1]) for row in found["Next"]["rows"]] == ["Soon", "Yoga", "Later"]
    page = browser.get(page_of(customer)).text
    for text in ("£72.00", "£15.00", "Unpaid", "Confirmed", "Cancelled"):
        assert text in page, text


def test_a_customers_page_leads_to_an_appointment_for_them(browser: Browser, customer: Any) -> None:
    page = browser.get(page_of(customer)).text
    book = f"{ADD.format('booking')}?customer={customer.pk}"
    assert page.count(f'href="{book}"') == 2, "above the page, and at the table"
    assert browser.form(book).values["customer"] == str(customer.pk)
    assert "Ana Díaz" in browser.get(book).text


def test_media_that_can_be_used_are_shown_and_sold_from_the_page(
    browser: Browser, studio: Company, customer: Any
) -> None:
    AMediaPurchase(company=studio, customer=customer)
    table = tables(browser, customer)["Media"]
    (row,) = table["rows"]
    assert "Morning stretch" in row[0]
    assert row[1] == "£9.00"
    form = browser.form(table["add_address"])
    assert form.values["customer"] == str(customer.pk)


def test_nothing_is_booked_or_sold_from_an_archived_customers_page(
    browser: Browser, studio: Company, customer: Any, actor: Actor
) -> None:
    AnAppointment(company=studio, customer=customer)
    AMediaPurchase(company=studio, customer=customer)
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
    page = browser.get(page_of(customer)).text
    assert "Massage" in page
    assert ADD.format("booking") not in page
    assert ADD.format("mediapurchase") not in page


def test_only_the_nearest_few_are_shown_and_all_are_a_step_away(
    browser: Browser, studio: Company, customer: Any
) -> None:
    service = AService(company=studio)
    for number in range(1, 12):
        AnAppointment(company=studio, customer=customer, service=service, starts_at=days(number))
    AnAppointment(company=studio, service=service)
    found = tables(browser, customer)["Next"]
    assert len(found["rows"]) == 10
    listed = browser.get(found["all"]).context["cl"].result_list
    assert len(listed) == 11
