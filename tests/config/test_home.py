"""The home page: every number on it opens a list with the same number of rows."""

import datetime
import re
from dataclasses import replace
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing.actions import cancel_subscription, pause_subscription, refund_payment
from billing.models import Payment
from bookings.models import Booking
from config.access.models import Staff
from config.home import page as home_page
from config.home import tasks as home_tasks
from config.home.agenda import BEGUN, TO_COME
from config.home.models import Tally
from config.home.tasks import tally, tally_companies
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
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
    AService,
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
    """Return the link of each number on the page, its count of rows, and its text."""
    assert page.status_code == 200
    found = NUMBER.findall(page.text)
    assert found
    return [(unescape(one), int(rows), unescape(text)) for one, rows, text in found]


def rows_of(company: Company, listed: Any) -> list[Any]:
    """Return all rows of a list page."""
    with acting_for(company.id):
        return list(listed.context["cl"].queryset.values_list("pk", flat=True))


def shown(page: Any, name: str) -> list[str]:
    """Return the texts of the numbers above a card's chart."""
    found = re.search(rf'<section class="home-card" id="home-{name}".*?</section>', page.text, re.S)
    assert found
    above = re.search(r'<p class="home-numbers">(.*?)</p>', found[0], re.S)
    assert above
    return [unescape(text) for _address, _rows, text in NUMBER.findall(above[1])]


class Busy:
    """A company with rows of every kind that the home page counts."""

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
        noon, facilitator = today_at_noon(), AFacilitator(company=self.company)
        for hours in (-1, 1):
            AnAppointment(**own, starts_at=noon + datetime.timedelta(hours=hours))
        AnAppointment(**own, starts_at=noon, facilitator=facilitator)
        AnAppointment(**own, starts_at=noon, cancelled=True)
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
        ACredit(**own, amount=2_000)
        ACredit(**own, amount=3_000, expires_at=days_ago(-12))
        ACredit(**own, expires_at=days_ago(-29))
        ACredit(**own, expires_at=days_ago(-45))
        ACredit(**own, coupon=ACoupon(company=self.company, percentage=20))
        for act in (None, pause_subscription, cancel_subscription):
            customer = ACustomer(company=self.company)
            subscription = ASubscription(company=self.company, customer=customer)
            if act is not None:
                with acting_for(self.company.id):
                    why = {"reason": "Away"} if act is pause_subscription else {}
                    act(subscription, **why, actor=Actor.command(self.company))

    def lapse(self) -> None:
        for last in (61, 100, 170):
            customer = ACustomer(company=self.company)
            for back in range(3):
                own: dict[str, Any] = {"company": self.company, "customer": customer}
                AnAppointment(**own, starts_at=days_ago(last + back))


@pytest.fixture
def busy(studio: Company) -> Busy:
    return Busy(studio)


def test_every_number_opens_its_list(browser: Browser, busy: Busy, rival: Company) -> None:
    Busy(rival)
    found = numbers(browser.get(HOME))
    assert len(found) > 40
    for address, rows, text in dict.fromkeys(found):
        listed = browser.get(address)
        assert listed.status_code == 200, address
        # A list ignores an unknown filter in its address and shows all rows.
        assert len(rows_of(busy.company, listed)) == rows, (address, rows, text)
    assert {rows for _, rows, _ in found} >= {0, 1, 2, 3}


def test_the_numbers_are_right_and_told_in_words(browser: Browser, busy: Busy) -> None:
    page = browser.get(HOME)
    assert shown(page, "to_pay") == ["0", "£879.00", "0"]
    assert shown(page, "subscriptions") == ["1", "3", "1"]
    assert shown(page, "credits") == ["5", "£50.00", "2", "£30.00"]
    assert shown(page, "lapsing") == ["3"]
    assert shown(page, "new")[0] == "8"
    text = page.text
    assert 'role="img" aria-labelledby="home-curve-title home-curve-text"' in text
    assert re.search(r'<desc id="home-curve-text">By \d+ \w+ £1[05].00 had come in', text)
    assert "Show as a table" in text
    drawn = [one for one in re.findall(r"<svg[^>]*>", text) if "home-" in one]
    assert all("aria-hidden" in one or 'role="img"' in one for one in drawn)
    assert text.count("<caption") == 2
    assert text.count('<table class="home-bars" aria-labelledby="home-') == 4
    tally(busy.company)
    ACredit(company=busy.company, customer=busy.customer, amount=100)
    page = browser.get(HOME)
    assert "Counted on" not in page.text, "a small company is not tallied"
    assert shown(page, "credits")[0] == "6"


def test_money_that_came_in_is_less_refunds(browser: Browser, studio: Company) -> None:
    payment = APayment(company=studio, customer=ACustomer(company=studio), amount=5_000)
    APayment(company=studio, customer=payment.customer, amount=700, status="failed")
    assert shown(browser.get(HOME), "money")[0] == "£50.00"
    with acting_for(studio.id):
        refund_payment(Payment(refunds=payment, amount=2_000), actor=Actor.command(studio))
    assert browser.get(HOME).context["cards"][0].counts["days"].numbers()[0].rows == 2
    APayment(company=studio, customer=payment.customer, amount=4_000, currency="EUR")
    page = browser.get(HOME)
    assert shown(page, "money")[0] == "£30.00"
    assert "In EUR: €40.00 this month, €0.00 last month." in page.text


