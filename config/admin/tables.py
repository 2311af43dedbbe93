"""Tables of what hangs on a row, as its page shows them."""

from collections.abc import Sequence
from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def table_of(
    title: Any,
    headers: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    *,
    add: Any = "",
    add_address: str = "",
    all_address: str = "",
) -> dict[str, Any]:
    """Return a table with headings; `add` names the way to one more row, where there is one."""
    return {
        "title": title,
        "headers": headers,
        "rows": rows,
        "add": add,
        "add_address": add_address,
        "all": all_address,
    }


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
