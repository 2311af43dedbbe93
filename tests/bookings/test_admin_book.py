"""“Book” on the customer's page: several classes at once, each with a valid means of payment."""

import datetime
import re
from typing import Any

import pytest

from bookings.actions import cancel_event_date
from bookings.models import Booking, EventDate, Transaction
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.backoffice import Browser, count, fresh, only, page_of, said
from tests.factories import ACredit, AnEvent, AnEventDate, APass, APlace, act, make_staff
from tests.statements import MOST, statements

from .support import DAY

CLASSES = "/admin/bookings/booking/classes/"
ADD = "/admin/bookings/booking/add/"
NINE = datetime.datetime(2099, 6, 1, 8, 0, tzinfo=datetime.UTC)


@pytest.fixture
def yoga(studio: Company) -> EventDate:
    """A class at 15.00 plus 20 % tax."""
    event = AnEvent(company=studio, name="Yoga", tax_rate=20, tax_behavior="exclusive")
    return AnEventDate(company=studio, event=event, starts_at=NINE)


@pytest.fixture
def pilates(studio: Company) -> EventDate:
    """A class at 15.00, tax included."""
    event = AnEvent(company=studio, name="Pilates", tax_rate=20, tax_behavior="inclusive")
    return AnEventDate(company=studio, event=event, starts_at=NINE + DAY)


def address(customer: Customer, **query: str) -> str:
    more = "".join(f"&{name}={text}" for name, text in query.items())
    return f"{CLASSES}?customer={customer.pk}{more}"


def book(browser: Browser, customer: Customer, **fields: Any) -> Any:
    return browser.post(address(customer), **fields)


def ways(page: Any, date: EventDate) -> list[str]:
    """Return the keys of a date's means of payment, the selected one first."""
    (select,) = re.findall(rf'<select name="paid_{date.pk.hex}".*?</select>', page.text, re.S)
    options = re.findall(r'<option value="([^"]*)"( selected)?>', select)
    return [key for key, _ in sorted(options, key=lambda one: not one[1])]


def test_the_page_has_one_title(browser: Browser, customer: Customer, yoga: EventDate) -> None:
    page = browser.get(address(customer)).text
    assert re.findall(r"<h1[^>]*>([^<]*)</h1>", page) == [f"Book for {customer}"]


def test_two_classes_are_booked_at_once_one_with_a_pass_and_one_by_card(
    browser: Browser, studio: Company, customer: Customer, yoga: EventDate, pilates: EventDate
) -> None:
    bought = APass(company=studio, customer=customer, offerings=["Yoga"])
    assert address(customer) in browser.get(page_of(customer)).text
    page = browser.get(address(customer))
    assert page.text.count("Drop-in · £18.00 / 1 visit") == 1, "tax is in the price"
    assert page.text.count("Drop-in · £15.00 / 1 visit") == 1
    assert ways(page, yoga)[0] == f"pass:{bought.pk}", "what fits is chosen"
    assert ways(page, pilates)[0] == ""
    assert f"pass:{bought.pk}" not in ways(page, pilates)
    fields = {f"paid_{yoga.pk.hex}": f"pass:{bought.pk}", f"paid_{pilates.pk.hex}": "money:card"}
    answer = book(browser, customer, dates=[yoga.pk.hex, pilates.pk.hex], **fields)
    assert answer["Location"] == page_of(customer)
    (sentence,) = said(answer)
    assert sentence.startswith("2 classes booked: Yoga, Mon 1 Jun 2099, 09:00–10:00, Pilates")
    assert "to be paid later" not in sentence
    assert only(Transaction, studio).customer_id == customer.pk
    with acting_for(studio.id):
        first, second = Booking.objects.order_by("starts_at")
        assert (first.total, first.covered, first.payment_id) == (1_800, 1_800, None)
        assert (second.total, second.covered, second.payment.amount) == (1_500, 0, 1_500)
        assert second.payment.method == "card"
    assert fresh(bought).balance == 9
    assert browser.get(address(customer)).text.count("Booked already") == 2


def test_money_of_one_kind_is_taken_once_and_what_is_not_paid_is_told(
    browser: Browser, studio: Company, customer: Customer, yoga: EventDate, pilates: EventDate
) -> None:
    keys = [yoga.pk.hex, pilates.pk.hex]
    book(browser, customer, dates=keys, **{f"paid_{key}": "money:cash" for key in keys})
    with acting_for(studio.id):
        (payment,) = {booking.payment for booking in Booking.objects.select_related("payment")}
    assert payment is not None
    assert payment.amount == 3_300
    answer = book(browser, customer, dates=keys)
    assert said(answer)[-1].endswith("£33.00 to be paid later.")


