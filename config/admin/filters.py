"""Filters that several lists share: fields of one form, all of them sent together."""

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

from config.access.ids import read_id
from config.money import in_units, show_money
from config.times import day_begins

from .forms import Picker

# Days outside of these bound nothing: no row is that old, or that new.
MIN_YEAR, MAX_YEAR = 1900, 9000

# The API looks for as much.
LONGEST_SEARCH = 200

# No row has more than that of anything, and PostgreSQL counts no further.
MOST_UNITS = 2**63 - 1


def searchable(typed: str) -> str:
    """Return what was typed into a search box as the database can look for it."""
    return typed.replace("\x00", "")[:LONGEST_SEARCH].strip()


def midnight(day: datetime.date, days: int = 0) -> datetime.datetime:
    """Return when the day so many days after another begins, by the company's clocks."""
    return day_begins(day + datetime.timedelta(days=days))


class ChoiceFilter(admin.SimpleListFilter, ABC):
    """One of several choices; what is none of them narrows nothing.

    A subclass names its `names`, and narrows the rows `by` one of them.
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
        """Return those of the rows that fit what was chosen."""

    def told(self) -> Any:
        """Return what was chosen, as people read it."""
        chosen = self.value()
        return next((title for name, title in self.lookup_choices if str(name) == chosen), "")


class YesNoFilter(ChoiceFilter):
    """Those of which something is so, or those of which it is not."""

    names = {"yes": gettext_lazy("Yes"), "no": gettext_lazy("No")}


class ArchivedFilter(YesNoFilter):
    """All rows, those that are archived, or those that are not."""

    title = gettext_lazy("archived")
    parameter_name = "archived"

    def by(self, rows: Any, chosen: str) -> Any:
        return rows.archived() if chosen == "yes" else rows.live()


class FieldChoiceFilter(admin.ChoicesFieldListFilter):
    """One of the choices that a column has."""

    template = "admin/filters/choice.html"

    @property
    def parameter_name(self) -> str:
        return str(self.lookup_kwarg)

    @property
    def lookup_choices(self) -> list[tuple[str, Any]]:
        return [(str(value), capfirst(title)) for value, title in self.field.flatchoices]

    def value(self) -> str:
        return str(self.lookup_val[-1]) if self.lookup_val else ""

    def told(self) -> Any:
        return dict(self.lookup_choices).get(self.value(), self.value())


class FlagFilter(admin.BooleanFieldListFilter):
    """Those of which a column says yes, or no."""

    template = "admin/filters/choice.html"
    lookup_choices = (("1", gettext_lazy("Yes")), ("0", gettext_lazy("No")))

    @property
    def parameter_name(self) -> str:
        return str(self.lookup_kwarg)

    def value(self) -> str:
        return str(self.lookup_val or "")

    def told(self) -> Any:
        return dict(self.lookup_choices).get(self.value(), "")


class RowForm(AutocompleteDropdownForm):
    widget = Picker


class RowFilter(AutocompleteSelectFilter):
    """Those that point at one row, which is looked up as one types."""

    form_class = RowForm

    template = "admin/filters/row.html"
    # What the other row is called here, where that is not the column's own name.
    named: Any = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.named:
            self.title = self.named

    @cached_property
    def picked(self) -> Any:
        """The row that was picked, None for none that the company has."""
        if not read_id("", str(self.value() or "")):
            return None
        rows = self.model_admin.get_field_queryset(None, self.field, self.request)
        return rows.filter(pk=self.value()).first()

    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            for field in choice["form"].fields.values():
                field.widget.known = self.picked
            yield choice

    def told(self) -> Any:
        return str(self.picked or self.value() or "")


ENDS = {"_from": gettext_lazy("From"), "_to": gettext_lazy("To")}


class Range(admin.FieldListFilter, ABC):
    """From one value to another, both included; what cannot be read bounds nothing.

    `named` is what the column is called in the list, where that is not its own name.
    """

    template = "admin/filters/range.html"
    kind = "text"
    named: Any = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.named:
            self.title = self.named

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
        """Return each end's parameter, its name, and what its field holds."""
        return [(self.field_path + end, name, self.held(end)) for end, name in ENDS.items()]

    def typed(self, end: str) -> str:
        found = self.used_parameters.get(self.field_path + end) or [""]
        return str(found[-1] if isinstance(found, list) else found)

    def told(self) -> str:
        """Return the bounds as people read them, nothing where there is none."""
        low, high = map(self.bound, ENDS)
        if low is None and high is None:
            return ""
        if high is None:
            return _("from %(low)s") % {"low": self.show(low)}
        if low is None:
            return _("up to %(high)s") % {"high": self.show(high)}
        return _("%(low)s to %(high)s") % {"low": self.show(low), "high": self.show(high)}

    def at_least(self, rows: Any, bound: Any) -> Any:
        return rows.filter(**{f"{self.field_path}__gte": bound})

    def at_most(self, rows: Any, bound: Any) -> Any:
        return rows.filter(**{f"{self.field_path}__lte": bound})

    @abstractmethod
    def bound(self, end: str) -> Any:
        """Return what was typed as the column holds it, None where it can hold no such thing."""

    def held(self, end: str) -> str:
        return self.typed(end)

    @abstractmethod
    def show(self, bound: Any) -> str:
        """Return a bound as people read it."""


class DayFilter(Range):
    """From one day to another as the company's clocks count them, of a moment or of a day."""

    kind = "date"

    @property
    def _is_moment(self) -> bool:
        return isinstance(self.field, models.DateTimeField)

    def bound(self, end: str) -> datetime.date | None:
        try:
            day = forms.DateField().to_python(self.typed(end))
        except ValidationError:
            return None
        return day if day is not None and MIN_YEAR <= day.year <= MAX_YEAR else None

    def held(self, end: str) -> str:
        """Browsers read days of one form only."""
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


class CreatedFilter(DayFilter):
    """What came into the record from one day to another."""

    named = gettext_lazy("created")


class MoneyFilter(Range):
    """From one amount to another, in the company's currency."""

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
