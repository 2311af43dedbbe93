"""The find box: from whatever somebody has in hand to the page that it is about."""

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
    """Something that was found: what it is, what tells it from others, and where its page is.

    `is_exact` where its very id, number or code was typed; `is_similar` where only a name like
    the one that was typed is known; `state` is said of what is not live.
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
    """Return what was meant, the likeliest first: what it says exactly, names, pages.

    Similar names come last, under a heading of their own.

    Three statements at most, however much there is.
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
    """Return a row as it is shown among what was found."""
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
    """Yield the pages that somebody may see, in the order of their registration."""
    for pages in site._registry.values():
        if isinstance(pages, Pages) and pages.has_view_permission(request):
            yield pages


def _by_id(site: Any, request: HttpRequest, wanted: str) -> list[Found]:
    """Return what has an id, with the prefix that the API shows or without any."""
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
    """Return which pages have a row with an id, by one statement over all of their tables."""
    asked = []
    for number, pages in enumerate(tenants):
        rows = pages.model.objects.visible_to(request.actor).filter(pk=key)
        asked.append(rows.order_by().values_list(Value(number), flat=True))
    first, *others = asked
    return [(tenants[number], "pk") for number in first.union(*others, all=True)]


def _menu(site: Any, request: HttpRequest, wanted: str) -> list[Found]:
    """Return the lists whose names have what was typed."""
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
