"""Pages of what is written once for a customer."""

from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.admin import TabularInline

from config.admin.filters import searchable
from config.admin.pages import CompanyAdmin
from customers.models.finding import Meaning


class Records(CompanyAdmin):
    """Rows that are made, at most, and never edited.

    `of` names the ways to the customer, and `also_by` the lookups that find a row by what is typed,
    besides its customer's name, e-mail and phone.
    """

    grows = True
    saves_on = False
    # After saving, the page of the new row opens.
    leads_to = "self"
    of: tuple[str, ...] = ("customer",)
    also_by: tuple[str, ...] = ()
    search_fields = ("customer",)
    search_help_text: Any = gettext_lazy("Name, e-mail or phone of the customer")

    def get_queryset(self, request: HttpRequest) -> Any:
        rows = super().get_queryset(request).select_related(*self.of)
        return rows.defer(*(f"{way}__search_words" for way in self.of))

    def get_search_results(self, request: Any, queryset: Any, search_term: str) -> Any:
        words = searchable(search_term)
        if not words:
            return queryset, False
        meaning = Meaning.of(words)
        ways = [meaning.by(f"{way}__") for way in self.of]
        ways += [Q(**{lookup: words}) & ~Q(**{lookup: ""}) for lookup in self.also_by]
        ways += self.also_meant(request, words)
        if meaning.common or len(ways) == 1:
            return queryset.filter(reduce(or_, ways)), False
        # Each way has an index of its own, which no condition with an "or" in it could use.
        rows = self.model.objects.visible_to(request.actor).order_by()
        first, *others = (rows.filter(way).values("pk") for way in ways)
        return queryset.filter(pk__in=first.union(*others)), False

    def also_meant(self, request: Any, words: str) -> list[Q]:
        """Return conditions that find rows by what is typed, besides those of `also_by`."""
        return []


class Lines(TabularInline):
    """A table of what belongs to a row, to be read there; it reads each with what is `joined`."""

    shown: tuple[str, ...]
    joined: tuple[str, ...]
    extra = 0
    per_page = 50
    show_title = False

    def get_queryset(self, request: Any) -> Any:
        rows = super().get_queryset(request).visible_to(request.actor)
        return rows.select_related(*self.joined)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.shown

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.shown if obj is not None else ()

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Let staff who may see a row see its parts."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
