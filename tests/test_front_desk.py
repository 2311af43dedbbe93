"""A morning at the front desk, and every page of the back-office, in a real browser.

The tests check each page they visit: accessibility (axe) in light and dark, the width on a desk, a
tablet and a phone, red buttons apart from other buttons, scripts within the content security
policy, and no errors in the console.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import expect

from tests.doors import code_of
from tests.real import COUNT, real_customers
from tests.servers import Server, started
from tests.visiting import NEEDS_CHROMIUM, Visitor, visiting

pytestmark = NEEDS_CHROMIUM
DESK = "noor@studio.example"
LIMIT = "50.00"


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str]]:
    """A studio with a front desk, and the password of a front-desk member of staff."""
    data = tmp_path_factory.mktemp("desk") / "data"
    with started(data, "--no-demo", "--workers", "1") as server:
        server.run("create_company", "Studio Nine", "--slug", "studio", "--credit-limit", LIMIT)
        work = ("--company", "studio")
        desk = server.run("create_staff", DESK, *work, "--role", "front_desk")
        scopes = "customers:write coupons:write"
        key = server.run("create_api_key", *work, "--name", "Till", "--scopes", scopes)

        def make(what: str, **fields: Any) -> None:
            url, headers = f"{server.url}/v1/{what}", {"X-API-Key": key["key"]}
            answer = requests.post(url, json=fields, headers=headers, timeout=30)
            assert answer.status_code == 201, answer.text

        for name, amount in (("Goodwill", 2_000), ("Grand gesture", 50_000)):
            make("coupons", name=name, amount=amount)
        for first, last in (("Zoë", "Ng"), ("Amelia", "Thornbury"), ("Bo", "Tan")):
            mail = f"{last.lower()}@mail.example"
            make("customers", first_name=first, last_name=last, email=mail)
        yield server, desk["password"]


@pytest.mark.long
def test_a_morning_at_the_front_desk(studio: tuple[Server, str], tmp_path: Path) -> None:
    server, password = studio
    with visiting(server.url) as visitor:
        secret = set_up_second_factor(visitor, password)
        sign_in(visitor, password, secret)
        find(visitor, "zoe ng", "Zoë Ng")
        write_a_note(visitor)
        issue(visitor, "Goodwill", "£20.00")
        be_refused(visitor, "Grand gesture")
        revoke(visitor, "Goodwill")
        archive_and_restore(visitor)
        import_customers(visitor, tmp_path)
        export_customers(visitor, tmp_path)


def set_up_second_factor(visitor: Visitor, password: str) -> str:
    page = visitor.page
    visitor.open("/admin/")
    visitor.look_over("sign-in")
    visitor.give_password(DESK, password)
    visitor.open("/admin/second-factor/")
    visitor.look_over("second-factor")
    page.get_by_role("link", name="Set it up").click()
    page.get_by_text("Cannot scan it?").click()
    secret = page.locator("code.secret").inner_text().replace(" ", "")
    visitor.look_over("second-factor-set-up")
    page.get_by_role("textbox", name="Code").fill(code_of(secret))
    page.get_by_role("button", name="Switch it on").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("ecovery codes")
    visitor.look_over("recovery-codes")
    page.context.clear_cookies()
    return secret


def sign_in(visitor: Visitor, password: str, secret: str) -> None:
    page = visitor.page
    visitor.open("/admin/")
    visitor.give_password(DESK, password)
    expect(page.get_by_role("textbox", name="Code")).to_be_visible()
    visitor.look_over("code")
    page.get_by_role("textbox", name="Code").fill(code_of(secret, ahead=1))
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Today,")).to_be_visible()
    visitor.look_over("home")
    skip_the_menu(visitor)


def skip_the_menu(visitor: Visitor) -> None:
    """Check that the first press of the Tab key offers a link that skips the menu."""
    page = visitor.page
    visitor.open("/admin/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main-content")).to_be_focused()


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
    page.get_by_role("button", name="Save note").click()
    expect(page.get_by_label("Timeline").get_by_text("Prefers mornings.")).to_be_visible()


def choose_coupon(visitor: Visitor, coupon: str) -> None:
    page = visitor.page
    page.get_by_role("navigation", name="What you can do").get_by_text("Issue a credit").click()
    visitor.look_over("which-coupon")
    page.locator("#content").get_by_role("link", name=coupon).click()
    visitor.look_over("issue-a-credit")
    page.get_by_label("Reason").fill("The heating was off.")
    page.get_by_role("button", name="Issue credit", exact=True).click()


def issue(visitor: Visitor, coupon: str, worth: str) -> None:
    choose_coupon(visitor, coupon)
    owed = visitor.page.get_by_role("table", name="Credits and passes")
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
    expect(page.get_by_role("table", name="Credits and passes")).to_have_count(0)
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
    broken = ["901,,,,,,,,,,,not an address", "1.5E+11,Eve,Adams,,,,,,,,,eve@example.com"]
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
    expect(page.get_by_text("Nothing is saved yet")).to_be_visible()
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
    """Return the text of a file that the page links to."""
    link = visitor.page.get_by_role("link", name=name).first
    with visitor.page.expect_download() as download:
        link.click()
    return Path(download.value.path()).read_text("utf-8-sig")


ROOT = "root@riverside.example"
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
# Downloads, the sign-out, and URLs for machines.
NO_PAGE = re.compile(r"/(logout|export|files?|refused|i18n)/|/still")
# The back-office has more kinds of pages; fewer would mean that links are missed.
LEAST = 160


@pytest.mark.rare
def test_nobody_meets_a_page_that_they_cannot_use(tmp_path: Path) -> None:
    """The test starts at the home page and follows links to each kind of page, as a superuser."""
    kinds: set[str] = set()
    with started(tmp_path / "data") as server, visiting(server.url) as visitor:
        made = server.run("create_staff", ROOT, "--company", "demo", "--superuser")
        have_a_webhook(server)
        visitor.open("/admin/")
        visitor.give_password(ROOT, made["password"])
        visitor.page.wait_for_url("**/admin/")
        waiting = ["/admin/"]
        while waiting:
            path = waiting.pop(0)
            kind = ID.sub("…", path)
            if kind not in kinds:
                kinds.add(kind)
                visitor.open(path)
                visitor.look_over(kind.strip("/").replace("/", "_"))
                waiting += linked(visitor)
    assert len(kinds) >= LEAST


def have_a_webhook(server: Server) -> None:
    """Create rows that the demo company has none of: an API key, a webhook and a delivery."""
    key = server.run("create_api_key", "--company", "demo", "--name", "Site", "--scopes", "*")
    path, headers = f"{server.url}/v1/webhooks", {"X-API-Key": key["key"]}
    url = {"url": "https://receiver.example/hook"}
    hook = requests.post(path, json=url, headers=headers, timeout=30).json()
    sent = requests.post(f"{path}/{hook['id']}/test", headers=headers, timeout=30)
    assert sent.status_code == 200, sent.text


def linked(visitor: Visitor) -> list[str]:
    """Return the paths of the back-office that this page links to."""
    found = visitor.page.eval_on_selector_all("a[href]", "links => links.map(link => link.href)")
    paths = [urlsplit(href).path for href in found if href.startswith(visitor.base)]
    return [one for one in paths if one.startswith("/admin/") and not NO_PAGE.search(one)]
