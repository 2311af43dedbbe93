"""Events, their prices, dates and places in the back-office."""

import datetime

from bookings.models import Booking, Event, EventDate, Facilitator, PricingOption, Transaction
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from customers.models import Customer
from tests.backoffice import Browser, count, errors, fresh, only, page_of, said, staff_changes
from tests.factories import ACustomer, AnAppointment, AnEventDate, APass, APlace
from tests.shares import undone

from .support import HOUR, ask, told_once

ADD = "/admin/bookings/{}/add/"
# 09:00 in London in summer.
NINE = datetime.datetime(2099, 6, 1, 8, 0, tzinfo=datetime.UTC)
DATE = {"starts_at_0": "01/06/2099", "starts_at_1": "09:00", "duration": "75", "capacity": "8"}


# --- Events and prices ---


def test_an_event_is_added_with_a_price_and_changed(browser: Browser, studio: Company) -> None:
    answer = browser.send(ADD.format("event"), name="Yoga", tax_rate="20", price="12.50")
    event, option = only(Event, studio), only(PricingOption, studio)
    assert answer["Location"] == page_of(event)
    assert (event.name, event.tax_rate, event.currency) == ("Yoga", 20, "GBP")
    found = (option.event_id, option.name, option.price, option.visits)
    assert found == (event.pk, "Drop-in", 1_250, 1)
    page = browser.get(page_of(event)).text
    for text in ("Drop-in", "£12.50", "Add a price", "Add a date"):
        assert text in page, text
    browser.send(page_of(event), name="Slow yoga", tax_rate="10")
    assert (fresh(event).name, fresh(event).tax_rate) == ("Slow yoga", 10)


def test_an_event_without_a_price_or_a_name_is_refused(browser: Browser, studio: Company) -> None:
    for field, typed in (
        *(("price", ""), ("option_name", ""), ("option_name", "  "), ("visits", "0")),
        *(("tax_rate", "101"), ("name", " ")),
    ):
        fields = {"name": "Yoga", "price": "12.50"} | {field: typed}
        assert errors(browser.send(ADD.format("event"), **fields)).keys() == {field}
    assert count(Event, studio) == count(PricingOption, studio) == 0


def test_a_price_is_added_and_archived_unless_it_is_the_only_one(
    browser: Browser, studio: Company, event: Event
) -> None:
    first = only(PricingOption, studio)
    answer = browser.press(page_of(first), "archive")
    assert said(answer) == ["An event needs at least one pricing option. Add another one first."]
    add = f"{ADD.format('pricingoption')}?event={event.pk}"
    assert add in browser.get(page_of(event)).text
    answer = browser.send(add, name="Concession", price="8", visits="2")
    assert answer["Location"] == page_of(event)
    with acting_for(studio.id):
        assert PricingOption.objects.get(name="Concession").price == 800
    answer = browser.send(add, name="Concession", price="9")
    assert errors(answer) == {
        "name": ["This event already has a pricing option of this name. Choose another name."]
    }
    assert count(PricingOption, studio) == 2
    assert not fresh(first).is_archived
    browser.press(page_of(first), "archive")
    assert fresh(first).is_archived
    page = browser.get(page_of(first)).text
    assert "This price is archived" in page
    assert "/restore/" in page
    with undone():
        browser.send(add, name=first.name, price="9")
        answer = browser.press(page_of(first), "restore")
        assert "already has a pricing option of this name" in said(answer)[-1]
    answer = browser.press(page_of(first), "restore")
    assert (fresh(first).is_archived, said(answer)[-1]) == (False, f"{first} restored.")
    assert "/restore/" not in browser.get(page_of(first)).text
    home = browser.get("/admin/").text
    assert "/admin/bookings/event/" in home
    assert "/admin/bookings/pricingoption/" not in home, "prices stand in no menu"


def test_an_archived_event_is_read_only(browser: Browser, studio: Company, date: EventDate) -> None:
    browser.press(page_of(date.event), "archive")
    page = browser.get(page_of(date.event)).text
    assert "Add a date" not in page
    assert 'name="_save"' not in page
    assert f"{date.pk}/book/" not in browser.get(page_of(date)).text
    add = f"{ADD.format('eventdate')}?event={date.event.pk}"
    told_once(
        browser,
        add,
        "This event is archived and no longer booked. Restore it, or book another.",
        **DATE,
    )
    assert count(EventDate, studio) == 1


# --- Dates ---


def test_a_date_is_added_by_the_companys_clocks_and_the_next_begins_as_it_was(
    browser: Browser, studio: Company, rival: Company, event: Event, facilitator: Facilitator
) -> None:
    add = f"{ADD.format('eventdate')}?event={event.pk}"
    assert add in browser.get(page_of(event)).text
    answer = browser.send(add, facilitator=str(facilitator.pk), **DATE)
    date = only(EventDate, studio)
    assert answer["Location"] == page_of(event)
    assert (date.starts_at, date.duration, date.capacity) == (NINE, 75, 8)
    for page in (page_of(event), page_of(date)):
        text = browser.get(page).text
        for shown in ("Mon 1 Jun 2099, 09:00–10:15", "Maya", "0 of 8"):
            assert shown in text, (page, shown)
    values = browser.form(add).values
    names = ("duration", "capacity", "facilitator")
    assert [values[name] for name in names] == ["75", "8", str(facilitator.pk)]
    foreign = AnEventDate(company=rival, duration=59).event
    values = browser.form(f"{ADD.format('eventdate')}?event={foreign.pk}").values
    assert "59" not in values.values(), "an event of another company is as good as none"


