"""Every link, anchor and error code in the documentation leads to a page."""

import re
from urllib.parse import SplitResult, urljoin, urlsplit

import pytest
from django.test import Client, override_settings
from playwright.sync_api import expect

from config.docs import guide, site
from config.docs.codes import error_codes

from .contract import operations
from .shop import Shop
from .visiting import NEEDS_CHROMIUM, visiting

LINK = re.compile(r'(?:href|src)="([^"]+)"')
ANCHOR = re.compile(r'\bid="([^"]+)"')
HOST = re.compile(r"https?://[^\s\"'<>/)]+")
# Hosts in examples; no reader visits them.
MADE_UP = re.compile(r"https?://([\w.-]+\.)?example$")


def visit_all() -> dict[str, str]:
    """Return every page that links from the front page reach, by URL."""
    browser, pages, waiting = Client(SERVER_NAME="localhost"), dict[str, str](), ["/docs/"]
    while waiting:
        path = waiting.pop()
        if path in pages:
            continue
        answer = browser.get(path)
        assert answer.status_code == 200, f"{path} answers {answer.status_code}"
        pages[path] = answer.text
        found = (address.path for address in links(path, answer.text))
        waiting += [one for one in found if one.startswith("/docs/") and not is_twin(one)]
    return pages


def is_twin(path: str) -> bool:
    """Return whether a path is a page's Markdown version (see `tests/test_reference.py`)."""
    return path in site.twins()


def links(page: str, text: str) -> list[SplitResult]:
    """Return the URLs on this host that a page links to."""
    found = [urlsplit(urljoin(page, link)) for link in LINK.findall(text)]
    return [address for address in found if not address.netloc]


def test_every_page_is_linked_and_every_link_leads_to_a_page_of_ours() -> None:
    visited = visit_all()
    assert site.all_pages().keys() == visited.keys()
    for page, text in visited.items():
        for address in links(page, text):
            if address.fragment and address.path in visited:
                there = ANCHOR.findall(visited[address.path])
                assert address.fragment in there, (page, address.geturl())
        hosts = {host for host in HOST.findall(text) if not MADE_UP.match(host)}
        assert hosts <= {"http://localhost:8000"}, (page, hosts)


def test_the_public_address_stands_in_the_examples() -> None:
    guide.pages.cache_clear()
    site.all_pages.cache_clear()
    try:
        with override_settings(PUBLIC_URL="https://studio.example"):
            page = Client(SERVER_NAME="localhost").get("/docs/guide/begin").text
    finally:
        guide.pages.cache_clear()
        site.all_pages.cache_clear()
    assert "export REGULARS=https://studio.example" in page
    assert guide.HERE not in page


def test_the_openapi_document_can_only_be_read_and_an_unknown_page_is_told() -> None:
    client = Client(SERVER_NAME="localhost")
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(client, method)("/openapi.json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (405, "method_not_allowed")
    for path in ("/docs/guide/nonsense", "/docs/errors/nonsense"):
        assert client.get(path).status_code == 404


def test_each_status_of_an_error_page_is_one_that_the_document_knows() -> None:
    known = {int(status) for _, _, one in operations() for status in one["responses"]} | {500}
    for code, error in error_codes().items():
        assert {wording.status for wording in error.wordings} <= known, code


# One page of each kind, with long names and deeply nested fields.
REFERENCE = (
    *("operations/v1_customers_upsert", "operations/v1_bookings_create", "objects/Booking"),
    *("operations/json_token", "webhooks/", "webhooks/customer"),
)


@NEEDS_CHROMIUM
@pytest.mark.long
def test_the_pages_are_for_everybody(live_server: object) -> None:
    """No page violates a serious rule of axe, or is wider than a phone."""
    phone = {"width": 390, "height": 844}
    with visiting(str(live_server)) as visitor:
        pages = ["/docs/", "/docs/errors/", "/docs/errors/invalid", "/docs/changelog/"]
        pages += ["/docs/reference/", "/docs/reference/?q=cancel", "/docs/reference/objects/"]
        pages += [f"/docs/reference/{one}" for one in REFERENCE]
        for folder in (guide.FOLDER, guide.OPERATING):
            pages += [page.address for page in guide.pages(folder).values()]
        for path in pages:
            visitor.open(path)
            visitor.look_over(path.strip("/").replace("/", "-"))
            visitor.page.set_viewport_size(phone)  # type: ignore[arg-type]
            wide = visitor.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= phone["width"], f"{path} is {wide} pixels wide on a phone"


@NEEDS_CHROMIUM
@pytest.mark.long
def test_the_documentation_works_under_a_policy_that_forbids_scripts(shop: Shop) -> None:
    with visiting(shop.server.url) as visitor:
        for path in ("/docs/", "/docs/guide/begin", "/docs/errors/", "/docs/changelog/"):
            visitor.open(path)
        visitor.open("/docs/reference/")
        visitor.page.get_by_label("Search").fill("possible_duplicate")
        visitor.page.get_by_role("button", name="Search").click()
        visitor.page.get_by_role("link", name="Create a customer").first.click()
        expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Create a customer")
