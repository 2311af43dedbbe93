"""The home page: every number on it opens a list that holds as many rows."""

import datetime
import re
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing.actions import cancel_subscription, pause_subscription, refund_payment
from billing.models import Payment
from config.access.actors import Actor
from config.access.models import Company, Staff
from config.access.tenancy import acting_for
from config.home import figures
from config.home.tallies import tally
from config.home.tasks import tally_companies
from customers.models import Customer
from tests.backoffice import Browser
from tests.factories import (
    ACoupon,
    ACredit,
    ACustomer,
    AFacilitator,
    AnAppointment,
    AnEventDate,
    APayment,
    APlace,
    ASubscription,
    make_staff,
)
from tests.statements import MOST, statements

HOME = "/admin/"
NUMBER = re.compile(r'<a class="home-number" href="([^"]+)" data-rows="(\d+)">([^<]*)</a>')


def today_at_noon() -> datetime.datetime:
    return datetime.datetime.now(ZoneInfo("Europe/London")).replace(
        hour=12, minute=0, second=0, microsecond=0
    )


def days_ago(days: int) -> datetime.datetime:
    return today_at_noon() - datetime.timedelta(days=days)


def numbers(page: Any) -> list[tuple[str, int, str]]:
    """Return where each number of the page leads, how many rows it counts, and how it is read."""
    assert page.status_code == 200
    found = NUMBER.findall(page.text)
    assert found
    return [(unescape(one), int(rows), unescape(text)) for one, rows, text in found]


def rows_of(company: Company, listed: Any) -> list[Any]:
    """Return all the rows of a list that was opened."""
    with acting_for(company.id):
        return list(listed.context["cl"].queryset.values_list("pk", flat=True))


def card(page: Any, name: str) -> Any:
    return next(one for one in page.context["cards"] if one.name == name)


def read(page: Any, name: str) -> list[str]:
    """Return the numbers of a card as they are read."""
    return [str(number) for number in card(page, name).numbers]


