"""Every word that staff see can be translated.

A fake translation puts ⟦…⟧ around every marked text. Any other text on a page must be data of a
row; otherwise nobody could translate it.
"""

import re
import zoneinfo
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import chain
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import models
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from config.access.models import Staff
from config.errors import Refusal
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for
from tests.admin_routes import make_rows
from tests.backoffice import Browser
from tests.bulk import answered
from tests.config.test_admin_pages import NEVER_ADDED, url_of
from tests.factories import ACustomer, make_staff

SILENT_TAGS = {"script", "style", "template"}
EMPTY_TAGS = {"input", "img", "br", "hr", "meta", "link"}
SPOKEN = ("placeholder", "title", "aria-label", "alt", "data-placeholder")
# Names that are the same in every language.
NAMES = {
    *("Regulars", "CSV", "XLSX", "NDJSON", "API", "JSON", "UTC", "Ctrl", "esc", "GBP"),
    *zoneinfo.available_timezones(),
}
WORD = re.compile(r"[^\W\d_]{2,}")
# E-mail addresses, names of scopes and time zones, ids and keys are the same in every language.
CODE = re.compile(r"\S+[@_/:]\S+|\b[0-9a-f]{8}-[0-9a-f-]{27}\b")
# Models without pages, whose rows appear on other pages.
EXTRA = {
    *("access.Membership", "credits.CreditRule", "billing.InvoiceLine", "changes.WebhookAttempt"),
    "customers.CustomerMerge",
}
MARKED = re.compile(r"⟦[^⟦⟧]*⟧")
# A text that a link divides.
DIVIDED = re.compile(r"⟦[^⟧]*$|^[^⟦]*⟧")


@pytest.fixture
def marked(monkeypatch: Any) -> None:
    """Put ⟦…⟧ around every text that is marked for translation."""

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
    """All visible or spoken text of a page, including labels, hints and titles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        given = dict(attrs)
        # An icon's text is its name, which is drawn as a picture.
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
    """Return the texts of a page that are neither marked for translation nor data."""
    found, data = [], data | KNOWN
    for left in Spoken(page).said:
        while MARKED.search(left):
            left = MARKED.sub(" ", left)
        left = DIVIDED.sub(" ", left)
        if words_of(CODE.sub(" ", left)) - data:
            found.append(" ".join(left.split()))
    return found


def words_of_record() -> set[str]:
    """Return every word of every stored row."""
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


def addresses(rows: dict[str, Any], company: Company, staff: Any) -> Iterator[str]:
    """Yield the pages of the back-office: lists, forms, rows, and confirmations of buttons."""
    yield from ("/admin/", "/admin/password_change/", "/admin/login/", "/admin/nowhere/")
    for model, row in (rows | {"access.company": company, "access.staff": staff}).items():
        pages: Any = admin.site.get_model_admin(type(row))
        shown = ("history", "change", *(one.name for one in pages.buttons if one.one))
        yield url_of(model, "changelist")
        yield from (url_of(model, page, row.pk) for page in shown)
        if model not in NEVER_ADDED:
            yield url_of(model, "add")
    yield "/admin/customers/customer/?q=nobody"
    yield "/admin/billing/invoice/?status=overdue&total_from=1&issued_at_to=2020-01-01"


def refusals(rows: dict[str, Any], browser: Browser) -> Iterator[tuple[str, Any]]:
    """Yield the answers to typical mistakes: empty forms, and buttons pressed twice."""
    for model, row in rows.items():
        pages: Any = admin.site.get_model_admin(type(row))
        if model not in NEVER_ADDED:
            add = url_of(model, "add")
            yield f"{add} (empty)", browser.post(add)
        for button in pages.buttons:
            if button.one:
                address = url_of(model, button.name, row.pk)
                for _turn in range(2):
                    browser.post(address)
                # Any page shows the messages.
                yield f"{address} (twice)", browser.get("/admin/password_change/done/")


@pytest.fixture
def root(studio: Company) -> Browser:
    return Browser(make_staff(studio, email="root@studio.example", superuser=True))


@pytest.mark.long
def test_neither_a_page_nor_a_refusal_says_a_word_that_cannot_be_translated(
    marked: None, studio: Company, root: Browser
) -> None:
    rows = make_rows(studio)
    with acting_for(studio.id):
        data = words_of_record() | words_of("Olive Owner")
    staff = Staff.objects.get(email="root@studio.example")
    pages = ((address, root.get(address)) for address in addresses(rows, studio, staff))
    found = [
        f"{address}: {words}"
        for address, answer in chain(pages, refusals(rows, root))
        if (words := unmarked(answer.text, data))
    ]
    assert not found, "\n".join(found)


def test_bulk_questions_can_be_translated(marked: None, studio: Company, root: Browser) -> None:
    customer: Any = ACustomer(company=studio, first_name="Ana", last_name="", archived=True)
    pages: Any = admin.site.get_model_admin(type(customer))
    data = words_of("Ana Studio Nine Olive Owner")
    path = url_of("customers.customer", "changelist")
    for button in pages.buttons:
        if button.many:
            page = root.choose(path, button.name, customer)
            assert unmarked(page.text, data) == []
            if button.many_form:
                assert unmarked(answered(root, path, button.name, page).text, data) == []


def test_the_test_finds_a_word_that_is_not_marked() -> None:
    page = "<p>⟦Said ⟦well⟧⟧ and not Ana</p><span class='material-symbols-outlined'>close</span>"
    assert unmarked(page, {"ana"}) == ["and not Ana"]
    assert unmarked('<input placeholder="Type here">', set()) == ["Type here"]


def every_refusal(of: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for one in of.__subclasses__():
        yield one
        yield from every_refusal(one)


def test_what_a_refusal_says_can_be_translated_and_is_text_where_it_is_said(marked: None) -> None:
    # Developers read the refusals of the API, in the language of its documentation.
    told = {
        one for one in every_refusal() if not one.__module__.startswith(("config.api", "tests"))
    }
    bare = [one.__name__ for one in told if not isinstance(one.message, Promise)]
    assert not bare
    refusal = Refusal(fields={"name": gettext_lazy("Say what it is called.")})
    assert refusal.text == "⟦This cannot be done.⟧"
    assert type(refusal.fields["name"]) is str
