"""Events, their prices and their dates in the back-office, and who comes to them."""

import datetime
from typing import Any

import pytest

from bookings.models import Booking, Event, EventDate, PricingOption, Transaction
from config.access.actors import Actor
from config.access.models import Company
from config.access.tenancy import acting_for
from customers.actions import archive_customer
from tests.backoffice import Browser, count, errors, fresh, page_of, said, staff_changes
from tests.factories import (
    ACustomer,
    AFacilitator,
    AnAppointment,
    AnEvent,
    AnEventDate,
    APass,
    APlace,
)

ADD = "/admin/bookings/{}/add/"
# Nine o'clock in London, in summer.
NINE = datetime.datetime(2099, 6, 1, 8, 0, tzinfo=datetime.UTC)
DATE = {"starts_at_0": "01/06/2099", "starts_at_1": "09:00", "duration": "75", "capacity": "8"}


@pytest.fixture
def event(studio: Company) -> Any:
    return AnEvent(company=studio, name="Yoga")


@pytest.fixture
def customer(studio: Company) -> Any:
    return ACustomer(company=studio, first_name="Ana", last_name="Díaz")


def only(model: Any, company: Company) -> Any:
    with acting_for(company.id):
        return model.objects.get()


def ask(row: Any, button: str) -> str:
    return page_of(row).replace("change", button)


# --- Events and prices ---


def test_an_event_is_added_with_its_first_price(browser: Browser, studio: Company) -> None:
    answer = browser.send(ADD.format("event"), name="Yoga", tax_rate="20", price="12.50")
    event, option = only(Event, studio), only(PricingOption, studio)
    assert answer["Location"] == page_of(event)
    assert (event.name, event.tax_rate, event.currency) == ("Yoga", 20, "GBP")
    assert (option.event_id, option.name, option.price, option.visits) == (
        *(event.pk, "Drop-in", 1_250, 1),
    )
    page = browser.get(page_of(event)).text
    for text in ("Drop-in", "£12.50", "Add a price", "Add a date"):
        assert text in page, text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"price": ""}, "price"),
        ({"option_name": ""}, "option_name"),
        ({"option_name": "  "}, "option_name"),
        ({"visits": "0"}, "visits"),
        ({"tax_rate": "101"}, "tax_rate"),
        ({"name": " "}, "name"),
    ],
)
def test_an_event_without_a_price_or_a_name_is_refused(
    typed: dict[str, str], field: str, browser: Browser, studio: Company
) -> None:
    answer = browser.send(ADD.format("event"), **{"name": "Yoga", "price": "12.50"} | typed)
    assert errors(answer).keys() == {field}
    assert count(Event, studio) == count(PricingOption, studio) == 0


def test_an_event_is_changed_and_places_keep_their_price(browser: Browser, studio: Company) -> None:
    place = APlace(company=studio)
    browser.send(page_of(place.event_date.event), name="Slow yoga", tax_rate="10")
    changed = fresh(place.event_date.event)
    assert (changed.name, changed.tax_rate) == ("Slow yoga", 10)
    assert fresh(place).tax == place.tax


def test_another_price_is_added_and_one_of_the_same_name_refused(
    browser: Browser, studio: Company, event: Any
) -> None:
    add = f"{ADD.format('pricingoption')}?event={event.pk}"
    assert add in browser.get(page_of(event)).text
    answer = browser.send(add, name="Concession", price="8", visits="2")
    assert answer["Location"] == page_of(event)
    with acting_for(studio.id):
        assert PricingOption.objects.get(name="Concession").price == 800
    answer = browser.send(add, name="Concession", price="9")
    assert errors(answer) == {"name": ["This event has a pricing option of this name."]}
    assert count(PricingOption, studio) == 2


def test_a_price_is_archived_unless_it_is_the_only_one(browser: Browser, studio: Company) -> None:
    event = AnEvent(company=studio)
    first = only(PricingOption, studio)
    answer = browser.press(page_of(first), "archive")
    assert said(answer) == ["An event keeps a pricing option at least."]
    assert not fresh(first).is_archived
    browser.send(f"{ADD.format('pricingoption')}?event={event.pk}", name="More", price="9")
    browser.press(page_of(first), "archive")
    assert fresh(first).is_archived
    assert "nobody books at this price" in browser.get(page_of(first)).text


def test_prices_stand_in_no_menu(browser: Browser) -> None:
    home = browser.get("/admin/").text
    assert "/admin/bookings/event/" in home
    assert "/admin/bookings/pricingoption/" not in home


def test_an_archived_event_is_read_only_and_takes_no_date(
    browser: Browser, studio: Company
) -> None:
    date = AnEventDate(company=studio)
    browser.press(page_of(date.event), "archive")
    page = browser.get(page_of(date.event)).text
    assert "Add a date" not in page
    assert 'name="_save"' not in page
    assert f"{date.pk}/book/" not in browser.get(page_of(date)).text
    answer = browser.send(f"{ADD.format('eventdate')}?event={date.event.pk}", **DATE)
    assert answer.text.count("This event is archived and no longer booked.") == 1
    assert count(EventDate, studio) == 1