def test_a_class_is_booked_at_another_of_its_prices(
    browser: Browser, studio: Company, customer: Customer, yoga: EventDate
) -> None:
    add = f"/admin/bookings/pricingoption/add/?event={yoga.event_id}"
    browser.send(add, name="Concession", price="10", visits="1")
    page = browser.get(address(customer)).text
    found = re.findall(r'value="([0-9a-f-]+)"[^>]*>(Concession · £12.00 / 1 visit)<', page)
    ((option, _text),) = found
    book(browser, customer, dates=yoga.pk.hex, **{f"price_{yoga.pk.hex}": option})
    assert only(Booking, studio).total == 1_200


def test_only_what_lasts_and_has_enough_visits_fits(
    browser: Browser, studio: Company, customer: Customer, yoga: EventDate
) -> None:
    APass(company=studio, customer=customer, name="Soon over", valid_for="P1M")
    APass(company=studio, customer=customer, name="Massages", offerings=["Massage"])
    APass(company=studio, name="Of another customer")
    money = ACredit(company=studio, customer=customer, amount=500)
    page = browser.get(address(customer))
    assert [key for key in ways(page, yoga) if key.startswith(("pass", "credit"))] == [
        f"credit:{money.pk}"
    ]
    book(browser, customer, dates=yoga.pk.hex, **{f"paid_{yoga.pk.hex}": f"credit:{money.pk}"})
    assert (only(Booking, studio).covered, fresh(money).balance) == (500, 0)


def test_a_refusal_books_nothing_and_keeps_what_was_ticked(
    browser: Browser, studio: Company, customer: Customer, yoga: EventDate, pilates: EventDate
) -> None:
    bought = APass(company=studio, customer=customer, visits=1)
    keys = [yoga.pk.hex, pilates.pk.hex]
    paid = {f"paid_{key}": f"pass:{bought.pk}" for key in keys}
    answer = book(browser, customer, dates=keys, **paid)
    assert answer.status_code == 200
    assert answer.context["form"].non_field_errors()
    assert answer.text.count(" checked>") == 2
    assert (count(Booking, studio), fresh(bought).balance) == (0, 1)
    for fields in ({}, {"dates": "nonsense"}, {"dates": keys[0], f"paid_{keys[0]}": "pass:x"}):
        assert book(browser, customer, **fields).status_code == 200
    APlace(company=studio, event_date=yoga, spaces=10)
    full = book(browser, customer, dates=keys[0])
    assert full.context["form"].errors.keys() == {"dates"}
    assert count(Booking, studio) == 1


def test_a_date_that_is_cancelled_or_has_no_price_is_not_offered(
    browser: Browser, studio: Company, customer: Customer, yoga: EventDate, pilates: EventDate
) -> None:
    act(studio, cancel_event_date, yoga)
    page = browser.get(address(customer)).text
    assert f'value="{yoga.pk.hex}"' not in page
    assert f'value="{pilates.pk.hex}"' in page
    book(browser, customer, dates=yoga.pk.hex)
    assert count(Booking, studio) == 0


def test_classes_are_found_by_name_and_day_and_paged(
    browser: Browser, studio: Company, customer: Customer, yoga: EventDate, pilates: EventDate
) -> None:
    for query, shown in (
        ({"q": "pil"}, [pilates]),
        ({"day": "2099-06-02"}, [pilates]),
        ({"day": "soon"}, [yoga, pilates]),
        ({"q": "%"}, []),
        ({"after": yoga.pk.hex}, [pilates]),
    ):
        page = browser.get(address(customer, **query))
        offers = page.context["offers"]
        assert [offer.date for offer in offers] == shown, query


def test_a_company_without_classes_books_services_and_tabs_lead_to_both(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    form = f"{ADD}?customer={customer.pk}"
    assert browser.get(address(customer))["Location"] == form
    assert address(customer) in browser.get(form).text
    assert browser.get(CLASSES)["Location"] == ADD


def test_the_page_takes_as_many_statements_for_many_classes(
    browser: Browser, studio: Company, customer: Customer, yoga: EventDate
) -> None:
    def grow() -> None:
        for days in range(1, 4):
            AnEventDate(company=studio, event=AnEvent(company=studio), starts_at=NINE + days * DAY)
            APass(company=studio, customer=customer)

    grow()
    before = len(statements(browser, address(customer)))
    grow()
    assert len(statements(browser, address(customer))) == before <= MOST


def test_booking_is_for_who_may_book_in_this_company(
    browser: Browser, studio: Company, customer: Customer, yoga: EventDate, rival: Company
) -> None:
    reader = Browser(make_staff(studio, email="ro@studio.example", role=Role.READ_ONLY))
    assert reader.get(address(customer)).status_code == 403
    assert book(reader, customer, dates=yoga.pk.hex).status_code == 403
    foreign = AnEventDate(company=rival, starts_at=NINE)
    answer = book(browser, customer, dates=foreign.pk.hex)
    assert answer.context["form"].errors.keys() == {"dates"}
    assert count(Booking, studio) == count(Booking, rival) == 0
