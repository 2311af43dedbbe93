"""A morning at the front desk, in a real browser against a started server (issue 5, done when 1).

Every page on the way is looked over: what a screen reader needs (axe), nothing wider than the
screen, no script that the policy of content refuses, no error in the console.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from allauth.mfa.totp.internal import auth as totp
from playwright.sync_api import expect

from tests.real import COUNT, real_customers
from tests.servers import Server, started
from tests.visiting import NEEDS_CHROMIUM, Visitor, visiting

pytestmark = [NEEDS_CHROMIUM, pytest.mark.long]
DESK = "noor@studio.example"
LIMIT = "50.00"


class Studio:
    """A studio whose front desk opens: who works there, and what can be given away."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.run("create_company", "Studio Nine", "--slug", "studio", "--credit-limit", LIMIT)
        self.password = server.run(
            "create_staff", DESK, "--company", "studio", "--role", "front_desk"
        )["password"]
        scopes = "customers:write coupons:write"
        client = server.run(
            "create_api_client", "--company", "studio", "--name", "Till", "--scopes", scopes
        )
        self.token = requests.post(
            f"{server.url}/token",
            json={name: client[name] for name in ("client_id", "client_secret")},
            timeout=30,
        ).json()["access_token"]
        for name, amount in (("Goodwill", 2_000), ("Grand gesture", 50_000)):
            self.make("coupons", name=name, amount=amount)
        for first, last in (("Zoë", "Ng"), ("Amelia", "Thornbury"), ("Bo", "Tan")):
            mail = f"{last.lower()}@mail.example"
            self.make("customers", first_name=first, last_name=last, email=mail)

    def make(self, what: str, **fields: Any) -> None:
        answer = requests.post(
            f"{self.server.url}/v1/{what}",
            json=fields,
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )
        assert answer.status_code == 201, answer.text


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with started(tmp_path_factory.mktemp("desk") / "data", "--no-demo", "--workers", "1") as server:
        yield Studio(server)


def test_a_morning_at_the_front_desk(studio: Studio, tmp_path: Path) -> None:
    with visiting(studio.server.url) as visitor:
        secret = set_up_second_factor(visitor, studio)
        sign_in(visitor, studio, secret)
        find(visitor, "zoe ng", "Zoë Ng")
        write_a_note(visitor)
        issue(visitor, "Goodwill", "£20.00")
        be_refused(visitor, "Grand gesture")
        revoke(visitor, "Goodwill")
        archive_and_restore(visitor)
        import_customers(visitor, tmp_path)
        export_customers(visitor, tmp_path)


def give_password(visitor: Visitor, studio: Studio) -> None:
    visitor.page.get_by_label("E-mail").fill(DESK)
    visitor.page.get_by_label("Password").fill(studio.password)
    visitor.page.get_by_role("button", name="Sign in").click()


def code_of(secret: str, ahead: int = 0) -> str:
    """Return what an authenticator app shows, or will show; no code is taken twice."""
    now = totp.yield_hotp_counters_from_time()
    return totp.format_hotp_value(totp.hotp_value(secret, next(iter(now)) + ahead))


def set_up_second_factor(visitor: Visitor, studio: Studio) -> str:
    page = visitor.page
    visitor.open("/admin/")
    visitor.look_over("sign-in")
    give_password(visitor, studio)
    visitor.open("/admin/second-factor/")
    visitor.look_over("second-factor")
    page.get_by_role("link", name="Set it up").click()
    page.get_by_text("It cannot be scanned?").click()
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    visitor.look_over("second-factor-set-up")
    page.get_by_role("textbox", name="Code").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ecovery codes")
    visitor.look_over("recovery-codes")
    page.context.clear_cookies()
    return secret


def sign_in(visitor: Visitor, studio: Studio, secret: str) -> None:
    page = visitor.page
    visitor.open("/admin/")
    give_password(visitor, studio)
    expect(page.get_by_role("textbox", name="Code")).to_be_visible()
    visitor.look_over("code")
    page.get_by_role("textbox", name="Code").fill(code_of(secret, ahead=1))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Today,")).to_be_visible()
    visitor.look_over("home")


def find(visitor: Visitor, typed: str, name: str) -> None:
    page = visitor.page
    page.keyboard.press("Control+k")
    page.keyboard.type(typed)
    expect(page.get_by_role("option", name=re.compile(name)).first).to_be_visible()
    visitor.look_over("find")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name=name, exact=True)).to_be_visible()
    visitor.look_over("customer")


