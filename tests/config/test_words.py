"""Every word that staff see can be said in another language.

A pretended translation puts ⟦…⟧ around everything that is marked for translation; then what a page
shows outside of them is data of the record, or a word that nobody could translate.
"""

import re
import zoneinfo
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from config.access.models import Company
from config.access.tenancy import acting_for
from config.admin.buttons import Button
from config.errors import Refusal
from tests.backoffice import Browser
from tests.bulk import answered
from tests.config.test_admin_pages import NEVER_ADDED, url_of
from tests.factories import ACustomer, make_staff
from tests.office import make_rows

SILENT_TAGS = {"script", "style", "template"}
EMPTY_TAGS = {"input", "img", "br", "hr", "meta", "link"}
SPOKEN = ("placeholder", "title", "aria-label", "alt", "data-placeholder")
# Names, which are the same in every language.
NAMES = {
    *("Regulars", "CSV", "XLSX", "NDJSON", "API", "JSON", "UTC", "Ctrl", "esc", "GBP"),
    *zoneinfo.available_timezones(),
}
WORD = re.compile(r"[^\W\d_]{2,}")
# Addresses of mail, names of scopes and time zones, ids and keys: the same in every language.
CODE = re.compile(r"\S+[@_/:]\S+|\b[0-9a-f]{8}-[0-9a-f-]{27}\b")
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")


@pytest.fixture
def marked(monkeypatch: Any) -> None:
    """Have everything that is marked for translation come back in ⟦…⟧."""

    def mark(text: str) -> str:
        return f"⟦{text}⟧" if text else ""

    found: Any = translation._trans  # type: ignore[attr-defined]
    translation.gettext("")
    for name, fake in {
        "gettext": mark,
        "pgettext": lambda context, text: mark(text),
        "ngettext": lambda one, many, count: mark(one if count == 1 else many),
        "npgettext": lambda context, one, many, count: mark(one if count == 1 else many),
    }.items():
        monkeypatch.setattr(found, name, fake, raising=False)


