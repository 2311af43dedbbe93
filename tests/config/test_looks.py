"""Rules for every page of the back-office: landmarks, one title, one time format, plain words.

The pages come from the URL table, so new pages are tested too.
"""

import datetime
import re
from html import unescape
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import strip_tags

from config.access.models import Staff
from config.admin.buttons import Button
from config.admin.menu import MENU
from config.admin.sentences import Named
from config.tenancy.companies import Company
from config.tenancy.permissions import Role
from tests.admin_routes import PAGES, ROUTES, Route, ids_of, make_rows
from tests.backoffice import Browser
from tests.factories import make_staff

# Routes that answer with a file, or with data for a script.
NO_PAGE = ("file", "refused", "export", "jsi18n", "autocomplete", "find_options")
SCRIPTS = re.compile(r"<(script|style|pre|code|textarea|option)\b.*?</\1>", re.DOTALL)
OTHER_CLOCKS = (
    re.compile(r"\d (?:a\.m\.|p\.m\.)|\d ?(?:am|pm)\b|\bmidnight\b|\bnoon\b", re.IGNORECASE),
    re.compile(r"\b\d{4}-\d\d-\d\d\b"),
    re.compile(r"\b\d\d/\d\d/\d{4}\b"),
    re.compile(r"\d (?:January|February|March|April|June|July|August|September|October) \d{4}"),
)
OLD_WORDS = (
    *("Select ", "successfully", "Keep the note", "What is over stays as it was"),
    *("Unless it is as the service says", "by us.", "comes back as it was"),
    *("is on its way to", "nobody is told"),
)


def shown(answer: Any) -> str:
    """Return the visible text of a page."""
    body = answer.text.partition("<body")[2]
    return " ".join(unescape(strip_tags(SCRIPTS.sub(" ", body).replace(">", "> "))).split())


def opened(browser: Browser, ids: dict[str, str]) -> list[tuple[Route, Any]]:
    """Open every page that a GET request shows."""
    found = []
    for route in ROUTES:
        if route.signs_out or route.name.endswith(NO_PAGE) or "url" in route.path:
            continue
        if "<app_label>" in route.path or "uidb64" in route.path or "?P<app" in route.path:
            continue
        answer = browser.get(route.fill(ids))
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            found.append((route, answer))
    return found


@pytest.mark.long
def test_every_page_has_landmarks_a_title_one_clock_and_plain_words(
    studio: Company, subtests: pytest.Subtests
) -> None:
    root = make_staff(studio, email="root@studio.example", superuser=True)
    ids = ids_of(studio, make_rows(studio), "Own")
    pages = opened(Browser(root, studio), ids)
    assert len(pages) > 150
    for route, answer in pages:
        with subtests.test(route.path):
            text, body = shown(answer), answer.text.partition("<body")[2]
            assert body.count("<main ") == body.count("<h1") == 1
            assert body.index('class="skip-link" href="#main-content"') < body.index("<main ")
            assert '<nav id="nav-sidebar-inner"' not in body or 'aria-label="Menu"' in body
            assert [clock.findall(text) for clock in OTHER_CLOCKS] == [[]] * len(OTHER_CLOCKS)
            assert [words for words in OLD_WORDS if words.casefold() in text.casefold()] == []


def test_a_moment_is_written_by_a_clock_of_24_hours() -> None:
    moment = datetime.datetime(2026, 11, 30, 18, 30, tzinfo=timezone.get_current_timezone())
    assert date_format(moment, "DATETIME_FORMAT") == "Mon 30 Nov 2026, 18:30"
    assert date_format(moment) == "30 Nov 2026"
    assert date_format(moment, "TIME_FORMAT") == "18:30"


def test_every_page_of_a_model_has_a_place_in_the_menu() -> None:
    named = [label for _title, labels in MENU for label in labels]
    assert len(named) == len(set(named))
    # Staff open prices from the page of their event.
    assert PAGES.keys() - {*named} == {"bookings.pricingoption"}


def test_the_menu_follows_the_day(studio: Company) -> None:
    browser = Browser(make_staff(studio, email="desk@studio.example", role=Role.FRONT_DESK), studio)
    page = browser.get("/admin/customers/customer/").text
    titles = re.findall(r'class="menu-title"[^>]*>([^<]+)<', page)
    assert titles == ["Customers", "Bookings", "Money", "Catalogue", "Settings"]
    items = re.findall(r'class="menu-item[^>]*>\s*<span[^>]*>[^<]*</span>\s*<span>([^<]+)<', page)
    assert items[:2] == ["Today", "Customers"]
    assert items.index("Bookings") < items.index("Invoices") < items.index("Services")
    (current,) = re.findall(r'<a href="([^"]+)"[^>]* aria-current="page"', page)
    assert current == "/admin/customers/customer/"


@pytest.mark.parametrize("label", PAGES)
def test_the_sentences_of_a_model_are_its_own(label: str) -> None:
    pages = PAGES[label]
    assert pages.creates is None or pages.added_says is not Named.added_says
    for button in pages.buttons:
        assert isinstance(button, Button)
        assert not button.one or (button.says and button.asks), button.name


def test_a_list_and_a_new_row_have_plain_titles(studio: Company, owner: Staff) -> None:
    browser = Browser(owner, studio)
    for label, one in PAGES.items():
        if label in ("access.workplace", "access.company", "access.staff"):
            continue
        app, model = label.split(".")
        listed = browser.get(reverse(f"admin:{app}_{model}_changelist"))
        plural = str(one.plural)
        assert f"<h1>{plural[0].upper()}{plural[1:]}</h1>" in listed.text, label
    assert "<h1>Sell a pass</h1>" in browser.get("/admin/credits/passpurchase/add/").text
    assert "<h1>New customer</h1>" in browser.get("/admin/customers/customer/add/").text
    assert admin.site.index_title == "Today"