# --- Dates ---


def test_a_date_is_added_by_the_companys_clocks(
    browser: Browser, studio: Company, event: Any
) -> None:
    facilitator = AFacilitator(company=studio, name="Theo Marsh")
    add = f"{ADD.format('eventdate')}?event={event.pk}"
    assert add in browser.get(page_of(event)).text
    answer = browser.send(add, facilitator=str(facilitator.pk), **DATE)
    date = only(EventDate, studio)
    assert answer["Location"] == page_of(event)
    assert (date.starts_at, date.duration, date.capacity) == (NINE, 75, 8)
    for page in (page_of(event), page_of(date)):
        text = browser.get(page).text
        assert "Mon 1 Jun 2099, 09:00–10:15" in text
        assert "Theo Marsh" in text
        assert "0 of 8" in text


def test_the_next_date_begins_as_the_latest_was(
    browser: Browser, studio: Company, event: Any
) -> None:
    facilitator = AFacilitator(company=studio)
    AnEventDate(company=studio, event=event, facilitator=facilitator, duration=50, capacity=7)
    values = browser.form(f"{ADD.format('eventdate')}?event={event.pk}").values
    assert {name: values[name] for name in ("duration", "capacity", "facilitator")} == {
        "duration": "50",
        "capacity": "7",
        "facilitator": str(facilitator.pk),
    }


def test_a_date_of_another_companys_event_is_as_good_as_none(
    browser: Browser, studio: Company, rival: Company
) -> None:
    foreign = AnEventDate(company=rival, duration=59).event
    page = browser.get(f"{ADD.format('eventdate')}?event={foreign.pk}").text
    assert "59" not in browser.form(f"{ADD.format('eventdate')}?event={foreign.pk}").values.values()
    assert foreign.name not in page
    answer = browser.send(ADD.format("eventdate"), event=str(foreign.pk), **DATE)
    assert errors(answer).keys() == {"event"}
    assert count(EventDate, studio) == count(EventDate, rival) - 1 == 0


def test_a_date_is_moved_with_everybody_who_comes(browser: Browser, studio: Company) -> None:
    date = AnEventDate(company=studio, starts_at=NINE)
    place = APlace(company=studio, event_date=date)
    answer = browser.send(ask(date, "move"), starts_at_1="18:30", capacity="4")
    assert answer["Location"] == page_of(date)
    at_half_six = NINE + datetime.timedelta(hours=9, minutes=30)
    assert (fresh(date).starts_at, fresh(date).capacity) == (at_half_six, 4)
    assert fresh(place).starts_at == at_half_six


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"capacity": "1"}, "More spaces than that are taken already."),
        ({"capacity": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"duration": "99999"}, "Ensure this value is less than or equal to 10080."),
        ({"starts_at_1": "12:30"}, "The facilitator is taken at that time."),
    ],
)
def test_a_date_that_cannot_be_moved_so_is_told_once(
    typed: dict[str, str], sentence: str, browser: Browser, studio: Company
) -> None:
    facilitator = AFacilitator(company=studio)
    noon = NINE + datetime.timedelta(hours=3)
    AnAppointment(company=studio, facilitator=facilitator, starts_at=noon)
    date = AnEventDate(company=studio, starts_at=NINE, facilitator=facilitator)
    APlace(company=studio, event_date=date, spaces=2)
    answer = browser.send(ask(date, "move"), **typed)
    assert answer.status_code == 200
    assert answer.text.count(sentence) == 1
    after = fresh(date)
    assert (after.starts_at, after.capacity, after.duration) == (NINE, 10, 60)
    assert staff_changes() == []


def test_a_date_is_cancelled_after_it_is_told_what_that_does(
    browser: Browser, studio: Company, customer: Any
) -> None:
    date = AnEventDate(company=studio)
    bought = APass(company=studio, customer=customer)
    paid = APlace(company=studio, event_date=date, customer=customer, means=bought)
    other = APlace(company=studio, event_date=date, spaces=2)
    question = browser.get(ask(date, "cancel")).text
    assert "2 bookings for 3 spaces will be cancelled." in question
    assert "1 of them gets its visits of a pass back." in question
    assert "refund" not in browser.form(ask(date, "cancel")).names, "no money was taken"
    assert fresh(date).cancelled_at is None
    browser.send(ask(date, "cancel"), reason="Ill.")
    assert fresh(date).is_cancelled
    assert {fresh(place).status for place in (paid, other)} == {"cancelled"}
    assert fresh(bought).balance == 10
    assert fresh(paid).reason == "Ill."
    page = browser.get(page_of(date)).text
    assert f"{date.pk}/move/" not in page
    answer = browser.send(ask(date, "cancel"))
    assert answer.text.count("This date of the event was cancelled.") == 1


