"""The search box of the back-office: finds pages by id, number, code or name."""

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Value
from django.http import HttpRequest
from django.urls import reverse

from config.tenancy.ids import read_id

from .pages import CompanyAdmin, Pages
from .tables import page_name

MOST_IN_BOX, MOST_ON_PAGE = 7, 30
MOST_PAGES = 5

_PREFIXED = re.compile(r"([a-z]+[-_])([0-9a-f-]{32,36})", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Found:
    """A search result; `facts` distinguish it from results with the same title.

    `is_exact`: the search text is its id, number or code. `is_similar`: its name is only similar
    to the search text. `state`: a word such as "Archived", "" for a live row.
    """

    kind: Any
    title: str
    address: str
    icon: str
    facts: tuple[str, ...] = ()
    state: Any = ""
    is_exact: bool = False
    is_similar: bool = False


def find(site: Any, request: HttpRequest, wanted: str, most: int) -> list[Found]:
    """Return the results of a search: exact matches, names, pages, then similar names.

    Runs at most three statements for any amount of data.
    """
    if not wanted:
        return []
    if found := _by_id(site, request, wanted):
        return found
    rows: list[Found] = []
    for pages in _open_pages(site, request):
        rows += pages.find(request, wanted, most)
    rows = sorted(rows, key=lambda one: (one.is_similar, not one.is_exact))[:most]
    return sorted(rows + _menu(site, request, wanted), key=lambda one: one.is_similar)


def describe(pages: Pages, row: Any, **more: Any) -> Found:
    """Return a row as a search result."""
    customer = getattr(row, "customer", None)
    return Found(
        **{
            "kind": pages.singular,
            "title": str(row),
            "facts": (str(customer),) if customer else (),
            "address": pages.address_of(row),
            "icon": pages.icon,
            "state": pages.archived_word if getattr(row, "is_archived", False) else "",
            **more,
        }
    )


def _open_pages(site: Any, request: HttpRequest) -> Iterable[Pages]:
    """Yield the pages that the user may see, in the order of their registration."""
    for pages in site._registry.values():
        if isinstance(pages, Pages) and pages.has_view_permission(request):
            yield pages


def _by_id(site: Any, request: HttpRequest, wanted: str) -> list[Found]:
    """Return the rows with an id; the id may have the prefix that the API shows."""
    prefixed = _PREFIXED.fullmatch(wanted)
    key = read_id("", prefixed[2] if prefixed else wanted)
    if key is None:
        return []
    tenants = [one for one in _open_pages(site, request) if isinstance(one, CompanyAdmin)]
    if prefixed:
        prefix = prefixed[1].lower()
        ways = [(pages, pages.known_as[prefix]) for pages in tenants if prefix in pages.known_as]
    else:
        ways = _having(request, tenants, key)
    return [
        describe(pages, row, is_exact=True)
        for pages, lookup in ways
        for row in pages.get_queryset(request).filter(**{lookup: key})[:MOST_IN_BOX]
    ]


def _having(
    request: Any, tenants: list[CompanyAdmin], key: uuid.UUID
) -> list[tuple[CompanyAdmin, str]]:
    """Return the pages that have a row with an id, by one statement over all their tables."""
    asked = []
    for number, pages in enumerate(tenants):
        rows = pages.model.objects.visible_to(request.actor).filter(pk=key)
        asked.append(rows.order_by().values_list(Value(number), flat=True))
    first, *others = asked
    return [(tenants[number], "pk") for number in first.union(*others, all=True)]


def _menu(site: Any, request: HttpRequest, wanted: str) -> list[Found]:
    """Return the lists whose names contain the search text."""
    words = wanted.casefold()
    return [
        Found(
            kind=pages.opts.app_config.verbose_name,
            title=pages.list_title,
            address=reverse(page_name(pages.model, "changelist")),
            icon=pages.icon,
        )
        for pages in _open_pages(site, request)
        if words in str(pages.plural).casefold()
    ][:MOST_PAGES]
