"""What every list has: filters that combine in the address bar, and what is shown of its page."""

from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlencode

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import IGNORED_PARAMS, SEARCH_VAR, ChangeList
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, checkbox
from unfold.decorators import display

from .columns import exported_as
from .paging import Bounded, List, is_in_order

# Parameters that say how rows are shown, not which.
KEPT = (SEARCH_VAR, *IGNORED_PARAMS)


@dataclass(frozen=True)
class Chip:
    """One filter that is at work, and the address of the list without it."""

    title: str
    text: str
    without: str


_MARK = "no-id-of-any-row"


@cache
def _checkbox() -> str:
    return checkbox.render(ACTION_CHECKBOX_NAME, _MARK)


class Lists(ModelAdmin):
    """The list of a model.

    What a column needs beyond the row itself is read for the rows of one page only: `of_page`
    names the queryset method or function that adds it. `grows` where a company may have any number
    of rows: then its list is sorted only by what an index has in order.
    """

    empty_value_display = "–"
    of_page: Any = None
    grows = False
    paginator = Bounded
    begins: Any = gettext_lazy("Begin with the first one.")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return List

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        """Offer to sort what grows only by columns that an index has in order."""
        names = list(super().get_sortable_by(request))
        if not self.grows:
            return names
        return [name for name in names if is_in_order(self.model, self._order_of(name))]

    def _order_of(self, name: Any) -> Any:
        return getattr(getattr(self, str(name), None), "admin_order_field", name)

    # The theme renders the same templates for every row, a fifth of all that a list takes.
    @display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Any) -> SafeString:
        return mark_safe(_checkbox().replace(_MARK, str(obj.pk)))  # noqa: S308

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """Show the list; parameters that say nothing are left out of its address."""
        if request.method == "GET" and "" in request.GET.values():
            said = [(key, one) for key, many in request.GET.lists() for one in many if one]
            return HttpResponseRedirect(f"{request.path}?{urlencode(said)}".removesuffix("?"))
        answer = super().changelist_view(request, extra_context)
        context = getattr(answer, "context_data", None)
        if context and "cl" in context:
            page = context["cl"]
            context |= {
                "chips": chips_of(page, request),
                "plain_list": plain(page),
                "kept_params": kept(page),
            }
            page.result_list = self.filled(page.result_list)
        return answer

    def filled(self, found: Any) -> list[Any]:
        """Return the rows of a page, in their order, with what their columns need."""
        if self.of_page is None:
            return list(found)
        keys = [row.pk for row in found]
        rows = {row.pk: row for row in self.of_page(self.model, keys)}
        return [rows[key] for key in keys if key in rows]

    def with_filters(self, request: HttpRequest, address: str) -> str:
        """Return an address that knows the list that a row was opened from."""
        filters = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return str(add_preserved_filters(filters, address))

    # Ids are in the order of time, and the index of them is there.
    @exported_as(lambda row: timezone.localdate(row.created_at))
    @display(description=gettext_lazy("created"), ordering="id")
    def created_on(self, row: Any) -> str:
        return date_format(timezone.localdate(row.created_at))

    @display(description=gettext_lazy("state"), label={"live": "success", "archived": "default"})
    def life(self, row: Any) -> tuple[str, Any]:
        """Whether a row is archived, in a word."""
        if row.is_archived:
            return "archived", gettext_lazy("Archived")
        return "live", gettext_lazy("Live")


def yes_of(name: str, description: Any) -> Any:
    """Return the column that says in a word whether a row is something."""

    @exported_as(lambda row: getattr(row, name))
    @display(description=description)
    def shown(pages: Any, row: Any) -> Any:
        return gettext_lazy("Yes") if getattr(row, name) else "–"

    return shown


def plain(page: Any) -> str:
    """Return the address of a list as it is, without any filter."""
    return _address({key: page.filter_params[key] for key in KEPT if key in page.filter_params})


def kept(page: Any) -> list[tuple[str, str]]:
    """Return what the form of filters sends along besides its own fields."""
    own = {name for spec in page.filter_specs for name in spec.expected_parameters()}
    params = page.filter_params.items()
    return [(name, value) for name, values in params if name not in own for value in values]


def chips_of(page: Any, request: Any) -> list[Chip]:
    """Return the filters that are at work in a list, those of its panel first."""
    known: set[str] = set()
    chips = []
    for spec in page.filter_specs:
        names = {str(name) for name in spec.expected_parameters() if name}
        known |= names
        if text := told(spec, page):
            chips.append(_chip(page, spec.title, text, names))
    for name in page.filter_params.keys() - known - set(KEPT):
        value = str(page.filter_params[name][-1])
        if pointed := _pointed_at(page, request, name, value):
            chips.append(_chip(page, *pointed, {name}))
    return chips


def told(spec: Any, page: Any) -> Any:
    """Return what a filter narrows a list to; nothing where it does not."""
    if hasattr(spec, "told"):
        return spec.told()
    names = [name for name in spec.expected_parameters() if name in page.filter_params]
    chosen = [one for one in spec.choices(page) if one.get("selected")] if names else []
    return chosen[0]["display"] if chosen else ""


def _chip(page: Any, title: Any, text: Any, names: set[str]) -> Chip:
    left = {key: values for key, values in page.filter_params.items() if key not in names}
    return Chip(str(capfirst(title)), str(text), _address(left))


def _address(params: dict[str, Any]) -> str:
    return "?" + urlencode(sorted(params.items()), doseq=True)


def _pointed_at(page: Any, request: HttpRequest, name: str, value: str) -> tuple[Any, str] | None:
    """Return what a parameter that no filter stands for says, such as customer__id__exact.

    None for one that says nothing here.
    """
    try:
        field = page.opts.get_field(name.partition("__")[0])
    except FieldDoesNotExist:
        return None
    if field.remote_field is None:
        return getattr(field, "verbose_name", name), value
    try:
        rows = page.model_admin.get_field_queryset(None, field, request)
        row = rows.filter(pk=value).first()
    except (ValueError, ValidationError):
        row = None
    return field.verbose_name, str(row or value)
