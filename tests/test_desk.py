"""The desk in a real browser: ten people ticked off, two classes booked, a pause of six weeks.

Each page on the way is looked over, as in test_front_desk.
"""

import datetime
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests
from playwright.sync_api import expect

from tests.servers import Server, started
from tests.visiting import NEEDS_CHROMIUM, Visitor, visiting

pytestmark = NEEDS_CHROMIUM
DESK = "noor@studio.example"
LONDON = ZoneInfo("Europe/London")
GUESTS = 10


class Studio:
    """A studio with a class that has begun, ten people at it, and a member with a plan."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.run("create_company", "Studio Nine", "--slug", "studio", "--timezone", str(LONDON))
        work = ("--company", "studio")
        made = server.run("create_staff", DESK, *work, "--role", "front_desk")
        self.password = made["password"]
        key = server.run("create_api_key", *work, "--name", "Till", "--scopes", "*")
        self.headers = {"X-API-Key": key["key"]}
        now = datetime.datetime.now(LONDON)
        self.running = self.make_class("Yoga", now - datetime.timedelta(minutes=1))
        guests = [self.make_customer(f"Guest {number}", "Lee") for number in range(GUESTS)]
        for guest in guests:
            self.book(guest, self.running)
        self.zoe = self.make_customer("Zoë", "Ng")
        for days, name in ((1, "Pilates"), (2, "Barre")):
            self.make_class(name, now + datetime.timedelta(days=days))
        product = self.make("pass-products", name="Ten classes", visits=10, price=12_000)
        self.make(f"customers/{self.zoe}/passes", pass_product_id=product["id"])
        plan = self.make("plans", name="Gold", price=4_500, billing_period="P1M")
        self.make(f"customers/{self.zoe}/subscriptions", plan_id=plan["id"])

    def make(self, what: str, **fields: Any) -> Any:
        url = f"{self.server.url}/v1/{what}"
        answer = requests.post(url, json=fields, headers=self.headers, timeout=30)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def make_customer(self, first: str, last: str) -> str:
        mail = f"{first}.{last}@mail.example".replace(" ", "").replace("ë", "e")
        return self.make("customers", first_name=first, last_name=last, email=mail)["id"]

    def make_class(self, name: str, starts_at: datetime.datetime) -> str:
        """Make an event with a date, and return the date's id."""
        option = {"name": "Drop-in", "price": 1_500}
        event = self.make("events", name=name, pricing_options=[option])
        when = starts_at.isoformat(timespec="seconds")
        date = {"starts_at": when, "duration_minutes": 60, "capacity": 12}
        return self.make(f"events/{event['id']}/dates", **date)["id"]

    def book(self, customer: str, date: str) -> None:
        self.make("bookings", customer_id=customer, event_date_id=date)

    def read(self, path: str) -> Any:
        url = f"{self.server.url}/v1/{path}"
        return requests.get(url, headers=self.headers, timeout=30).json()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("desk") / "data"
    with started(data, "--no-demo", "--workers", "1") as server:
        yield Studio(server)


@pytest.fixture
def desk(studio: Studio) -> Iterator[Visitor]:
    """Front desk, signed in and on the home page."""
    with visiting(studio.server.url) as visitor:
        visitor.open("/admin/")
        visitor.give_password(DESK, studio.password)
        expect(visitor.page.get_by_text("Today,")).to_be_visible()
        yield visitor


@pytest.mark.long
def test_ten_people_are_ticked_off_in_ten_clicks(studio: Studio, desk: Visitor) -> None:
    page = desk.page
    desk.look_over("home-with-roster")
    roster = page.get_by_role("region", name="Yoga")
    expect(roster.get_by_text(f"0 of {GUESTS} here")).to_be_visible()
    for number in range(GUESTS - 1):
        roster.get_by_role("button", name=f"Here: Guest {number} Lee").click()
        expect(roster.get_by_text(f"{number + 1} of {GUESTS} here")).to_be_visible()
    roster.get_by_role("button", name=f"Did not come: Guest {GUESTS - 1} Lee").click()
    expect(roster.get_by_role("button", name="Undo")).to_have_count(GUESTS)
    desk.look_over("home-ticked-off")
    every = [one["status"] for one in studio.read("bookings?per_page=50")["data"]]
    statuses = sorted(status for status in every if status != "confirmed")
    assert statuses == ["completed"] * (GUESTS - 1) + ["no_show"]
    # On the page of the class the one who came after all is put right.
    roster.get_by_role("link", name="Yoga").click()
    desk.look_over("roster")
    page.get_by_role("button", name=f"Undo: Guest {GUESTS - 1} Lee").click()
    page.get_by_role("button", name=f"Here: Guest {GUESTS - 1} Lee").click()
    expect(page.get_by_text(f"{GUESTS} of {GUESTS} here")).to_be_visible()


@pytest.mark.long
def test_two_classes_are_booked_from_the_customers_page(studio: Studio, desk: Visitor) -> None:
    page = desk.page
    desk.open(f"/admin/customers/customer/{_bare(studio.zoe)}/change/")
    doings = page.get_by_role("navigation", name="What you can do")
    doings.get_by_role("link", name="Book").click()
    desk.look_over("book-classes")
    page.get_by_label("Pilates").first.check()
    page.get_by_label("Barre").first.check()
    page.get_by_label("Barre").last.select_option(label="Card")
    page.get_by_role("button", name="Book").click()
    expect(page.get_by_text("2 classes booked: Pilates")).to_be_visible()
    desk.look_over("customer-with-classes")
    bookings = studio.read(f"customers/{studio.zoe}/bookings")["data"]
    assert {one["payment_status"] for one in bookings} == {"paid"}
    desk.open(f"/admin/bookings/booking/add/?customer={_bare(studio.zoe)}")
    page.get_by_role("navigation", name="What to book").get_by_text("Classes").click()
    expect(page.get_by_text("Booked already")).to_have_count(2)


@pytest.mark.long
def test_a_subscription_is_paused_for_six_weeks(studio: Studio, desk: Visitor) -> None:
    page = desk.page
    desk.open(f"/admin/customers/customer/{_bare(studio.zoe)}/change/")
    page.get_by_role("table", name="Subscriptions").get_by_role("link", name="Gold").click()
    page.get_by_role("link", name="Pause").click()
    desk.look_over("pause")
    page.get_by_label("Pause for").select_option(label="6 weeks")
    page.get_by_label("Reason").fill("A broken ankle")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("A broken ankle")).to_be_visible()
    desk.look_over("paused")
    (one,) = studio.read(f"customers/{studio.zoe}/subscriptions")["data"]
    until = datetime.datetime.now(LONDON).date() + datetime.timedelta(weeks=6)
    found = (one["status"], one["resumes_on"], one["pause_reason"])
    assert found == ("paused", until.isoformat(), "A broken ankle")


def _bare(id: str) -> str:
    return id.removeprefix("cust_")