def test_a_date_that_nobody_booked_says_so(browser: Browser, studio: Company) -> None:
    date = AnEventDate(company=studio)
    assert "Nobody has booked this date." in browser.get(ask(date, "cancel")).text


# --- Places ---


def test_a_place_is_added_for_a_customer_who_then_stands_in_the_list(
    browser: Browser, studio: Company, customer: Any, event: Any
) -> None:
    date = AnEventDate(company=studio, event=event)
    answer = browser.send(ask(date, "book"), customer=str(customer.pk), spaces="2")
    assert answer["Location"] == page_of(date)
    place = only(Booking, studio)
    assert (place.spaces, place.total, place.payment_id) == (2, 3_000, None)
    assert only(Transaction, studio).customer_id == customer.pk
    page = browser.get(page_of(date)).text
    for text in ("Ana Díaz", "£30.00", "Unpaid", "2 of 10", "Drop-in"):
        assert text in page, text


def test_a_place_is_paid_with_a_pass_of_the_customer(
    browser: Browser, studio: Company, customer: Any, event: Any
) -> None:
    date = AnEventDate(company=studio, event=event)
    bought = APass(company=studio, customer=customer, offerings=["Yoga"])
    wrong = APass(company=studio, customer=customer, name="Massages", offerings=["Massage"])
    strange = APass(company=studio, name="Strange")
    page = browser.get(ask(date, "book"), customer=str(customer.pk)).text
    assert "Ten visits: 10 visits left" in page
    assert ("Massages" in page, "Strange" in page) == (False, False)
    fields = {"customer": str(customer.pk)}
    for other in (wrong, strange):
        answer = browser.send(ask(date, "book"), **fields, paid_with=f"pass:{other.pk}")
        assert answer.text.count("Select a valid choice.") == 1
    assert count(Booking, studio) == 0
    browser.send(ask(date, "book"), **fields, paid_with=f"pass:{bought.pk}")
    assert fresh(bought).balance == 9
    assert "Ten visits" in browser.get(page_of(date)).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"spaces": "4"}, "There are not so many spaces left."),
        ({"spaces": "0"}, "Ensure this value is greater than or equal to 1."),
        ({"customer": ""}, "This field is required."),
        ({"notes": "4242424242424242"}, "This holds a card number"),
    ],
)
def test_a_refused_place_is_told_once(
    typed: dict[str, str], sentence: str, browser: Browser, studio: Company, customer: Any
) -> None:
    date = AnEventDate(company=studio, capacity=3)
    answer = browser.send(ask(date, "book"), **{"customer": str(customer.pk)} | typed)
    assert answer.status_code == 200
    assert answer.text.count(sentence) == 1
    assert count(Booking, studio) == count(Transaction, studio) == 0
    assert said(answer) == []
    assert staff_changes() == []


def test_no_place_is_added_for_whom_there_is_not(
    browser: Browser, studio: Company, rival: Company, customer: Any, actor: Actor
) -> None:
    date = AnEventDate(company=studio)
    foreign = ACustomer(company=rival, first_name="Rita")
    for answer in (
        browser.get(ask(date, "book"), customer=str(foreign.pk)),
        browser.send(ask(date, "book"), customer=str(foreign.pk)),
        browser.get(ask(date, "book"), customer="no-id"),
        browser.send(ask(date, "book"), customer="no-id"),
    ):
        assert answer.status_code == 200
        assert "Rita" not in answer.text
    with acting_for(studio.id):
        archive_customer(customer, actor=actor)
    answer = browser.send(ask(date, "book"), customer=str(customer.pk))
    assert answer.text.count("This customer is archived and cannot be changed.") == 1
    assert count(Booking, studio) == 0


def test_a_full_date_offers_no_place(browser: Browser, studio: Company) -> None:
    date = AnEventDate(company=studio, capacity=1)
    APlace(company=studio, event_date=date)
    page = browser.get(page_of(date)).text
    assert f"{date.pk}/book/" not in page
    assert "Full" in page


def test_a_place_moves_to_another_date_of_its_event(
    browser: Browser, studio: Company, event: Any
) -> None:
    here, there = (
        AnEventDate(company=studio, event=event, starts_at=NINE + datetime.timedelta(days=days))
        for days in (0, 7)
    )
    full = AnEventDate(company=studio, event=event, capacity=1)
    APlace(company=studio, event_date=full)
    elsewhere = AnEventDate(company=studio)
    place = APlace(company=studio, event_date=here)
    page = browser.get(ask(place, "move")).text
    offered = [str(date.pk) in page for date in (here, there, full, elsewhere)]
    assert offered == [True, True, False, False]
    assert browser.send(ask(place, "move"), event_date=str(elsewhere.pk)).status_code == 200
    browser.send(ask(place, "move"), event_date=str(there.pk))
    assert fresh(place).starts_at == there.starts_at
    assert (fresh(here).spaces_taken, fresh(there).spaces_taken) == (0, 1)