class Busy:
    """A company with some of everything that the home page counts."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.customer = ACustomer(company=company)
        self.coming = ACustomer(company=company)
        self.date = AnEventDate(company=company, starts_at=today_at_noon())
        self.grow(1)

    def grow(self, times: int) -> None:
        for _ in range(times):
            self.book()
            self.pay()
            self.hold()
            self.lapse()

    def book(self) -> None:
        own: dict[str, Any] = {"company": self.company, "customer": self.coming}
        for hours in (-1, 1):
            AnAppointment(**own, starts_at=today_at_noon() + datetime.timedelta(hours=hours))
        AnAppointment(
            **own, starts_at=today_at_noon(), facilitator=AFacilitator(company=self.company)
        )
        AnAppointment(**own, starts_at=today_at_noon(), cancelled=True)
        APlace(**own, event_date=self.date)

    def pay(self) -> None:
        own: dict[str, Any] = {"company": self.company, "customer": self.customer}
        APayment(**own, amount=1_000)
        APayment(**own, amount=900, status="failed")
        APayment(**own, amount=500, taken_at=days_ago(20))
        APayment(**own, amount=700, taken_at=days_ago(31))
        APayment(**own, amount=100, taken_at=days_ago(90))

    def hold(self) -> None:
        own: dict[str, Any] = {"company": self.company, "customer": self.customer}
        today = today_at_noon().date()
        ACredit(**own, amount=2_000)
        ACredit(**own, amount=3_000, expiry_date=today + datetime.timedelta(days=12))
        ACredit(**own, expiry_date=today + datetime.timedelta(days=29))
        ACredit(**own, expiry_date=today + datetime.timedelta(days=45))
        ACredit(**own, coupon=ACoupon(company=self.company, percentage=20))
        for act in (None, pause_subscription, cancel_subscription):
            customer = ACustomer(company=self.company)
            subscription = ASubscription(company=self.company, customer=customer)
            if act is not None:
                with acting_for(self.company.id):
                    act(subscription, actor=Actor.command(self.company))

    def lapse(self) -> None:
        for last in (61, 100, 170):
            customer = ACustomer(company=self.company)
            for back in range(3):
                AnAppointment(
                    company=self.company, customer=customer, starts_at=days_ago(last + back)
                )


@pytest.fixture
def busy(studio: Company) -> Busy:
    return Busy(studio)


def test_every_number_opens_the_list_that_it_counts(
    browser: Browser, busy: Busy, rival: Company
) -> None:
    Busy(rival)
    found = numbers(browser.get(HOME))
    assert len(found) > 40
    for address, rows, text in dict.fromkeys(found):
        listed = browser.get(address)
        assert listed.status_code == 200, address
        # An address that a list does not take is answered by the list without any filter.
        assert len(rows_of(busy.company, listed)) == rows, (address, rows, text)
    assert {rows for _, rows, _ in found} >= {0, 1, 2, 3}


def test_the_numbers_are_those_of_what_there_is(browser: Browser, busy: Busy) -> None:
    page = browser.get(HOME)
    assert read(page, "subscriptions") == ["1", "3", "1"]
    assert read(page, "credits") == ["5", "£50.00", "2", "£30.00"]
    assert read(page, "lapsing") == ["3"]
    assert read(page, "new")[0] == str(8)


def test_a_refund_lowers_what_came_in_and_a_failed_payment_does_not_raise_it(
    browser: Browser, studio: Company
) -> None:
    payment = APayment(company=studio, customer=ACustomer(company=studio), amount=5_000)
    APayment(company=studio, customer=payment.customer, amount=700, status="failed")
    assert read(browser.get(HOME), "money")[0] == "£50.00"
    with acting_for(studio.id):
        refund_payment(Payment(refunds=payment, amount=2_000), actor=Actor.command(studio))
    page = browser.get(HOME)
    assert read(page, "money")[0] == "£30.00"
    assert card(page, "money").numbers[0].rows == 2


def test_money_of_another_currency_is_told_apart(browser: Browser, studio: Company) -> None:
    APayment(company=studio, customer=ACustomer(company=studio), amount=5_000, currency="EUR")
    page = browser.get(HOME)
    assert read(page, "money")[0] == "£0.00"
    assert "In EUR besides: €50.00 this month, €0.00 in all of the last." in page.text


@pytest.mark.parametrize(
    ("days", "more", "is_lapsing"),
    [
        ((59, 70, 80), {}, False),
        ((61, 70, 80), {}, True),
        ((61, 70), {}, False),
        ((178, 300, 400), {}, True),
        ((181, 300, 400), {}, False),
        ((61, 70, 80, -5), {}, False),
        ((61, 70, 80), {"archived": True}, False),
    ],
)
def test_who_used_to_come_and_stays_away_is_lapsing(
    browser: Browser, studio: Company, days: Any, more: Any, is_lapsing: bool
) -> None:
    customer = ACustomer(company=studio)
    for one in days:
        AnAppointment(company=studio, customer=customer, starts_at=days_ago(one))
    if more:
        with acting_for(studio.id):
            Customer.objects.filter(pk=customer.pk).update(archived_at=days_ago(0))
    assert read(browser.get(HOME), "lapsing") == [str(int(is_lapsing))]


def test_a_cancelled_booking_neither_makes_nor_saves_somebody_who_is_lapsing(
    browser: Browser, studio: Company
) -> None:
    two, three = ACustomer(company=studio), ACustomer(company=studio)
    for customer, days in ((two, (61, 70)), (three, (61, 70, 80))):
        for one in days:
            AnAppointment(company=studio, customer=customer, starts_at=days_ago(one))
        AnAppointment(company=studio, customer=customer, starts_at=days_ago(5), cancelled=True)
    listed = browser.get("/admin/customers/customer/", lapsing="all")
    assert rows_of(studio, listed) == [three.pk]
    assert "none to come" in listed.text


def test_another_company_counts_for_nothing(
    browser: Browser, studio: Company, rival: Company
) -> None:
    Busy(rival)
    assert {rows for _, rows, _ in numbers(browser.get(HOME))} == {0}


def test_a_new_company_is_told_how_to_begin(browser: Browser) -> None:
    page = browser.get(HOME).text
    for sentence in (
        "Nothing can be booked yet.",
        "Add a service",
        "Add a customer",
        "Nothing was taken this month or last.",
        "Begin with a plan",
        "Begin with a coupon",
        "Nobody is new.",
    ):
        assert sentence in page


# --- What a page costs, and what is counted beforehand ---


def test_the_page_takes_few_statements_and_as_many_for_many_rows(
    browser: Browser, busy: Busy
) -> None:
    statements(browser, HOME)
    few = statements(browser, HOME)
    busy.grow(2)
    assert len(statements(browser, HOME)) == len(few) <= MOST


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has a row is too much to count while somebody waits."""
    small = {
        name: figures.Figure(one.needs, one.through, one.counts, one.most and 1)
        for name, one in figures.FIGURES.items()
    }
    for name, figure in small.items():
        monkeypatch.setitem(figures.FIGURES, name, figure)


