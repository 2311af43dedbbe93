"""A studio on a started server, and its staff in a browser, for tests of the back-office."""

import datetime
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

import requests
from playwright.sync_api import expect

from tests.servers import Server
from tests.visiting import Visitor, visiting

LONDON = ZoneInfo("Europe/London")
STAFF = {
    "front_desk": "noor@studio.example",
    "manager": "kim@studio.example",
    "owner": "olive@studio.example",
}
# The roles that run each test.
PLAYERS = ("front_desk", "manager")


class Studio:
    """A company on a started server: its staff, and an API key that creates a test's rows."""

    def __init__(self, server: Server) -> None:
        self.server, self.numbers = server, itertools.count()
        work = ("--company", "studio")
        _, *staff, key = server.run_all(
            ("create_company", "Studio Nine", "--slug", "studio", "--timezone", str(LONDON)),
            *(("create_staff", email, *work, "--role", role) for role, email in STAFF.items()),
            ("create_api_key", *work, "--name", "Till", "--scopes", "*"),
        )
        self.passwords = {role: made["password"] for role, made in zip(STAFF, staff, strict=True)}
        self.headers = {"X-API-Key": key["key"]}

    @contextmanager
    def at_work(self, role: str) -> Iterator[Visitor]:
        """Sign in as a staff member with this role, and open the home page."""
        with visiting(self.server.url) as visitor:
            visitor.open("/admin/")
            visitor.give_password(STAFF[role], self.passwords[role])
            expect(visitor.page.get_by_text("Today,")).to_be_visible()
            yield visitor

    def decide(self, **fields: Any) -> None:
        """Set columns of the company, such as its rules and limits."""
        columns = ", ".join(f"{name} = %s" for name in fields)
        with self.server.owner(autocommit=True) as owner:
            owner.execute(f"UPDATE access_company SET {columns}", [*fields.values()])

    def make(self, what: str, **fields: Any) -> Any:
        url = f"{self.server.url}/v1/{what}"
        answer = requests.post(url, json=fields, headers=self.headers, timeout=30)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def read(self, path: str) -> Any:
        url = f"{self.server.url}/v1/{path}"
        answer = requests.get(url, headers=self.headers, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def customer(self, first: str = "Zoë", last: str = "Ng") -> str:
        mail = f"customer{next(self.numbers)}@mail.example"
        return self.make("customers", first_name=first, last_name=last, email=mail)["id"]

    def invoice(self, customer: str, amount: int) -> Any:
        line = {"description": "Ten visits", "quantity": 1, "unit_price": amount}
        return self.make("invoices", customer_id=customer, line_items=[line])

    def make_class(self, name: str, starts_at: datetime.datetime) -> str:
        """Create an event with one date, and return the date's id."""
        option = {"name": "Drop-in", "price": 1_500}
        event = self.make("events", name=name, pricing_options=[option])
        when = starts_at.isoformat(timespec="seconds")
        date = {"starts_at": when, "duration_minutes": 60, "capacity": 12}
        return self.make(f"events/{event['id']}/dates", **date)["id"]


def open_customer(visitor: Visitor, customer: str) -> None:
    visitor.open(f"/admin/customers/customer/{customer.removeprefix('cust_')}/change/")


def do(visitor: Visitor, what: str) -> None:
    """Click an action on a customer's page."""
    doings = visitor.page.get_by_role("navigation", name="What you can do")
    doings.get_by_role("link", name=what).click()


def do_to_row(visitor: Visitor, what: str) -> None:
    """Click an action on the page of any other row."""
    doings = visitor.page.get_by_role("group", name="What you can do")
    doings.get_by_role("link", name=what).click()


def type_over(visitor: Visitor, label: str, text: str) -> None:
    """Click a field and replace its text; from there the Tab key reaches the next fields."""
    visitor.page.get_by_label(label).click()
    visitor.page.keyboard.press("Control+A")
    visitor.page.keyboard.type(text)
