"""A user of a real browser: Debian's Chromium, driven by Playwright, on a started server."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Response, expect, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_CHROMIUM = pytest.mark.skipif(
    CHROMIUM is None, reason="No chromium on this machine: install the package “chromium”."
)
OPTIONS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
# The screen of a desk, a tablet in portrait format, and a phone.
SIZES = (
    {"width": 1440, "height": 900},
    {"width": 820, "height": 1180},
    {"width": 390, "height": 844},
)
# Finds elements that scroll sideways in a page, without those that show a body as it was sent.
SCROLLS = """() => [...document.querySelectorAll("#main-content *")].filter((one) =>
    /auto|scroll/.test(getComputedStyle(one).overflowX) &&
    !["PRE", "TEXTAREA"].includes(one.tagName) && one.scrollWidth > one.clientWidth + 1
).map((one) => one.className)"""
# The distance from each red button to its nearest button, in pixels; links can be buttons too.
NEAR_RED = """() => {
    const both = "#main-content :is(button, a[class*=rounded-default])";
    const buttons = [...document.querySelectorAll(both)].filter((one) => one.checkVisibility());
    const isRed = (one) => /danger-link|bg-red-600/.test(one.className);
    const gap = (one, other) => {
        const [a, b] = [one.getBoundingClientRect(), other.getBoundingClientRect()];
        return Math.max(a.left - b.right, b.left - a.right, a.top - b.bottom, b.top - a.bottom);
    };
    return buttons.filter(isRed).flatMap((red) =>
        buttons.filter((one) => !isRed(one)).map((one) => Math.round(gap(red, one)))
    );
}"""
APART = 20
# Counts the clicks in the tab, on all pages that it visits.
COUNTS = """addEventListener("pointerdown", () =>
    sessionStorage.setItem("clicks", 1 + Number(sessionStorage.getItem("clicks"))), true)"""
GRAVE = ("serious", "critical")
# Rules of axe that are less severe, and that pages have to follow nevertheless.
LANDMARKS = ("bypass", "landmark-one-main", "page-has-heading-one", "region", "skip-link")
# How long a change of colours takes, in milliseconds.
SETTLES = 250
PATIENCE = 60_000


class Visitor:
    """A user of a browser; `faults` collects the mistakes of pages from the first page on.

    If SCREENSHOTS names a folder, every page that is checked is saved there as an image.
    """

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.faults: list[str] = []
        self.axe = Axe()
        page.add_init_script(COUNTS)
        page.set_default_timeout(PATIENCE)
        expect.set_options(timeout=PATIENCE)
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("response", self._watch)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.base}{path}")

    def give_password(self, email: str, password: str) -> None:
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()

    @contextmanager
    def clicking(self, most: int) -> Iterator[None]:
        """Check that the block takes no more than `most` clicks; keys do not count."""
        before = self._clicks()
        yield
        assert 0 < self._clicks() - before <= most

    def _clicks(self) -> int:
        return int(self.page.evaluate("Number(sessionStorage.getItem('clicks'))"))

    def look_over(self, name: str) -> None:
        """Record the accessibility violations of the page, and elements that are too wide."""
        # Elements under the pointer have another colour, so move the pointer away.
        self.page.mouse.move(0, 0)
        for size in SIZES:
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            if self.page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                self.faults.append(f"{name} is wider than {size['width']} pixels")
            if parts := self.page.evaluate(SCROLLS):
                self.faults.append(f"{name} scrolls sideways at {size['width']}: {parts}")
            if min(self.page.evaluate(NEAR_RED), default=APART) < APART:
                self.faults.append(f"{name} has a red button beside another at {size['width']}")
            self._keep(f"{name}-{size['width']}")
        self.page.set_viewport_size(SIZES[0])  # type: ignore[arg-type]
        for scheme in ("light", "dark"):
            self._look_in(scheme, name)
        self.page.evaluate("document.documentElement.classList.remove('dark')")

    def _look_in(self, scheme: str, name: str) -> None:
        """Record what axe finds in the light or dark scheme, and the landmarks that are missing."""
        self.page.evaluate(
            f"document.documentElement.classList.toggle('dark', '{scheme}' == 'dark')"
        )
        self.page.wait_for_timeout(SETTLES)
        self._keep(f"{name}-{scheme}")
        for found in self.axe.run(self.page).response["violations"]:
            is_missing = found["id"] in LANDMARKS and "/admin/" in self.page.url
            if found["impact"] in GRAVE or is_missing:
                where = [node["html"][:200] for node in found["nodes"][:3]]
                self.faults.append(f"{name}, {scheme}: {found['id']}: {where}")

    def _keep(self, name: str) -> None:
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    def _listen(self, message: Any) -> None:
        if message.type == "error":
            self.faults.append(f"{self.page.url}: {message.text}")

    def _watch(self, response: Response) -> None:
        if response.status >= 500:
            self.faults.append(f"{response.url} answered {response.status}")


@contextmanager
def visiting(base: str) -> Iterator[Visitor]:
    """Open a browser; at the end, raise AssertionError if any mistake was recorded."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(OPTIONS))
        try:
            visitor = Visitor(browser.new_page(viewport=SIZES[0]), base)  # type: ignore[arg-type]
            yield visitor
            assert not visitor.faults, "\n".join(visitor.faults)
        finally:
            browser.close()