def test_what_is_too_much_is_said_to_be_counted_later(
    browser: Browser, busy: Busy, large: None
) -> None:
    page = browser.get(HOME)
    assert page.text.count("There is too much here to count while you wait.") == 5
    assert page.context["agenda"].numbers[0].rows == 4


def test_what_was_counted_before_is_shown_with_when_that_was(
    browser: Browser, busy: Busy, large: None, studio: Company
) -> None:
    tally_companies(timestamp=0)
    page = browser.get(HOME)
    assert page.text.count("As counted on") == 5
    assert read(page, "credits") == ["5", "£50.00", "2", "£30.00"]
    ACredit(company=studio, customer=busy.customer, amount=100)
    assert read(browser.get(HOME), "credits")[0] == "5"
    tally(studio)
    assert read(browser.get(HOME), "credits")[0] == "6"
    assert len(statements(browser, HOME)) <= MOST


def test_what_was_counted_yesterday_leads_to_the_days_of_yesterday(
    browser: Browser, busy: Busy, large: None, studio: Company
) -> None:
    before = datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC)
    tally(studio, before)
    latest = card(browser.get(HOME), "subscriptions").bars[-1]
    assert latest.label == "Mar 2026"
    assert latest.numbers[0].address.endswith(
        "?anchor_date_from=2026-03-01&anchor_date_to=2026-03-10"
    )


def test_small_companies_are_not_tallied(browser: Browser, busy: Busy, studio: Company) -> None:
    tally(studio)
    page = browser.get(HOME)
    assert "As counted on" not in page.text
    ACredit(company=studio, customer=busy.customer, amount=100)
    assert read(browser.get(HOME), "credits")[0] == "6"


# --- Who sees what ---


def test_money_is_for_those_who_may_see_payments(
    studio: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_staff(studio, email="desk@studio.example")
    may = Staff.has_perm
    monkeypatch.setattr(
        Staff,
        "has_perm",
        lambda self, perm, obj=None: perm != "billing.view_payment" and may(self, perm, obj),
    )
    page = Browser(desk).get(HOME)
    assert page.status_code == 200
    assert [one.name for one in page.context["cards"]] == [
        "subscriptions",
        "credits",
        "new",
        "lapsing",
    ]
    assert "Money in" not in page.text


# --- Today ---


def test_today_shows_what_is_on_in_the_order_of_time(browser: Browser, busy: Busy) -> None:
    shown = browser.get(HOME).context["agenda"]
    items = [*shown.begun, *shown.to_come]
    assert [item.starts_at for item in items] == sorted(item.starts_at for item in items)
    assert [item.name for item in items].count("Yoga") == 1
    event = next(item for item in items if item.name == "Yoga")
    assert event.detail == "Event, 1 of 10 spaces taken"
    assert {item.is_off for item in items} == {True, False}


def test_what_is_to_be_done_leads_to_its_question(browser: Browser, busy: Busy) -> None:
    page = browser.get(HOME)
    shown = page.context["agenda"]
    item = next(one for one in [*shown.begun, *shown.to_come] if not one.is_off and one.doings)
    for _label, address in item.doings:
        assert browser.get(address).status_code == 200
    cancelled = next(one for one in [*shown.begun, *shown.to_come] if one.is_off)
    assert not cancelled.doings


def test_the_plots_are_told_in_words(browser: Browser, busy: Busy) -> None:
    page = browser.get(HOME).text
    assert 'role="img" aria-labelledby="home-curve-title home-curve-text"' in page
    assert re.search(r'<desc id="home-curve-text">By \d+ \w+ £1[05].00 had come in', page)
    assert "The same as a table" in page
    drawn = re.findall(r"<svg[^>]*>", page)
    home = [one for one in drawn if "home-" in one]
    assert all("aria-hidden" in one or 'role="img"' in one for one in home)
    assert page.count("<caption") >= 6
