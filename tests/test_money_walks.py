"""Refunds, goodwill and late cancellations in a real browser.

The tests check each page for accessibility and layout, as test_front_desk does.
"""

import datetime
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.servers import started
from tests.studios import LONDON, PLAYERS, Studio, do, do_to_row, open_customer, type_over
from tests.visiting import NEEDS_CHROMIUM, Visitor

pytestmark = NEEDS_CHROMIUM


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    """A studio with a late-cancellation fee of 10.00; front desk may give goodwill up to 20.00."""
    data = tmp_path_factory.mktemp("money") / "data"
    with started(data, "--no-demo", "--workers", "1") as server:
        studio = Studio(server)
        fee = {"late_cancellation_hours": 24, "late_cancellation_fee": 1_000}
        studio.decide(credit_limit=2_000, late_cancellation_keeps="fee", **fee)
        yield studio


@pytest.fixture(params=PLAYERS)
def visitor(request: pytest.FixtureRequest, studio: Studio) -> Iterator[Visitor]:
    """A browser in which front desk or a manager is signed in."""
    with studio.at_work(request.param) as visitor:
        yield visitor


@pytest.mark.long
def test_a_part_of_a_payment_is_given_back_in_four_clicks(studio: Studio, visitor: Visitor) -> None:
    page, customer = visitor.page, studio.customer()
    invoice = studio.invoice(customer, 10_000)
    studio.make(f"invoices/{invoice['id']}/payments", amount=10_000, method="card")
    open_customer(visitor, customer)
    with visitor.clicking(most=4):
        page.get_by_label("Timeline").get_by_role("link", name="Paid by card").click()
        do_to_row(visitor, "Refund")
        visitor.look_over("refund")
        type_over(visitor, "Amount", "25.00")
        page.get_by_label("Reason").fill("Two classes were full.")
        page.get_by_role("button", name="Refund").click()
    expect(page.get_by_text("£25.00 given back: credit note")).to_be_visible()
    visitor.look_over("customer-with-refund")
    (note,) = studio.read(f"credit-notes?customer_id={customer}")["data"]
    assert (note["total"], note["invoice_id"]) == (2_500, invoice["id"])
    spent = studio.read(f"customers/{customer}")["stats"]["total_spent"]
    assert spent == 7_500


def give_goodwill(visitor: Visitor, customer: str, amount: str) -> None:
    open_customer(visitor, customer)
    with visitor.clicking(most=3):
        do(visitor, "Give goodwill")
        visitor.look_over("goodwill")
        type_over(visitor, "Amount", amount)
        visitor.page.get_by_label("Reason").fill("The heating was off.")
        visitor.page.get_by_role("button", name="Give goodwill").click()


def credits_of(studio: Studio, customer: str) -> list[int]:
    return [one["balance"] for one in studio.read(f"customers/{customer}/credits")["data"]]


@pytest.mark.long
def test_goodwill_within_the_limit_is_given_in_three_clicks(
    studio: Studio, visitor: Visitor
) -> None:
    customer = studio.customer()
    give_goodwill(visitor, customer, "15.00")
    expect(visitor.page.get_by_text("£15.00 (Zoë Ng): given.")).to_be_visible()
    visitor.look_over("customer-with-goodwill")
    assert credits_of(studio, customer) == [1_500]