def test_who_used_to_come_and_stays_away_is_lapsing(browser: Browser, studio: Company) -> None:
    lapsing = set()
    for days, more, is_lapsing in (
        ((59, 70, 80), "", False),
        ((61, 70, 80), "", True),
        ((61, 70), "", False),
        ((178, 300, 400), "", True),
        ((181, 300, 400), "", False),
        ((61, 70, 80, -5), "", False),
        ((61, 70, 80), "archived", False),
        # A cancelled booking is no visit, neither a past nor a recent one.
        ((61, 70), "cancelled", False),
        ((61, 71, 81), "cancelled", True),
    ):
        customer = ACustomer(company=studio)
        own: dict[str, Any] = {"company": studio, "customer": customer}
        for one in days:
            AnAppointment(**own, starts_at=days_ago(one))
        if more == "cancelled":
            AnAppointment(**own, starts_at=days_ago(5), cancelled=True)
        elif more:
            with acting_for(studio.id):
                Customer.objects.filter(pk=customer.pk).update(archived_at=days_ago(0))
        lapsing |= {customer.pk} if is_lapsing else set()
    listed = browser.get("/admin/customers/customer/", lapsing="all")
    assert {*rows_of(studio, listed)} == lapsing
    assert "none to come" in listed.text
    assert shown(browser.get(HOME), "lapsing") == [str(len(lapsing))]


def test_a_new_company_is_told_how_to_begin(browser: Browser) -> None:
    page = browser.get(HOME).text
    for sentence in (
        *("Nothing can be booked yet.", "Add a service", "Add a customer", "No new customers."),
        *("No payments this month or last.", "Create a plan", "Create a coupon"),
    ):
        assert sentence in page


# --- Counts in advance ---


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the limit of every card to one row, so that larger cards are counted in advance."""

    def small(make: Any) -> Any:
        return lambda *args: replace(make(*args), limit=1)

    cards = {small(make): permission for make, permission in home_page.CARDS.items()}
    monkeypatch.setattr(home_page, "CARDS", cards)
    monkeypatch.setattr(home_tasks, "CARDS", cards)


def test_what_is_too_much_is_counted_later_and_shown_with_when_that_was(
    browser: Browser, busy: Busy, large: None, studio: Company
) -> None:
    page = browser.get(HOME)
    assert page.text.count("There is too much to count while you wait.") == 6
    assert page.context["agenda"]["appointments"].rows == 4
    of_an_earlier_release: Any = {"money": [], "new": []}
    now = datetime.datetime.now(datetime.UTC)
    with acting_for(studio.id):
        Tally.objects.create(company_id=studio.id, counted_at=now, figures=of_an_earlier_release)
    assert browser.get(HOME).text.count("There is too much to count") == 6
    tally_companies(timestamp=0)
    page = browser.get(HOME)
    assert page.text.count("Counted on") == 6
    assert shown(page, "credits") == ["5", "£50.00", "2", "£30.00"]
    ACredit(company=studio, customer=busy.customer, amount=100)
    assert shown(browser.get(HOME), "credits")[0] == "5"
    tally(studio)
    assert shown(browser.get(HOME), "credits")[0] == "6"
    assert len(statements(browser, HOME)) <= MOST
    tally(studio, datetime.datetime(2026, 3, 10, 12, tzinfo=datetime.UTC))
    label, ((number, _width), *_others) = browser.get(HOME).context["cards"][2].bars()[-1]
    assert label == "Mar 2026", "what was counted then leads to the days of then"
    assert number.address.endswith("?anchor_date_from=2026-03-01&anchor_date_to=2026-03-10")


# --- Permissions ---


def test_money_is_for_who_sees_payments(studio: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    desk, may = make_staff(studio, email="desk@studio.example"), Staff.has_perm

    def may_not(staff: Staff, permission: str, row: Any = None) -> bool:
        return permission != "billing.view_payment" and may(staff, permission, row)

    monkeypatch.setattr(Staff, "has_perm", may_not)
    page = Browser(desk).get(HOME)
    cards = [one.name for one in page.context["cards"]]
    assert cards == ["to_pay", "subscriptions", "credits", "new", "lapsing"]
    assert "Money in" not in page.text


# --- Today ---


def test_today_is_told_in_the_order_of_time(browser: Browser, busy: Busy) -> None:
    page = browser.get(HOME)
    agenda = page.context["agenda"]
    items = [*agenda["begun"], *agenda["to_come"]]
    rows = [item["row"] for item in items]
    assert [row.starts_at for row in rows] == sorted(row.starts_at for row in rows)
    assert rows.count(busy.date) == 1
    assert {row.cancelled_at is not None for row in rows} == {True, False}
    assert "Event, 1 of 10 spaces taken" in page.text
    assert page.text.count('<tr class="home-off">') == 1
    item = next(one for one in items if not one["row"].cancelled_at and one["buttons"])
    for _label, address in item["buttons"]:
        assert browser.get(address).status_code == 200
    cancelled = next(one for one in items if one["row"].cancelled_at)
    assert not cancelled["buttons"]


def test_as_many_rows_are_shown_as_fit_around_now(browser: Browser, studio: Company) -> None:
    noon, customer, service = today_at_noon(), ACustomer(company=studio), AService(company=studio)
    for minutes in range(-20, 20):
        moment = noon + datetime.timedelta(minutes=minutes)
        AnAppointment(company=studio, customer=customer, service=service, starts_at=moment)
    with acting_for(studio.id):
        rows = Booking.objects.appointments().nearest(noon, 3, 2).order_by("starts_at")
        minutes = [(row.starts_at - noon).total_seconds() / 60 for row in rows]
    assert minutes == [-2, -1, 0, 1, 2]
    agenda = browser.get(HOME).context["agenda"]
    assert len(agenda["begun"]) <= BEGUN
    assert len(agenda["to_come"]) <= TO_COME
    assert agenda["has_earlier"] or agenda["has_later"]