class Spoken(HTMLParser):
    """Everything that a page says: its text, and the names and hints of what is on it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        # Signs are drawn from names: they are pictures.
        is_sign = "material-symbols" in (given.get("class") or "")
        if (self.silent or tag in SILENT_TAGS or is_sign) and tag not in EMPTY_TAGS:
            self.silent.append(tag)
        if not is_sign:
            self.said += [given[name] for name in SPOKEN if given.get(name)]
        if tag == "input" and given.get("type") in ("submit", "button"):
            self.said.append(given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        if not self.silent and data.strip():
            self.said.append(data)


def words_of(*texts: str) -> set[str]:
    return {word.lower() for text in texts for word in WORD.findall(text)}


KNOWN = words_of(*NAMES)


def unmarked(page: str, data: set[str]) -> list[str]:
    """Return what a page says that is neither marked for translation nor data."""
    found, data = [], data | KNOWN
    for left in Spoken(page).said:
        while MARKED.search(left):
            left = MARKED.sub(" ", left)
        if words_of(CODE.sub(" ", left)) - data:
            found.append(" ".join(left.split()))
    return found


def words_of_record() -> set[str]:
    """Return every word that stands in the record."""
    found: set[str] = set()
    for model in apps.get_models():
        if model not in admin.site._registry and model._meta.label not in EXTRA:
            continue
        texts = [
            field.name
            for field in model._meta.concrete_fields
            if isinstance(field, (models.CharField, models.TextField, models.JSONField))
            and not field.choices
        ]
        for row in model._base_manager.values_list(*texts)[:100]:
            found |= words_of(*map(str, row))
        lists = [f.name for f in model._meta.concrete_fields if "Array" in type(f).__name__]
        for row in model._base_manager.values_list(*lists)[:100] if lists else ():
            found |= words_of(*map(str, row))
    return found


EXTRA = {"access.Membership", "credits.CreditRule", "billing.InvoiceLine"}
EXTRA |= {"changes.WebhookAttempt"}


def addresses(rows: dict[str, Any], company: Company, staff: Any) -> Iterator[str]:
    """Yield the pages of the back-office: lists, forms, rows, and what each button asks."""
    everything = rows | {"access.company": company, "access.staff": staff}
    yield from ("/admin/", "/admin/password_change/", "/admin/login/", "/admin/nowhere/")
    for model, row in everything.items():
        pages: Any = admin.site.get_model_admin(type(row))
        listed = url_of(model, "changelist")
        yield from (listed, url_of(model, "history", row.pk))
        yield url_of(model, "change", row.pk)
        if model not in NEVER_ADDED:
            yield url_of(model, "add")
        yield from (url_of(model, one.name, row.pk) for one in pages.buttons if one.one)
    yield "/admin/customers/customer/?q=nobody"
    yield "/admin/billing/invoice/?status=overdue&total_from=1&issued_at_to=2020-01-01"


def test_no_page_says_a_word_that_cannot_be_translated(marked: None, studio: Company) -> None:
    rows = make_rows(studio)
    root = make_staff(studio, email="root@studio.example", superuser=True)
    browser = Browser(root)
    with acting_for(studio.id):
        data = words_of_record()
    data |= words_of("Olive Owner")
    found = {}
    for address in addresses(rows, studio, root):
        if words := unmarked(browser.get(address).text, data):
            found[address] = words
    assert not found, "\n".join(f"{address}: {words}" for address, words in found.items())


def refusals(rows: dict[str, Any], browser: Browser) -> Iterator[tuple[str, Any]]:
    """Yield what is answered to typical mistakes: forms left empty, buttons pressed twice."""
    for model, row in rows.items():
        pages: Any = admin.site.get_model_admin(type(row))
        if model not in NEVER_ADDED:
            add = url_of(model, "add")
            yield f"{add} (empty)", browser.post(add)
        for button in pages.buttons:
            if not button.one:
                continue
            address = url_of(model, button.name, row.pk)
            for _turn in range(2):
                browser.post(address)
            yield f"{address} (twice)", browser.get(url_of(model, "changelist"))


def test_no_refusal_says_a_word_that_cannot_be_translated(marked: None, studio: Company) -> None:
    rows = make_rows(studio)
    browser = Browser(make_staff(studio, email="root@studio.example", superuser=True))
    with acting_for(studio.id):
        data = words_of_record()
    data |= words_of("Olive Owner")
    found = {
        address: words
        for address, answer in refusals(rows, browser)
        if (words := unmarked(answer.text, data))
    }
    assert not found, "\n".join(f"{address}: {words}" for address, words in found.items())


def test_what_is_asked_of_many_can_be_translated(marked: None, studio: Company) -> None:
    customer: Any = ACustomer(company=studio, first_name="Ana", last_name="", archived=True)
    browser = Browser(make_staff(studio, email="root@studio.example", superuser=True))
    pages: Any = admin.site.get_model_admin(type(customer))
    many: list[Button] = [button for button in pages.buttons if button.many]
    data = words_of("Ana Studio Nine Olive Owner")
    for button in many:
        path = url_of("customers.customer", "changelist")
        page = browser.choose(path, button.name, customer)
        assert unmarked(page.text, data) == []
        if button.many_form:
            assert unmarked(answered(browser, path, button.name, page).text, data) == []


def test_the_test_finds_a_word_that_is_not_marked() -> None:
    page = "<p>⟦Said ⟦well⟧⟧ and not Ana</p><span class='material-symbols-outlined'>close</span>"
    assert unmarked(page, {"ana"}) == ["and not Ana"]
    assert unmarked('<input placeholder="Type here">', set()) == ["Type here"]


def every_refusal(of: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for one in of.__subclasses__():
        yield one
        yield from every_refusal(one)


def test_what_a_refusal_says_can_be_translated_and_is_text_where_it_is_said(marked: None) -> None:
    # What only the API refuses is read by developers, in the language of its documentation.
    told = {
        one for one in every_refusal() if not one.__module__.startswith(("config.api", "tests"))
    }
    bare = [one.__name__ for one in told if not isinstance(one.message, Promise)]
    assert not bare
    refusal = Refusal(fields={"name": gettext_lazy("Say what it is called.")})
    assert refusal.text == "⟦This cannot be done.⟧"
    assert type(refusal.fields["name"]) is str