@pytest.mark.long
def test_goodwill_above_the_limit_waits_for_a_manager_or_an_owner(studio: Studio) -> None:
    approved, refused = studio.customer(last="Approved"), studio.customer(last="Refused")
    with studio.at_work("front_desk") as desk:
        for customer, amount in ((approved, "45.00"), (refused, "55.00")):
            give_goodwill(desk, customer, amount)
            told = "asked for. An owner or a manager decides on it."
            expect(desk.page.get_by_text(told)).to_be_visible()
            assert credits_of(studio, customer) == []
        desk.look_over("goodwill-asked-for")
        desk.open("/admin/")
        expect(desk.page.get_by_text("Goodwill to approve")).to_have_count(0)
    with studio.at_work("manager") as manager:
        manager.look_over("home-with-goodwill")
        decide(manager, "Approve", "£45.00 (Zoë Approved)")
        expect(manager.page.get_by_text("£45.00 (Zoë Approved) approved.")).to_be_visible()
        assert credits_of(studio, approved) == [4_500]
    with studio.at_work("owner") as owner:
        decide(owner, "Refuse", "£55.00 (Zoë Refused)", reason="Once a year is enough.")
        expect(owner.page.get_by_text("£55.00 (Zoë Refused) refused.")).to_be_visible()
        owner.look_over("goodwill-refused")
        assert credits_of(studio, refused) == []


def decide(visitor: Visitor, how: str, goodwill: str, reason: str = "") -> None:
    """Approve or decline (`how`) goodwill that waits on the home page."""
    page = visitor.page
    waiting = page.get_by_role("region", name="Goodwill to approve")
    waiting.get_by_role("link", name=re.compile(f"{how}.*{re.escape(goodwill)}")).click()
    visitor.look_over(f"goodwill-{how.lower()}")
    if reason:
        page.get_by_label("Reason").fill(reason)
    page.get_by_role("button", name=how).click()


@pytest.mark.long
def test_a_manager_gives_goodwill_above_the_limit_of_front_desk_at_once(studio: Studio) -> None:
    customer = studio.customer()
    with studio.at_work("manager") as manager:
        give_goodwill(manager, customer, "60.00")
        expect(manager.page.get_by_text("£60.00 (Zoë Ng): given.")).to_be_visible()
    assert credits_of(studio, customer) == [6_000]


@pytest.mark.long
@pytest.mark.parametrize("waives", [False, True], ids=["for a fee", "waived"])
def test_a_late_cancellation_says_what_it_costs_before_the_button(
    studio: Studio, visitor: Visitor, waives: bool
) -> None:
    page, customer = visitor.page, studio.customer()
    booking = book_soon(studio, customer)
    open_customer(visitor, customer)
    page.get_by_role("table", name="Next").get_by_role("link").first.click()
    do_to_row(visitor, "Cancel")
    rule = page.get_by_text("By your rule, a fee of £10.00 is kept.")
    expect(page.get_by_text("This is a late cancellation")).to_be_visible()
    visitor.look_over("cancel-late")
    button = page.get_by_role("button", name="Cancel")
    told, pressed = rule.bounding_box(), button.bounding_box()
    assert told
    assert pressed
    assert told["y"] + told["height"] <= pressed["y"], "the rule is shown before the button"
    if waives:
        page.get_by_label("Waive it, and give everything back").check()
        button.click()
        expect(page.get_by_text("Say why this late cancellation costs nothing.")).to_be_visible()
        visitor.look_over("cancel-late-unexplained")
    page.get_by_label("Reason").fill("A storm")
    button.click()
    shown = "Waived by" if waives else "A fee of £10.00 was kept"
    expect(page.get_by_text(shown)).to_be_visible()
    visitor.look_over("cancelled-late")
    done = studio.read(f"bookings/{booking}/cancellation")
    kept = ("waived", 0, 6_000) if waives else ("fee", 1_000, 5_000)
    assert (done["keeps"], done["money_kept"], done["money_returned"]) == kept


def book_soon(studio: Studio, customer: str) -> str:
    """Book a massage for 60.00 in three hours, paid in cash."""
    service = studio.make("services", name="Massage", duration_minutes=60, price=6_000)
    soon = datetime.datetime.now(LONDON) + datetime.timedelta(hours=3)
    booking = {"customer_id": customer, "service_id": service["id"]}
    at = {"scheduled_at": soon.isoformat(timespec="seconds"), "payment": {"method": "cash"}}
    return studio.make("bookings", **booking, **at)["id"]
