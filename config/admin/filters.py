"""Filters of lists; all filters of a list are in one form."""

import datetime
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.contrib.filters.forms import AutocompleteDropdownForm

from config.money import in_units, show_money
from config.tenancy.ids import read_id
from config.times import FIRST_DAY, LAST_DAY, day_begins

from .forms import Picker

# The same limit as the API's search.
LONGEST_SEARCH = 200

# The largest value of a bigint column.
MOST_UNITS = 2**63 - 1


def searchable(typed: str) -> str:
    """Return the text of a search box without null characters, and no longer than the limit."""
    return typed.replace("\x00", "")[:LONGEST_SEARCH].strip()


def midnight(day: datetime.date, days: int = 0) -> datetime.datetime:
    """Return the start of a day in the company's time zone; `days` moves the day."""
    return day_begins(day + datetime.timedelta(days=days))


class ChoiceFilter(admin.SimpleListFilter, ABC):
    """Base of filters with a few choices; any other value is ignored.

    A subclass sets `names`, the label of each choice, and implements `by`, which filters the rows.
    """

    template = "admin/filters/choice.html"
    names: Any = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(self.names.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = self.value()
        offered = {str(name) for name, _title in self.lookup_choices}
        return self.by(queryset, chosen) if chosen in offered else queryset

    @abstractmethod
    def by(self, rows: Any, chosen: Any) -> Any:
        """Return the rows that match a choice."""

    def text(self) -> Any:
        """Return the label of the choice."""
        return {str(name): title for name, title in self.lookup_choices}.get(self.value() or "", "")


class YesNoFilter(ChoiceFilter):
    """Rows for which something is true, or rows for which it is not."""

    names = {"yes": gettext_lazy("Yes"), "no": gettext_lazy("No")}


class ArchivedFilter(YesNoFilter):
    """Archived rows, or rows that are not archived."""

    title = gettext_lazy("archived")
    parameter_name = "archived"

    def by(self, rows: Any, chosen: str) -> Any:
        return rows.archived() if chosen == "yes" else rows.live()


class ColumnChoices(admin.FieldListFilter):
    """Base of filters that offer the possible values of a column."""

    template = "admin/filters/choice.html"
    lookup_kwarg: str
    lookup_val: Any
    lookup_choices: Any

    @property
    def parameter_name(self) -> str:
        return self.lookup_kwarg

    def value(self) -> str:
        values = self.lookup_val or [""]
        return str(values if isinstance(values, str) else values[-1])

    def text(self) -> Any:
        """Return the label of the choice."""
        return dict(self.lookup_choices).get(self.value(), self.value())


class FieldChoiceFilter(ColumnChoices, admin.ChoicesFieldListFilter):
    """Filter by one of the `choices` of a model field."""

    @property
    def lookup_choices(self) -> list[tuple[str, Any]]:
        return [(str(value), capfirst(title)) for value, title in self.field.flatchoices]


class FlagFilter(ColumnChoices, admin.BooleanFieldListFilter):
    """Filter by a boolean column."""

    lookup_choices = (("1", gettext_lazy("Yes")), ("0", gettext_lazy("No")))


class Named(admin.FieldListFilter):
    """A filter whose title is `named`, if set, instead of the name of its column."""

    named: Any = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = self.named or self.title


def titled[F: type[Named]](kind: F, title: Any) -> F:
    """Return a subclass of a filter with another title."""
    return type(kind.__name__, (kind,), {"named": title})  # type: ignore[return-value]


class RowForm(AutocompleteDropdownForm):
    widget = Picker


class RowFilter(Named, AutocompleteSelectFilter):
    """Filter by a foreign key; the related row is chosen with autocomplete."""

    form_class = RowForm
    template = "admin/filters/row.html"

    @cached_property
    def picked(self) -> Any:
        """The chosen row, None if the company has no such row."""
        if not read_id("", str(self.value() or "")):
            return None
        rows = self.model_admin.get_field_queryset(None, self.field, self.request)
        return rows.filter(pk=self.value()).first()

    def choices(self, changelist: Any) -> Iterator[Any]:
        offered: Any = super().choices(changelist)
        for choice in offered:
            for field in choice["form"].fields.values():
                field.widget.known = self.picked
            yield choice

    def text(self) -> Any:
        return str(self.picked or self.value() or "")


ENDS = {"_from": gettext_lazy("From"), "_to": gettext_lazy("To")}


class Range(Named, ABC):
    """Filter from one value to another, both included; invalid bounds are ignored."""

    template = "admin/filters/range.html"
    kind = "text"

    def expected_parameters(self) -> list[str | None]:
        return [self.field_path + end for end in ENDS]

    def choices(self, changelist: Any) -> Iterator[Any]:
        return iter(())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        low, high = map(self.bound, ENDS)
        if low is not None:
            queryset = self.at_least(queryset, low)
        return queryset if high is None else self.at_most(queryset, high)

    def ends(self) -> list[tuple[str, Any, str]]:
        """Return the query parameter, the label and the value of the two form fields."""
        return [(self.field_path + end, name, self.held(end)) for end, name in ENDS.items()]

    def typed(self, end: str) -> str:
        found = self.used_parameters.get(self.field_path + end) or [""]
        return str(found[-1] if isinstance(found, list) else found)

    def text(self) -> str:
        """Return the bounds as text, "" without bounds."""
        low, high = ("" if one is None else self.show(one) for one in map(self.bound, ENDS))
        if low and high:
            return _("%(low)s to %(high)s") % {"low": low, "high": high}
        if low:
            return _("from %(low)s") % {"low": low}
        return _("up to %(high)s") % {"high": high} if high else ""

    def at_least(self, rows: Any, bound: Any) -> Any:
        return rows.filter(**{f"{self.field_path}__gte": bound})

    def at_most(self, rows: Any, bound: Any) -> Any:
        return rows.filter(**{f"{self.field_path}__lte": bound})

    @abstractmethod
    def bound(self, end: str) -> Any:
        """Return the entered bound as a value of the column, None if it is invalid."""

    def held(self, end: str) -> str:
        return self.typed(end)

    @abstractmethod
    def show(self, bound: Any) -> str:
        """Return a bound as text."""


class DayFilter(Range):
    """Filter a date or datetime column by days in the company's time zone."""

    kind = "date"

    @property
    def _is_moment(self) -> bool:
        return isinstance(self.field, models.DateTimeField)

    def bound(self, end: str) -> datetime.date | None:
        try:
            day = forms.DateField().to_python(self.typed(end))
        except ValidationError:
            return None
        # No stored date is outside of these.
        return day if day is not None and FIRST_DAY <= day <= LAST_DAY else None

    def held(self, end: str) -> str:
        """Return the day in ISO format, the only one that date inputs of browsers accept."""
        day = self.bound(end)
        return day.isoformat() if day else ""

    def show(self, bound: Any) -> str:
        return date_format(bound)

    def at_least(self, rows: Any, bound: Any) -> Any:
        return super().at_least(rows, midnight(bound) if self._is_moment else bound)

    def at_most(self, rows: Any, bound: Any) -> Any:
        if not self._is_moment:
            return super().at_most(rows, bound)
        return rows.filter(**{f"{self.field_path}__lt": midnight(bound, 1)})


BY_CREATION = ("created_at", titled(DayFilter, gettext_lazy("created")))


class MoneyFilter(Range):
    """Filter by amounts of money in the company's currency."""

    def __init__(self, field: Any, request: Any, *args: Any, **kwargs: Any) -> None:
        self.currency = request.company.currency
        super().__init__(field, request, *args, **kwargs)

    def bound(self, end: str) -> int | None:
        try:
            amount = forms.DecimalField(max_digits=20).to_python(self.typed(end).replace(",", ""))
        except ValidationError:
            return None
        if amount is None or not amount.is_finite():
            return None
        units = in_units(amount, self.currency)
        return units if units is not None and abs(units) <= MOST_UNITS else None

    def show(self, bound: Any) -> str:
        return show_money(bound, self.currency)
