"""No script stands in a page without the page's nonce, and none in an attribute (threat 41)."""

import re
from html.parser import HTMLParser
from typing import Any

import pytest

from config.access.models import Company, Staff
from tests.backoffice import Browser
from tests.callers import Caller
from tests.config.test_admin_pages import BUTTONS, NEVER_ADDED, url_of
from tests.doors import CODE, CODES, LOGIN, SET_UP, admin_addresses, sign_in, visit
from tests.factories import make_staff
from tests.office import make_rows

pytestmark = pytest.mark.usefixtures("cheap_passwords")

HEADER = "Content-Security-Policy"
# What stands in a page to be read by scripts is no script.
DATA = ("application/json", "application/ld+json", "text/template")


class Inline(HTMLParser):
    """Finds scripts and styles that stand in a page, and handlers in attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.nonces: list[str | None] = []
        self.handlers: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        if tag == "style" or (
            tag == "script" and "src" not in given and given.get("type") not in DATA
        ):
            self.nonces.append(given.get("nonce"))
        self.handlers += [
            f"{name}={value}"
            for name, value in given.items()
            if re.fullmatch(r"on[a-z]{3,}", name) or (value or "").lower().startswith("javascript:")
        ]


def check(answer: Any, where: str) -> None:
    """Raise AssertionError unless a page holds what its policy lets it."""
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
    pages = [*plain, "/admin/search/?s=addr", "/admin/nothing/"]
    for model, row in rows.items():
        pages += [url_of(model, "changelist"), url_of(model, "changelist") + "?q=zzzz"]
        pages += [url_of(model, page, row.pk) for page in ("change", "history", *BUTTONS[model])]
        pages += [] if model in NEVER_ADDED else [url_of(model, "add")]
    assert len(pages) > 130
    for page in pages:
        check(browser.get(page), page)


def test_the_pages_around_signing_in_keep_to_the_policy(owner: Staff) -> None:
    client = visit()
    for page in (LOGIN, CODE, "/admin/forgotten/", "/admin/forgotten/sent/", "/admin/"):
        check(client.get(page), page)
    sign_in(client)
    theirs = ("/admin/second-factor/", "/admin/second-factor/remove/", "/admin/again/")
    for page in (SET_UP, CODES, *theirs):
        check(client.get(page), page)
    check(client.post("/admin/logout/"), "/admin/logout/")


def test_the_documentation_and_every_answer_of_the_api_carry_it(integrator: Caller) -> None:
    client = visit()
    for page in (
        "/docs/",
        "/docs/guide/begin",
        "/docs/reference/",
        "/docs/errors/",
        "/docs/errors/invalid",
    ):
        check(client.get(page), page)
    for path in ("/v1/customers", "/customers/unknown", "/healthz", "/openapi.json", "/nowhere"):
        assert HEADER in client.get(path).headers, path


def test_the_policy_is_strict(owner: Staff) -> None:
    policy = dict(
        line.strip().split(" ", 1) for line in visit().get(LOGIN).headers[HEADER].split(";")
    )
    assert policy["default-src"] == policy["base-uri"] == policy["script-src-attr"] == "'none'"
    assert policy["frame-ancestors"] == "'none'"
    assert "'unsafe-inline'" not in policy["script-src"] + policy["style-src"]
    assert "*" not in "".join(policy.values())
    assert "http" not in "".join(policy.values())


@pytest.mark.parametrize(
    ("page", "handlers", "nonces"),
    [
        ("<script>x</script><style>y</style>", [], [None, None]),
        ('<script src="x"></script><script type="application/json">{}</script>', [], []),
        ('<a onclick="x" href="JavaScript:y">', ["onclick=x", "href=JavaScript:y"], []),
        ('<p x-on:click="x" one="y">', [], []),
    ],
)
def test_the_search_finds_what_it_looks_for(
    page: str, handlers: list[str], nonces: list[Any]
) -> None:
    found = Inline(page)
    assert (found.handlers, found.nonces) == (handlers, nonces)
