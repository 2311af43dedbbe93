"""The documentation leads nowhere in vain: every link, anchor and code of it opens."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client, override_settings

from config.docs import guide
from config.docs.codes import error_codes
from config.urls import urlpatterns

from .contract import operations
from .visiting import NEEDS_CHROMIUM, visiting

LINK = re.compile(r'(?:href|src)="([^"]+)"')
ANCHOR = re.compile(r'\bid="([^"]+)"')
HOST = re.compile(r"https?://[^\s\"'<>/)]+")
# Hosts of the examples themselves, which nobody is sent to.
MADE_UP = re.compile(r"https?://([\w.-]+\.)?example$")


@pytest.fixture
def visited() -> dict[str, str]:
    """Every page that can be reached from the front page, by its address."""
    browser, pages, waiting = Client(SERVER_NAME="localhost"), dict[str, str](), ["/docs/"]
    while waiting:
        path = waiting.pop()
        if path in pages:
            continue
        answer = browser.get(path)
        assert answer.status_code == 200, f"{path} answers {answer.status_code}"
        pages[path] = answer.text
        waiting += [link for link in links(path, answer.text) if link.startswith("/docs/")]
    return pages


def links(page: str, text: str) -> Iterator[str]:
    """Yield the addresses on this host that a page leads to, without their anchors."""
    for link in LINK.findall(text):
        address = urlsplit(urljoin(page, link))
        if not address.netloc:
            yield address.path


def test_every_page_and_anchor_that_is_linked_is_there(visited: dict[str, str]) -> None:
    for page, text in visited.items():
        for link in LINK.findall(text):
            address = urlsplit(urljoin(page, link))
            if address.fragment and address.path in visited:
                assert address.fragment in ANCHOR.findall(visited[address.path]), (page, link)


def test_every_page_can_be_reached(visited: dict[str, str]) -> None:
    known = {f"/docs/errors/{code}" for code in error_codes()}
    known |= {page.address for page in guide.pages().values()}
    known |= {f"/{route}" for route in map(str, (one.pattern for one in urlpatterns))
              if route.startswith("docs/") and "<" not in route}  # fmt: skip
    assert known == visited.keys()


def test_no_page_leads_to_another_host(visited: dict[str, str]) -> None:
    for page, text in visited.items():
        hosts = {host for host in HOST.findall(text) if not MADE_UP.match(host)}
        assert hosts <= {"http://localhost:8000"}, (page, hosts)


def test_the_public_address_stands_in_the_examples() -> None:
    for cached in (guide.pages, guide.renderer):
        cached.cache_clear()
    try:
        with override_settings(PUBLIC_URL="https://studio.example"):
            page = Client(SERVER_NAME="localhost").get("/docs/guide/begin").text
    finally:
        guide.pages.cache_clear()
    assert "export REGULARS=https://studio.example" in page
    assert guide.HERE not in page


def test_an_unknown_page_is_told() -> None:
    for path in ("/docs/guide/nonsense", "/docs/errors/nonsense"):
        assert Client(SERVER_NAME="localhost").get(path).status_code == 404


def test_each_status_of_an_error_page_is_one_that_the_document_knows() -> None:
    known = {
        int(status)
        for _, _, operation in operations()
        for status in operation["responses"]
    } | {500}  # fmt: skip
    for code, error in error_codes().items():
        assert {wording.status for wording in error.wordings} <= known, code


@NEEDS_CHROMIUM
def test_the_pages_are_for_everybody(live_server: object) -> None:
    """No serious violation of axe's rules, and nothing wider than a phone."""
    phone = {"width": 390, "height": 844}
    with visiting(str(live_server)) as visitor:
        pages = ["/docs/", "/docs/errors/", "/docs/errors/invalid", "/docs/changelog/"]
        for path in pages + [page.address for page in guide.pages().values()]:
            visitor.open(path)
            visitor.look_over(path.strip("/").replace("/", "-"))
            visitor.page.set_viewport_size(phone)  # type: ignore[arg-type]
            wide = visitor.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= phone["width"], f"{path} is {wide} pixels wide on a phone"
