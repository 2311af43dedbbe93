"""Tables of what hangs on a row, as its page shows them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import resolve, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


@dataclass(frozen=True)
class Section:
    """What hangs on a row: which rows, and the table that is made of them once they are read.

    `rows` are those of whatever has the id and the company of `Whose`; the table is made for the
    row and a request.
    """

    rows: Callable[[Any], QuerySet[Any, Any]]
    table: Callable[[list[Any], Any, Any], dict[str, Any]]


def table_of(
    title: Any,
    headers: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    *,
    add: Any = "",
    add_address: str = "",
    all_address: str = "",
    empty: Any = "",
    sums: Any = "",
) -> dict[str, Any]:
    """Return a table with headings; `add` names the way to one more row, where there is one.

    `empty` is what to say of no rows, and `sums` what the rows come to.
    """
    return {
        "title": title,
        "headers": headers,
        "rows": rows,
        "add": add,
        "add_address": add_address,
        "all": all_address,
        "empty": empty,
        "sums": sums,
    }


def adding(request: Any, model: Any, customer: Any, text: Any) -> dict[str, Any]:
    """Return the way to a row of a customer's, where somebody may make one and it can be made."""
    verb = f"{model._meta.app_label}.add_{model._meta.model_name}"
    if customer.is_archived or not request.user.has_perm(verb):
        return {}
    return {
        "add": text,
        "add_address": f"{reverse(page_name(model, 'add'))}?customer={customer.pk}",
    }


def listed(model: Any, customer: Any, more: str = "") -> str:
    """Return the address of the list of a customer's rows."""
    return f"{reverse(page_name(model, 'changelist'))}?customer__id__exact={customer.pk}{more}"


def may_open(request: HttpRequest, address: str) -> bool:
    """Say whether a form for a new row may be opened; of any other page its own button says so."""
    view = resolve(urlsplit(address).path)
    is_form = (view.url_name or "").endswith("_add")
    return not is_form or view.func.model_admin.has_add_permission(request)  # type: ignore[attr-defined]


def open_links(request: HttpRequest, links: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave out the ways to forms that may not be opened."""
    return [link for link in links if may_open(request, link["path"])]


def open_tables(request: HttpRequest, tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Leave the way to one more row out of tables where none may be made."""
    return [
        table | {"add": ""}
        if table.get("add") and not may_open(request, table["add_address"])
        else table
        for table in tables
    ]


def page_name(model: Any, page: str) -> str:
    """Return the name of a page of a model: its list, a row's page, or the form for a new one."""
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


def link_to(row: Any, text: Any = None) -> SafeString:
    """Return a link to the page of a row."""
    address = reverse(page_name(row, "change"), args=[row.pk])
    return format_html('<a href="{}" class="text-link">{}</a>', address, text or row)


def label(text: Any, kind: str = "default") -> SafeString:
    """Return a word in its colour: success, info, warning, danger or default."""
    return SafeString(
        render_to_string("unfold/helpers/label.html", {"text": text, "type": kind}).strip()
    )
