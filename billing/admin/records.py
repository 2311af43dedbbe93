"""The base of pages for rows that are created once for a customer and never edited."""

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
    """Pages of rows that can be created but not edited.

    `of` has the paths to the customer. `also_by` has lookups that search the typed text, in
    addition to the customer's name, e-mail and phone.
    """

    grows = True
    saves_on = False
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
        # Each condition has its own index; PostgreSQL would not use them for a single OR.
        rows = self.model.objects.visible_to(request.actor).order_by()
        first, *others = (rows.filter(way).values("pk") for way in ways)
        return queryset.filter(pk__in=first.union(*others)), False

    def also_meant(self, request: Any, words: str) -> list[Q]:
        """Return more conditions for a search, in addition to `also_by`."""
        return []


class Lines(TabularInline):
    """A read-only table of the parts of a row; `joined` has the relations to load with them."""

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
        """Allow everybody who can see the row."""
        return True

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