def write_a_note(visitor: Visitor) -> None:
    page = visitor.page
    page.get_by_label("Write a note").fill("Prefers mornings.")
    page.get_by_role("button", name="Keep the note").click()
    expect(page.get_by_label("Timeline").get_by_text("Prefers mornings.")).to_be_visible()


def choose_coupon(visitor: Visitor, coupon: str) -> None:
    page = visitor.page
    page.get_by_role("navigation", name="What you can do").get_by_text("Issue a credit").click()
    visitor.look_over("which-coupon")
    page.get_by_role("link", name=coupon).click()
    visitor.look_over("issue-a-credit")
    page.get_by_label("Reason").fill("The heating was off.")
    page.get_by_role("button", name="Issue credit", exact=True).click()


def issue(visitor: Visitor, coupon: str, worth: str) -> None:
    choose_coupon(visitor, coupon)
    owed = visitor.page.get_by_role("table", name="Owed to them")
    expect(owed.get_by_text(worth)).to_be_visible()
    visitor.look_over("customer-with-credit")


def be_refused(visitor: Visitor, coupon: str) -> None:
    page = visitor.page
    choose_coupon(visitor, coupon)
    expect(page.get_by_text("£50.00").first).to_be_visible()
    expect(page.get_by_text(re.compile("was added|issued\\.", re.IGNORECASE))).to_have_count(0)
    visitor.look_over("refused")


def revoke(visitor: Visitor, coupon: str) -> None:
    page = visitor.page
    find(visitor, "zoe ng", "Zoë Ng")
    page.get_by_role("link", name=f"Revoke {coupon}").click()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("This field is required")).to_be_visible()
    visitor.look_over("revoke")
    page.get_by_label("Reason").fill("Issued to the wrong Zoë.")
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("table", name="Owed to them")).to_have_count(0)
    expect(page.get_by_label("Timeline").get_by_text("Issued to the wrong Zoë.")).to_be_visible()


def archive_and_restore(visitor: Visitor) -> None:
    page = visitor.page
    doings = page.get_by_role("navigation", name="What you can do")
    doings.get_by_text("Archive").click()
    visitor.look_over("archive")
    page.get_by_role("button", name="Archive").click()
    expect(page.get_by_text("This customer is archived.")).to_be_visible()
    visitor.look_over("archived")
    doings.get_by_text("Restore").click()
    visitor.look_over("restore")
    page.get_by_role("button", name="Restore").click()
    expect(doings.get_by_text("Archive")).to_be_visible()


def import_customers(visitor: Visitor, folder: Path) -> None:
    page, file = visitor.page, folder / "customers.csv"
    broken = ["901,,,,,,,,,,,not an address", "902,Eve,Adams,,,,,,,,,eve@@example.com"]
    file.write_text("\n".join([real_customers().rstrip(), *broken]) + "\n", "utf-8")
    visitor.open("/admin/customers/customer/")
    visitor.look_over("customers")
    page.get_by_role("link", name="Import").click()
    visitor.look_over("import")
    page.get_by_label("File").set_input_files(file)
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_text(f"The file has {COUNT + 2} rows.")).to_be_visible()
    visitor.look_over("import-columns")
    page.get_by_role("button", name="Check every row").click()
    expect(page.get_by_text("Nothing is written yet")).to_be_visible()
    expect(page.get_by_role("row", name=f"Line {COUNT + 3}")).to_be_visible()
    visitor.look_over("import-checked")
    page.get_by_role("button", name=f"Import: {COUNT} new").click()
    expect(page.get_by_text("What next")).to_be_visible()
    visitor.look_over("imported")
    refused = list(csv.DictReader(downloaded(visitor, re.compile("refused")).splitlines()))
    assert [row["FirstName"] for row in refused] == ["", "Eve"]


def export_customers(visitor: Visitor, folder: Path) -> None:
    page = visitor.page
    visitor.open("/admin/customers/customer/?q=tan")
    page.get_by_text("Export").first.click()
    visitor.look_over("export")
    page.get_by_role("button", name="What is listed, as CSV").click()
    shown = list(csv.DictReader(downloaded(visitor, re.compile("csv")).splitlines()))
    visitor.look_over("exported")
    assert [row["Customer"] for row in shown] == ["Bo Tan"]


def downloaded(visitor: Visitor, name: re.Pattern[str]) -> str:
    """Return the text of a file that the page offers."""
    link = visitor.page.get_by_role("link", name=name).first
    with visitor.page.expect_download() as download:
        link.click()
    return Path(download.value.path()).read_text("utf-8-sig")
