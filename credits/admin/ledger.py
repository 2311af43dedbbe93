"""The read-only pages of the ledger."""

from typing import Any

from django.contrib import admin
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from billing.admin.records import Records
from config.admin.columns import column
from config.admin.filters import DayFilter, FieldChoiceFilter
from config.admin.tables import link_to

from ..models import Entry
from .entries import ShowsEntries, with_sign


@admin.register(Entry)
class EntryAdmin(ShowsEntries, Records):
    icon = "menu_book"
    of = ("credit__customer", "purchase__customer")
    joined = ("credit__coupon", "purchase__product")
    also_by = ("reference",)
    search_help_text = gettext_lazy("Reference, or name, e-mail or phone of the customer")
    list_display = (
        *("created_at", "shown_kind", "shown_amount", "holding", "holder"),
        *("reference", "actor_name"),
    )
    list_display_links = ("created_at", "shown_kind")
    list_filter = (("kind", FieldChoiceFilter), ("created_at", DayFilter))
    shown = (
        *("created_at", "kind_name", "shown_amount", "credit", "purchase", "reversed"),
        *("reference", "reason", "actor_name"),
    )

    def title_of(self, row: Entry) -> str:
        return f"{capfirst(row.get_kind_display())}: {self.holding(row)}, {with_sign(row)}"

    reversed = column(
        gettext_lazy("gives back"), lambda row: link_to(row.reverses) if row.reverses else ""
    )
    kind_name = column(gettext_lazy("what happened"), lambda row: capfirst(row.get_kind_display()))

    @display(description=gettext_lazy("of"))
    def holding(self, entry: Entry) -> str:
        if entry.credit is not None:
            return str(entry.credit.coupon)
        return str(entry.purchase.product) if entry.purchase else ""

    @display(description=gettext_lazy("customer"))
    def holder(self, entry: Entry) -> Any:
        held = entry.credit or entry.purchase
        return held.customer if held else ""
