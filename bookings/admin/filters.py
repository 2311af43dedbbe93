"""Filters of what begins at a time, and the days that stand above its lists."""

import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from config.admin.filters import DayFilter


class FacilitatorFilter(AutocompleteSelectFilter):
    """What one of them does."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("facilitator")


class StartsFilter(DayFilter):
    """What begins from one day to another."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("day")


class WhenFilter(admin.SimpleListFilter):
    """What begins on certain days of the company's calendar."""

    title = _("day")
    parameter_name = "when"
    template = "admin/kept_filter.html"

    TODAY, TOMORROW, WEEK = "today", "tomorrow", "week"
    UPCOMING, PAST = "upcoming", "past"
    SOONEST_FIRST = (TODAY, TOMORROW, WEEK, UPCOMING)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (self.TODAY, _("Today")),
            (self.TOMORROW, _("Tomorrow")),
            (self.WEEK, _("This week")),
            (self.UPCOMING, _("Upcoming")),
            (self.PAST, _("Past")),
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        today = timezone.localdate()
        monday = today - datetime.timedelta(days=today.weekday())
        first, days = {
            self.TODAY: (today, 1),
            self.TOMORROW: (today + datetime.timedelta(days=1), 1),
            self.WEEK: (monday, 7),
        }.get(self.value() or "", (None, 0))
        if first is not None:
            last = first + datetime.timedelta(days=days)
            return queryset.filter(starts_at__gte=_midnight(first), starts_at__lt=_midnight(last))
        if self.value() == self.UPCOMING:
            return queryset.filter(starts_at__gt=timezone.now())
        if self.value() == self.PAST:
            return queryset.filter(starts_at__lte=timezone.now())
        return queryset


def _midnight(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))


class ByDay:
    """A list with the days above it; what is to come is read forwards, all else backwards."""

    list_before_template = "admin/days.html"

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        forwards = request.GET.get(WhenFilter.parameter_name) in WhenFilter.SOONEST_FIRST
        return ("starts_at", "id") if forwards else ("-starts_at", "-id")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)  # type: ignore[misc]
        page: Any = getattr(answer, "context_data", {}).get("cl")
        for spec in page.filter_specs if page else ():
            if isinstance(spec, WhenFilter):
                answer.context_data["days"] = list(spec.choices(page))
        return answer
