"""Bookings and media on a customer's page, with their links."""

import datetime
from typing import Any

from django.utils import timezone

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.actions import archive_customer
from customers.models import Customer
from tests.backoffice import Browser, page_of
from tests.factories import AMediaPurchase, AnAppointment, AnEventDate, APlace, AService

ADD = "/admin/bookings/{}/add/"


def days(number: int) -> datetime.datetime:
    return timezone.now() + datetime.timedelta(days=number)


def tables(browser: Browser, customer: Customer) -> dict[str, Any]:
    """Return the tables of a customer's page by title."""
    main = browser.get(page_of(customer)).context["main"]
    return {str(table["title"]): table for table in main}


def test_what_is_next_is_shown_soonest_first_and_only_the_nearest(
    browser: Browser, studio: Company, customer: Customer
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
    service = AService(company=studio)
    for number in range(4, 12):
        AnAppointment(company=studio, customer=customer, service=service, starts_at=days(number))
    next_ones = tables(browser, customer)["Next"]
    assert len(next_ones["rows"]) == 10, "only the nearest"
    every = browser.get(next_ones["all"]).context["cl"].result_list
    assert len(every) == 13, "and all of theirs are a step away"


def test_a_customers_page_leads_to_their_appointment(browser: Browser, customer: Customer) -> None:
    page = browser.get(page_of(customer)).text
    book = f"{ADD.format('booking').replace('add', 'classes')}?customer={customer.pk}"
    assert page.count(f'href="{book}"') == 2, "above the page, and at the table"
    book = browser.get(book)["Location"]
    assert browser.form(book).values["customer"] == str(customer.pk)
    assert "Zoë Ng" in browser.get(book).text


def test_media_that_can_be_used_are_shown_and_sold_from_the_page(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    AMediaPurchase(company=studio, customer=customer)
    table = tables(browser, customer)["Videos"]
    (row,) = table["rows"]
    assert "Morning stretch" in row[0]
    assert row[1] == "£9.00"
    form = browser.form(table["add_address"])
    assert form.values["customer"] == str(customer.pk)


def test_nothing_is_booked_or_sold_from_an_archived_customers_page(
    browser: Browser, studio: Company, customer: Customer, actor: Actor
) -> None:
    AnAppointment(company=studio, customer=customer)
    AMediaPurchase(company=studio, customer=customer)
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
    page = browser.get(page_of(customer)).text
    assert "Massage" in page
    assert ADD.format("booking") not in page
    assert ADD.format("mediapurchase") not in page
