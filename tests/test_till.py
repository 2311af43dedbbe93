"""The till in a real browser: a pass that is sold in four clicks, an invoice paid by two means.

Each page on the way is looked over, as in test_front_desk.
"""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from tests.servers import Server, started
from tests.visiting import NEEDS_CHROMIUM, Visitor, visiting

pytestmark = NEEDS_CHROMIUM
STAFF = {"front_desk": "noor@studio.example", "manager": "kim@studio.example"}


class Studio:
    """A studio with passes, plans and a video for sale, and a customer who owes an invoice."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.run("create_company", "Studio Nine", "--slug", "studio", "--country", "GB")
        work = ("--company", "studio")
        self.passwords = {
            role: server.run("create_staff", email, *work, "--role", role)["password"]
            for role, email in STAFF.items()
        }
        key = server.run("create_api_key", *work, "--name", "Till", "--scopes", "*")
        self.headers = {"X-API-Key": key["key"]}
        self.make("pass-products", name="Ten classes", visits=10, price=12_000)
        self.make("plans", name="Gold", price=4_500, billing_period="P1M")
        self.make("media", name="Morning stretch", price=900)

    def make(self, what: str, **fields: Any) -> Any:
        url = f"{self.server.url}/v1/{what}"
        answer = requests.post(url, json=fields, headers=self.headers, timeout=30)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def customer(self, role: str) -> str:
        mail = f"zoe.{role}@mail.example"
        return self.make("customers", first_name="Zoë", last_name="Ng", email=mail)["id"]

    def read(self, path: str) -> Any:
        url = f"{self.server.url}/v1/{path}"
        return requests.get(url, headers=self.headers, timeout=30).json()


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    data = tmp_path_factory.mktemp("till") / "data"
    with started(data, "--no-demo", "--workers", "1") as server:
        yield Studio(server)


@pytest.fixture(params=STAFF)
def staff(request: pytest.FixtureRequest, studio: Studio) -> Iterator[tuple[str, Visitor]]:
    """Front desk or a manager, signed in."""
    role = request.param
    with visiting(studio.server.url) as visitor:
        visitor.open("/admin/")
        visitor.give_password(STAFF[role], studio.passwords[role])
        expect(visitor.page.get_by_text("Today,")).to_be_visible()
        yield role, visitor


def open_customer(visitor: Visitor, customer: str) -> None:
    visitor.open(f"/admin/customers/customer/{customer.removeprefix('cust_')}/change/")


@pytest.mark.long
def test_a_pass_is_sold_for_cash_in_four_clicks(studio: Studio, staff: tuple[str, Visitor]) -> None:
    role, visitor = staff
    page, customer = visitor.page, studio.customer(role)
    open_customer(visitor, customer)
    page.get_by_role("navigation", name="What you can do").get_by_role("link", name="Till").click()
    page.get_by_label("Ten classes").click()
    expect(page.get_by_text("It comes to £120.00")).to_be_visible()
    page.get_by_label("Cash").click()
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text("Ten classes: paid.")).to_be_visible()
    (invoice,) = studio.read(f"customers/{customer}/invoices")["data"]
    assert (invoice["status"], invoice["total"], invoice["amount_paid"]) == ("paid", 12_000, 12_000)
    (bought,) = studio.read(f"customers/{customer}/passes")["data"]
    assert bought["visits_left"] == 10


@pytest.mark.long
def test_an_invoice_is_paid_half_in_cash_and_half_by_card(
    studio: Studio, staff: tuple[str, Visitor]
) -> None:
    role, visitor = staff
    page, customer = visitor.page, studio.customer(f"half.{role}")
    line = {"description": "Ten visits", "quantity": 1, "unit_price": 10_000}
    invoice = studio.make("invoices", customer_id=customer, line_items=[line])
    open_customer(visitor, customer)
    page.get_by_role("link", name=invoice["number"], exact=True).click()
    doings = page.get_by_role("group", name="What you can do")
    doings.get_by_role("link", name="Till").click()
    expect(page.get_by_label(invoice["number"])).to_be_checked()
    expect(page.get_by_text("It comes to £100.00")).to_be_visible()
    page.get_by_label("Cash").check()
    page.get_by_text("In parts, by several means").click()
    page.get_by_label("Amount", exact=True).fill("50.00")
    page.get_by_label("And with").first.select_option(label="Card")
    visitor.look_over("till-in-parts")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text(f"{invoice['number']}: paid.")).to_be_visible()
    payments = studio.read(f"invoices/{invoice['id']}/payments")["data"]
    assert {(one["method"], one["amount"]) for one in payments} == {
        ("cash", 5_000),
        ("card", 5_000),
    }


@pytest.mark.long
def test_the_till_is_looked_over(studio: Studio, staff: tuple[str, Visitor]) -> None:
    role, visitor = staff
    customer = studio.customer(f"look.{role}")
    key = customer.removeprefix("cust_")
    visitor.open(f"/admin/customers/customer/{key}/till/")
    visitor.look_over("till")
    visitor.page.get_by_role("button", name="Record").click()
    expect(visitor.page.get_by_text("Tick what is sold or paid.")).to_be_visible()
    visitor.look_over("till-refused")
