"""The base class of all lists: filters in the query string, and the rows of one page."""

from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import ActionLocation
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.views.main import IGNORED_PARAMS, SEARCH_VAR, ChangeList
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin, checkbox
from unfold.decorators import display

from .columns import column
from .paging import Bounded, List, is_in_order
from .sentences import Named
from .tables import page_name

# Parameters that stay when the filters are removed: the search, and Django's own.
KEPT = (SEARCH_VAR, *IGNORED_PARAMS)


@dataclass(frozen=True)
class Chip:
    """An active filter, and the address of the list without it."""

    title: str
    text: str
    without: str


_MARK = "no-id-of-any-row"


@cache
def _checkbox() -> str:
    return checkbox.render(ACTION_CHECKBOX_NAME, _MARK)


class Lists(Named):
    """The list of a model.

    `of_page` is a function that loads more data for the columns, for the rows of one page.
    `grows` marks models with any number of rows per company: their lists can be sorted only by
    columns with an index.
    """

    empty_value_display = "–"
    of_page: Any = None
    grows = False
    paginator = Bounded
    begins: Any = gettext_lazy("Add the first one to get started.")

    def page_at(self, where: str, view: Any, name: str) -> URLPattern:
        """Return the URL pattern of a page of this model, below that of its list."""
        whole = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
        return path(where, self.admin_site.admin_view(view), name=whole)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return List

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow lookups only on filters of the list, on autocomplete fields and on related rows."""
        name = lookup.partition("__")[0]
        paths = (one[0] if isinstance(one, tuple) else str(one) for one in self.list_filter)
        filters = {path.partition("__")[0] for path in paths}
        open_to_all = name in filters or name in self.autocomplete_fields
        is_column = name in {field.name for field in self.opts.get_fields()}
        return (open_to_all or not is_column) and super().lookup_allowed(lookup, value, request)

    def _get_obj_does_not_exist_redirect(
        self, request: HttpRequest, opts: Any, object_id: str
    ) -> HttpResponse:
        """Redirect to the list; a missing row and another company's row get one message."""
        messages.warning(request, _("This %(name)s does not exist.") % {"name": self.singular})
        return HttpResponseRedirect(reverse(page_name(self.model, "changelist")))

    def get_action_choices(
        self,
        request: HttpRequest,
        default_choices: Any = None,
        action_location: ActionLocation = ActionLocation.CHANGE_LIST,
    ) -> list[Any]:
        """Return the choices as Unfold does, with the signature of this Django release."""
        return admin.ModelAdmin.get_action_choices(
            self, request, default_choices or [("", _("Choose what to do"))], action_location
        )

    def get_sortable_by(self, request: HttpRequest) -> list[Any]:
        """Return the sortable columns; for a list that `grows`, only those with an index."""
        names = list(super().get_sortable_by(request))
        if not self.grows:
            return names
        return [name for name in names if is_in_order(self.model, self._order_of(name))]

    def _order_of(self, name: Any) -> Any:
        return getattr(getattr(self, str(name), None), "admin_order_field", name)

    # Rendering this template for each row would take a fifth of the time of a list.
    @display(description=ModelAdmin.action_checkbox.short_description)
    def action_checkbox(self, obj: Any) -> SafeString:
        return mark_safe(_checkbox().replace(_MARK, str(obj.pk)))  # noqa: S308

    def changelist_view(self, request: Any, extra_context: Any = None) -> HttpResponse:
        """Show the list; redirect to its address without empty parameters."""
        if request.method == "GET" and "" in request.GET.values():
            said = [(key, one) for key, many in request.GET.lists() for one in many if one]
            return HttpResponseRedirect(f"{request.path}?{urlencode(said)}".removesuffix("?"))
        titled = {"title": self.list_title, **(extra_context or {})}
        answer = super().changelist_view(request, titled)
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
        """Return the rows of a page, in their order, with the data of their columns."""
        if self.of_page is None:
            return list(found)
        keys = [row.pk for row in found]
        rows = {row.pk: row for row in self.of_page(self.model, keys)}
        return [rows[key] for key in keys if key in rows]

    def render_page(self, request: Any, template: str, context: dict[str, Any]) -> TemplateResponse:
        """Return a page of this model inside the back-office."""
        request.current_app = self.admin_site.name
        known = {**self.admin_site.each_context(request), "opts": self.opts}
        return TemplateResponse(request, template, known | context)

    def with_filters(self, request: HttpRequest, address: str) -> str:
        """Return an address that keeps the filters of the list that the row was opened from."""
        filters = {"preserved_filters": self.get_preserved_filters(request), "opts": self.opts}
        return str(add_preserved_filters(filters, address))

    created_on = column(
        gettext_lazy("created"),
        lambda row: date_format(timezone.localdate(row.created_at)),
        exports=lambda row: timezone.localdate(row.created_at),
        # Ids increase with time, and they have an index.
        ordering="id",
    )

    @display(description=gettext_lazy("state"), label={"live": "success", "archived": "default"})
    def life(self, row: Any) -> tuple[str, Any]:
        """Return the state of a row: archived or live."""
        if row.is_archived:
            return "archived", gettext_lazy("Archived")
        return "live", gettext_lazy("Live")


def yes_of(name: str, description: Any) -> Any:
    """Return a column that shows "Yes" if an attribute of the row is true."""
    value = attrgetter(name)
    return column(
        description, lambda row: gettext_lazy("Yes") if value(row) else "–", exports=value
    )


def plain(page: Any) -> str:
    """Return the address of a list without its filters."""
    return _address({key: page.filter_params[key] for key in KEPT if key in page.filter_params})


def kept(page: Any) -> list[tuple[str, str]]:
    """Return the other query parameters, as hidden fields of the filter form."""
    own = {name for spec in page.filter_specs for name in spec.expected_parameters()}
    params = page.filter_params.items()
    return [(name, value) for name, values in params if name not in own for value in values]


def chips_of(page: Any, request: Any) -> list[Chip]:
    """Return the active filters of a list; those of the filter panel come first."""
    known: set[str] = set()
    chips = []
    for spec in page.filter_specs:
        names = {str(name) for name in spec.expected_parameters() if name}
        known |= names
        if text := spec.text():
            chips.append(_chip(page, spec.title, text, names))
    for name in page.filter_params.keys() - known - set(KEPT):
        value = str(page.filter_params[name][-1])
        if pointed := _pointed_at(page, request, name, value):
            chips.append(_chip(page, *pointed, {name}))
    return chips


def _chip(page: Any, title: Any, text: Any, names: set[str]) -> Chip:
    left = {key: values for key, values in page.filter_params.items() if key not in names}
    return Chip(str(capfirst(title)), str(text), _address(left))


def _address(params: dict[str, Any]) -> str:
    return "?" + urlencode(sorted(params.items()), doseq=True)


def _pointed_at(page: Any, request: HttpRequest, name: str, value: str) -> tuple[Any, str] | None:
    """Return the label and value of a lookup without a filter, such as customer__id__exact.

    Returns None if the parameter is no lookup of this model.
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
