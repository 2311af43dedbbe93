"""The head of a page: breadcrumbs, title and actions."""

from typing import Any

from django import template
from django.contrib import admin
from django.urls import reverse
from django.utils.text import capfirst
from unfold.enums import ActionVariant

from .tables import page_name

register = template.Library()


@register.inclusion_tag("admin/page_head.html", takes_context=True)
def page_head(context: Any) -> dict[str, Any]:
    """Return the context of the head: breadcrumbs above the title, actions below it."""
    actions = context.get("actions_detail") or []
    dangers = [one for one in actions if one.get("variant") == ActionVariant.DANGER]
    return {
        "trail": _trail(context),
        "title": context.get("title"),
        "actions": [one for one in actions if one not in dangers],
        "dangers": dangers,
        "history": _history_of(context),
        "tools": context.get("nav_global_side"),
        "perms": context.get("perms"),
    }


def _history_of(context: Any) -> str:
    """Return the address of the row's history, "" if the page is not that of a row."""
    row = context.get("original")
    is_shown = row is not None and "adminform" in context and context.get("show_history")
    return _page_of(row, "history") if is_shown else ""


def _trail(context: Any) -> list[tuple[str, str]]:
    """Return the breadcrumbs: the names and addresses of the parent pages."""
    options, row = context.get("opts"), context.get("original")
    pages: Any = admin.site._registry.get(options.model) if options else None
    if pages is None or "cl" in context:
        return []
    listed = reverse(page_name(options.model, "changelist"))
    trail = [(capfirst(str(pages.plural)), listed)]
    if row is not None and (name := pages.title_of(row)) != context.get("title"):
        trail.append((name, _page_of(row, "change")))
    return trail


def _page_of(row: Any, page: str) -> str:
    return reverse(page_name(row, page), args=[row.pk])
