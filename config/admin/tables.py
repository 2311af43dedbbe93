"""Tables of related rows, and links to rows, for pages of the back-office."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Section:
    """A table on the page of a customer, with the customer's rows of one model.

    `rows` takes `Whose`, the placeholder for the customer's id and company. At most `at_once` rows
    are read and SHOWN are shown, with the `cells` of each row; `sums` returns totals of the rows
    that were read. `add` is the text of the link to the form for a new row, at `add_page`.
    """

    model: Any
    title: Any
    headers: Sequence[Any] = ()
    rows: Callable[[Any], QuerySet[Any, Any]]
    cells: Callable[[Any, Any], Sequence[Any]]
    sums: Callable[[list[Any]], Any] = lambda rows: ""
    empty: Any
    add: Any = ""
    add_page: str = "add"
    at_once: int = SHOWN

    def read(self, whose: Any) -> QuerySet[Any, Any]:
        """Return the rows to read: one more than needed, to know whether there are more."""
        return self.rows(whose)[: self.at_once + 1]

    def table(self, found: list[Any], customer: Any, request: Any) -> dict[str, Any]:
        return table_of(
            self.title,
            self.headers,
            [self.cells(row, customer) for row in found[:SHOWN]],
            sums=self.sums(found),
            all_address=listed(self.model, customer) if len(found) > SHOWN else "",
            empty=self.empty,
            **(
                adding(request, self.model, customer, self.add, page=self.add_page)
                if self.add
                else {}
            ),
        )


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
    note: Any = "",
) -> dict[str, Any]:
    """Return the template context of a table; `add` is the text of the link to add a row.

    `empty` is the text if there are no rows, `sums` are the totals, `note` is a sentence below.
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
        "note": note,
    }


def adding(
    request: Any, model: Any, parent: Any, text: Any, *, page: str = "add"
) -> dict[str, Any]:
    """Return the link to the form for a new row of a parent, such as a customer or an event.

    Returns {} if the user may not add such a row, or if the parent is archived.
    """
    permission = f"{model._meta.app_label}.add_{model._meta.model_name}"
    if parent.is_archived or not request.user.has_perm(permission):
        return {}
    address = f"{reverse(page_name(model, page))}?{parent._meta.model_name}={parent.pk}"
    return {"add": text, "add_address": address}


def listed(model: Any, parent: Any, more: str = "") -> str:
    """Return the address of the list of a parent's rows, such as a customer's or an event's."""
    query = f"{parent._meta.model_name}__id__exact={parent.pk}{more}"
    return f"{reverse(page_name(model, 'changelist'))}?{query}"


def page_name(model: Any, page: str) -> str:
    """Return the URL name of a page of a model; `page` is changelist, change, add or a button."""
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


def link_to(row: Any, text: Any = None, page: str = "change") -> SafeString:
    """Return a link to the page of a row, or of one of its buttons."""
    address = reverse(page_name(row, page), args=[row.pk])
    return format_html('<a href="{}" class="text-link">{}</a>', address, text or row)


def label(text: Any, kind: str = "default") -> SafeString:
    """Return a coloured label; `kind` is success, info, warning, danger or default."""
    return SafeString(
        render_to_string("unfold/helpers/label.html", {"text": text, "type": kind}).strip()
    )
