"""Every script in a page has the page's nonce, and no script is in an attribute (threat 41)."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from config.access.models import Staff
from config.tenancy.companies import Company
from tests.admin_routes import make_rows
from tests.backoffice import Browser
from tests.callers import Caller
from tests.config.test_admin_pages import BUTTONS, NEVER_ADDED, url_of
from tests.doors import CODE, CODES, LOGIN, SET_UP, admin_addresses, sign_in, visit
from tests.factories import make_staff

pytestmark = pytest.mark.usefixtures("cheap_passwords")

HEADER = "Content-Security-Policy"
# Script elements of these types hold data, not code.
DATA = ("application/json", "application/ld+json", "text/template")


class Inline(HTMLParser):
    """Finds inline scripts and styles in a page, and event handlers in attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.nonces: list[str | None] = []
        self.handlers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        is_script = tag == "script" and "src" not in given and given.get("type") not in DATA
        if tag == "style" or is_script:
            self.nonces.append(given.get("nonce"))
        for name, value in given.items():
            is_address = (value or "").lower().startswith("javascript:")
            if is_address or re.fullmatch(r"on[a-z]{3,}", name):
                self.handlers.append(f"{name}={value}")


def check(answer: Any, where: str) -> None:
    """Check that a page contains only what its policy allows."""
    policy = answer.headers[HEADER]
    nonce = re.search(r"script-src[^;]*'nonce-([^']+)'", policy)
    found = Inline(answer.text)
    assert not found.handlers, where
    assert not found.nonces or nonce, where
    assert all(one and nonce and one == nonce[1] for one in found.nonces), where


@pytest.mark.long
def test_every_page_of_the_back_office_keeps_to_the_policy(studio: Company) -> None:
    root = make_staff(studio, email="root@studio.example", superuser=True)
    browser = Browser(root)
    rows = make_rows(studio) | {"access.company": studio, "access.staff": root}
    plain = (one for one in admin_addresses() if "x" not in one.split("/"))
    around = [*plain, "/admin/search/?s=addr", "/admin/nothing/"]
    pages = [*around]
    for model, row in rows.items():
        pages += [url_of(model, "changelist"), url_of(model, "changelist") + "?q=zzzz"]
        pages += [url_of(model, page, row.pk) for page in ("change", "history", *BUTTONS[model])]
        pages += [] if model in NEVER_ADDED else [url_of(model, "add")]
    assert len(pages) > 130
    for page in pages:
        answer = browser.get(page)
        check(answer, page)
        assert answer.status_code == 200 or page in around, page


def test_the_pages_around_signing_in_keep_to_the_policy(owner: Staff) -> None:
    client = visit()
    for page in (LOGIN, CODE, "/admin/forgotten/", "/admin/forgotten/sent/", "/admin/"):
        check(client.get(page), page)
    sign_in(client)
    theirs = ("/admin/second-factor/", "/admin/second-factor/remove/", "/admin/again/")
    for page in (SET_UP, CODES, *theirs):
        check(client.get(page), page)
    check(client.post("/admin/logout/"), "/admin/logout/")


def test_the_documentation_has_a_policy_of_its_own_without_scripts(integrator: Caller) -> None:
    pages = ("", "guide/begin", "operating/settings", "reference/", "errors/", "errors/invalid")
    for answer in [visit().get(f"/docs/{page}") for page in pages]:
        check(answer, answer.request["PATH_INFO"])
        assert "unsafe" not in answer.headers[HEADER]
        assert "script-src" not in answer.headers[HEADER]
    assert "'unsafe-eval'" in visit().get(LOGIN).headers[HEADER]
    for path in ("/v1/customers", "/customers/unknown"):
        assert HEADER in integrator.get(path).headers, path


def test_the_policy_is_strict(browser: Browser) -> None:
    for answer in (visit().get(LOGIN), browser.get("/admin/customers/customer/")):
        assert "no-store" in answer["Cache-Control"]
        policy = dict(one.strip().split(" ", 1) for one in answer.headers[HEADER].split(";"))
        assert policy["default-src"] == policy["base-uri"] == policy["script-src-attr"] == "'none'"
        assert policy["frame-ancestors"] == "'none'"
        assert "'unsafe-inline'" not in policy["script-src"] + policy["style-src"]
        assert "*" not in "".join(policy.values())
        assert "http" not in "".join(policy.values())


def test_what_is_no_page_may_load_nothing() -> None:
    for path in ("/openapi.json", "/healthz", "/nowhere", "/docs", "/"):
        policy = visit().get(path).headers[HEADER]
        assert policy.startswith("default-src 'none'"), path
        assert "self" not in policy, path


def test_every_page_turns_off_what_none_uses(browser: Browser) -> None:
    pages = ["/docs/", "/docs/reference/", LOGIN, "/admin/forgotten/", "/nowhere", "/"]
    for answer in [*map(visit().get, pages), browser.get("/admin/"), visit().post(LOGIN)]:
        policy = answer.headers["Permissions-Policy"].split(", ")
        assert {"camera=()", "geolocation=()", "microphone=()", "payment=()"} <= {*policy}


def test_the_search_finds_what_it_looks_for() -> None:
    for page, handlers, nonces in (
        ("<script>x</script><style>y</style>", [], [None, None]),
        ('<script src="x"></script><script type="application/json">{}</script>', [], []),
        ('<a onclick="x" href="JavaScript:y">', ["onclick=x", "href=JavaScript:y"], []),
        ('<p x-on:click="x" one="y">', [], []),
    ):
        found = Inline(page)
        assert (found.handlers, found.nonces) == (handlers, nonces), page
