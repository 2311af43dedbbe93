"""Filters that several lists share."""

import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateFilter

# Days outside of these bound nothing: no row is that old, or that new.
MIN_YEAR, MAX_YEAR = 1900, 9000

# The API looks for as much.
LONGEST_SEARCH = 200


def searchable(typed: str) -> str:
    """Return what was typed into a search box as the database can look for it."""
    return typed.replace("\x00", "")[:LONGEST_SEARCH].strip()


class ArchivedFilter(admin.SimpleListFilter):
    """All rows, those that are archived, or those that are not."""

    title = _("archived")
    parameter_name = "archived"
    horizontal = True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Yes")), ("no", _("No"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "yes":
            return queryset.archived()
        return queryset.live() if self.value() == "no" else queryset


class DayFilter(RangeDateFilter):
    """From one day to another, both included, as the company's clocks count them."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        bounds = {
            f"{self.field_path}__gte": self._midnight("_from", 0),
            f"{self.field_path}__lt": self._midnight("_to", 1),
        }
        return queryset.filter(**{name: moment for name, moment in bounds.items() if moment})

    def _midnight(self, end: str, days: int) -> datetime.datetime | None:
        """Return when a day begins, `days` after the one that was typed; None where none was."""
        try:
            day = forms.DateField().to_python(self.used_parameters.get(self.field_path + end))
        except ValidationError:
            return None
        if day is None or not MIN_YEAR <= day.year <= MAX_YEAR:
            return None
        day += datetime.timedelta(days=days)
        return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
