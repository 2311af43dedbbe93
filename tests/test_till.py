"""The till in a real browser: sell a pass in four clicks, pay an invoice by two means.

The tests check each page for accessibility and layout, as test_front_desk does.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.servers import Server, started
from tests.studios import PLAYERS, Studio, do, do_to_row, open_customer
from tests.visiting import NEEDS_CHROMIUM, Visitor

pytestmark = NEEDS_CHROMIUM


class Shop(Studio):
    """A studio with a pass, a plan and a video for sale."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        self.make("pass-products", name="Ten classes", visits=10, price=12_000)
        self.make("plans", name="Gold", price=4_500, billing_period="P1M")
        self.make("media", name="Morning stretch", price=900)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    data = tmp_path_factory.mktemp("till") / "data"
    with started(data, "--no-demo", "--workers", "1") as server:
        yield Shop(server)


@pytest.fixture(params=PLAYERS)
def visitor(request: pytest.FixtureRequest, shop: Shop) -> Iterator[Visitor]:
    """A browser in which front desk or a manager is signed in."""
    with shop.at_work(request.param) as visitor:
        yield visitor


@pytest.mark.long
def test_a_pass_is_sold_for_cash_in_four_clicks(shop: Shop, visitor: Visitor) -> None:
    page, customer = visitor.page, shop.customer()
    open_customer(visitor, customer)
    with visitor.clicking(most=4):
        do(visitor, "Till")
        page.get_by_label("Ten classes").click()
        expect(page.get_by_text("It comes to £120.00")).to_be_visible()
        page.get_by_label("Cash").click()
        page.get_by_role("button", name="Record").click()
    expect(page.get_by_text("Ten classes: paid.")).to_be_visible()
    visitor.look_over("customer-with-pass")
    (invoice,) = shop.read(f"customers/{customer}/invoices")["data"]
    assert (invoice["status"], invoice["total"], invoice["amount_paid"]) == ("paid", 12_000, 12_000)
    (bought,) = shop.read(f"customers/{customer}/passes")["data"]
    assert bought["visits_left"] == 10


@pytest.mark.long
def test_an_invoice_is_paid_half_in_cash_and_half_by_card(shop: Shop, visitor: Visitor) -> None:
    page, customer = visitor.page, shop.customer()
    invoice = shop.invoice(customer, 10_000)
    open_customer(visitor, customer)
    page.get_by_role("link", name=invoice["number"], exact=True).click()
    do_to_row(visitor, "Till")
    expect(page.get_by_label(invoice["number"])).to_be_checked()
    expect(page.get_by_text("It comes to £100.00")).to_be_visible()
    page.get_by_label("Cash").check()
    page.get_by_text("In parts, by several means").click()
    page.get_by_label("Amount", exact=True).fill("50.00")
    page.get_by_label("And with").first.select_option(label="Card")
    visitor.look_over("till-in-parts")
    page.get_by_role("button", name="Record").click()
    expect(page.get_by_text(f"{invoice['number']}: paid.")).to_be_visible()
    visitor.look_over("customer-who-paid")
    payments = shop.read(f"invoices/{invoice['id']}/payments")["data"]
    parts = {(one["method"], one["amount"]) for one in payments}
    assert parts == {("cash", 5_000), ("card", 5_000)}


@pytest.mark.long
def test_the_till_is_looked_over(shop: Shop, visitor: Visitor) -> None:
    key = shop.customer().removeprefix("cust_")
    visitor.open(f"/admin/customers/customer/{key}/till/")
    visitor.look_over("till")
    visitor.page.get_by_role("button", name="Record").click()
    expect(visitor.page.get_by_text("Tick what is sold or paid.")).to_be_visible()
    visitor.look_over("till-refused")