def test_a_date_is_moved_with_everybody_who_comes(browser: Browser, studio: Company) -> None:
    date = AnEventDate(company=studio, starts_at=NINE)
    place = APlace(company=studio, event_date=date)
    answer = browser.send(ask(date, "move"), starts_at_1="18:30", capacity="4")
    assert answer["Location"] == page_of(date)
    at_half_six = NINE + datetime.timedelta(hours=9, minutes=30)
    assert (fresh(date).starts_at, fresh(date).capacity) == (at_half_six, 4)
    assert fresh(place).starts_at == at_half_six


def test_a_date_that_cannot_be_moved_so_is_told_once(
    browser: Browser, studio: Company, facilitator: Facilitator
) -> None:
    AnAppointment(company=studio, facilitator=facilitator, starts_at=NINE + 3 * HOUR)
    date = AnEventDate(company=studio, starts_at=NINE, facilitator=facilitator)
    APlace(company=studio, event_date=date, spaces=2)
    for field, typed, sentence in (
        ("capacity", "1", "Spaces booked: 2. Spaces asked for: 1."),
        ("capacity", "0", "Ensure this value is greater than or equal to 1."),
        ("duration", "99999", "Ensure this value is less than or equal to 10080."),
        ("starts_at_1", "12:30", f"{facilitator.name} is booked on"),
    ):
        told_once(browser, ask(date, "move"), sentence, **{field: typed})
    after = fresh(date)
    assert (after.starts_at, after.capacity, after.duration) == (NINE, 10, 60)
    assert staff_changes() == []


def test_a_date_is_cancelled_after_it_is_told_what_that_does(
    browser: Browser, studio: Company, customer: Customer, date: EventDate
) -> None:
    assert "Nobody has booked this date." in browser.get(ask(date, "cancel")).text
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
    again = browser.send(ask(date, "cancel"))
    assert again.text.count("This date of the event is cancelled. Book another date.") == 1


# --- Places ---


def test_a_place_is_added_for_a_customer_who_then_stands_in_the_list(
    browser: Browser, studio: Company, customer: Customer, date: EventDate
) -> None:
    answer = browser.send(ask(date, "book"), customer=str(customer.pk), spaces="2")
    assert answer["Location"] == page_of(date)
    place = only(Booking, studio)
    assert (place.spaces, place.total, place.payment_id) == (2, 3_000, None)
    assert only(Transaction, studio).customer_id == customer.pk
    page = browser.get(page_of(date)).text
    for text in ("Zoë Ng", "£30.00", "Unpaid", "2 of 10", "Drop-in"):
        assert text in page, text


def test_a_place_is_paid_with_a_pass_of_the_customer(
    browser: Browser, studio: Company, customer: Customer, date: EventDate
) -> None:
    bought = APass(company=studio, customer=customer, offerings=["Yoga"])
    wrong = APass(company=studio, customer=customer, name="Massages", offerings=["Massage"])
    strange = APass(company=studio, name="Strange")
    page = browser.get(ask(date, "book"), customer=str(customer.pk)).text
    assert "Ten visits: 10 visits left" in page
    assert ("Massages" in page, "Strange" in page) == (False, False)
    fields = {"customer": str(customer.pk)}
    for other in (wrong, strange):
        paid = {"paid_with": f"pass:{other.pk}"}
        told_once(browser, ask(date, "book"), "Select a valid choice.", **fields, **paid)
    assert count(Booking, studio) == 0
    browser.send(ask(date, "book"), **fields, paid_with=f"pass:{bought.pk}")
    assert fresh(bought).balance == 9
    assert "Ten visits" in browser.get(page_of(date)).text


def test_a_refused_place_is_told_once_and_a_full_date_offers_none(
    browser: Browser, studio: Company, customer: Customer
) -> None:
    date, gone = AnEventDate(company=studio, capacity=3), ACustomer(company=studio, archived=True)
    for field, typed, sentence in (
        ("spaces", "4", "Spaces left: "),
        ("spaces", "0", "Ensure this value is greater than or equal to 1."),
        ("customer", "", "This field is required."),
        ("customer", "no-id", "Select a valid choice."),
        ("customer", str(gone.pk), "This customer is archived and cannot be changed."),
        ("notes", "4242424242424242", "This contains a card number"),
    ):
        fields = {"customer": str(customer.pk)} | {field: typed}
        told_once(browser, ask(date, "book"), sentence, **fields)
    assert browser.get(ask(date, "book"), customer="no-id").status_code == 200
    assert count(Booking, studio) == count(Transaction, studio) == 0
    assert staff_changes() == []
    APlace(company=studio, event_date=date, spaces=3)
    page = browser.get(page_of(date)).text
    assert (f"{date.pk}/book/" in page, "Full" in page) == (False, True)


def test_a_place_moves_to_another_date(browser: Browser, studio: Company, event: Event) -> None:
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
