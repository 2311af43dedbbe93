"""The front desk in a real browser: ten check-ins, two bookings of classes, a six-week pause.

The test checks each page for accessibility and layout, as test_front_desk does.
"""

import datetime
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.servers import Server, started
from tests.studios import LONDON, PLAYERS, Studio, do, open_customer
from tests.visiting import NEEDS_CHROMIUM, Visitor

pytestmark = NEEDS_CHROMIUM
GUESTS = 10
# The class that runs during each role's test, and the last name of its guests.
CLASSES = dict(zip(PLAYERS, (("Yoga", "Lee"), ("Zumba", "May")), strict=True))


class Desk(Studio):
    """A studio with classes that have begun, ten guests in each, and members with a plan."""

    def __init__(self, server: Server) -> None:
        super().__init__(server)
        now = datetime.datetime.now(LONDON)
        for days, name in ((1, "Pilates"), (2, "Barre")):
            self.make_class(name, now + datetime.timedelta(days=days))
        product = self.make("pass-products", name="Ten classes", visits=10, price=12_000)
        plan = self.make("plans", name="Gold", price=4_500, billing_period="P1M")
        self.running, self.members = dict[str, str](), dict[str, str]()
        for role, (name, last) in CLASSES.items():
            self.running[role] = self.make_class(name, now - datetime.timedelta(minutes=1))
            for number in range(GUESTS):
                guest = self.customer(f"Guest {number}", last)
                self.make("bookings", customer_id=guest, event_date_id=self.running[role])
            member = self.members[role] = self.customer()
            self.make(f"customers/{member}/passes", pass_product_id=product["id"])
            self.make(f"customers/{member}/subscriptions", plan_id=plan["id"])


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    data = tmp_path_factory.mktemp("desk") / "data"
    with started(data, "--no-demo", "--workers", "1") as server:
        yield Desk(server)


@pytest.fixture(params=PLAYERS)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def visitor(desk: Desk, role: str) -> Iterator[Visitor]:
    """A browser in which front desk or a manager is signed in, on the home page."""
    with desk.at_work(role) as visitor:
        yield visitor


@pytest.mark.long
def test_ten_people_are_ticked_off_in_ten_clicks(desk: Desk, role: str, visitor: Visitor) -> None:
    page, (name, last) = visitor.page, CLASSES[role]
    visitor.look_over("home-with-roster")
    roster = page.get_by_role("region", name=name)
    expect(roster.get_by_text(f"0 of {GUESTS} here")).to_be_visible()
    with visitor.clicking(most=GUESTS):
        for number in range(GUESTS - 1):
            roster.get_by_role("button", name=f"Here: Guest {number} {last}").click()
            expect(roster.get_by_text(f"{number + 1} of {GUESTS} here")).to_be_visible()
        roster.get_by_role("button", name=f"Did not come: Guest {GUESTS - 1} {last}").click()
    expect(roster.get_by_role("button", name="Undo")).to_have_count(GUESTS)
    visitor.look_over("home-ticked-off")
    places = desk.read(f"bookings?per_page=50&event_date_id={desk.running[role]}")["data"]
    statuses = sorted(one["status"] for one in places)
    assert statuses == ["completed"] * (GUESTS - 1) + ["no_show"]
    # Correct the guest who was marked absent but came after all.
    roster.get_by_role("link", name=name).click()
    visitor.look_over("roster")
    page.get_by_role("button", name=f"Undo: Guest {GUESTS - 1} {last}").click()
    page.get_by_role("button", name=f"Here: Guest {GUESTS - 1} {last}").click()
    expect(page.get_by_text(f"{GUESTS} of {GUESTS} here")).to_be_visible()


@pytest.mark.long
def test_two_classes_are_booked_from_the_customers_page(
    desk: Desk, role: str, visitor: Visitor
) -> None:
    page, member = visitor.page, desk.members[role]
    open_customer(visitor, member)
    do(visitor, "Book")
    visitor.look_over("book-classes")
    page.get_by_label("Pilates").first.check()
    page.get_by_label("Barre").first.check()
    page.get_by_label("Barre").last.select_option(label="Card")
    page.get_by_role("button", name="Book").click()
    expect(page.get_by_text("2 classes booked: Pilates")).to_be_visible()
    visitor.look_over("customer-with-classes")
    bookings = desk.read(f"customers/{member}/bookings")["data"]
    assert {one["payment_status"] for one in bookings} == {"paid"}
    visitor.open(f"/admin/bookings/booking/add/?customer={member.removeprefix('cust_')}")
    page.get_by_role("navigation", name="What to book").get_by_text("Classes").click()
    expect(page.get_by_text("Booked already")).to_have_count(2)


@pytest.mark.long
def test_a_subscription_is_paused_for_six_weeks(desk: Desk, role: str, visitor: Visitor) -> None:
    page, member = visitor.page, desk.members[role]
    open_customer(visitor, member)
    page.get_by_role("table", name="Subscriptions").get_by_role("link", name="Gold").click()
    page.get_by_role("link", name="Pause").click()
    visitor.look_over("pause")
    page.get_by_label("Pause for").select_option(label="6 weeks")
    page.get_by_label("Reason").fill("A broken ankle")
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("A broken ankle")).to_be_visible()
    visitor.look_over("paused")
    (one,) = desk.read(f"customers/{member}/subscriptions")["data"]
    until = datetime.datetime.now(LONDON).date() + datetime.timedelta(weeks=6)
    found = (one["status"], one["resumes_on"], one["pause_reason"])
    assert found == ("paused", until.isoformat(), "A broken ankle")
