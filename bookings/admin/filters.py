"""Filters of what begins at a time, and the days that stand above its lists."""

import datetime
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from config.admin.filters import ChoiceFilter, DayFilter, RowFilter, midnight

from ..models.payable import FAILED, PAID, PENDING


class FacilitatorFilter(RowFilter):
    """What one of them does."""

    named = _("with")


class ServiceFilter(RowFilter):
    """What is booked of a service."""


class EventFilter(RowFilter):
    """What is booked at an event."""

    named = _("event")


class StartsFilter(DayFilter):
    """What begins from one day to another."""

    named = _("day")


class PaidFilter(ChoiceFilter):
    """How far it is paid: what is cancelled is not owed, and what is free is not unpaid."""

    title = _("paid")
    parameter_name = "paid"
    names = {"yes": _("Paid"), "no": _("Still to pay"), "failed": _("Payment failed")}

    def by(self, rows: Any, chosen: str) -> Any:
        standing = {"yes": PAID, "no": PENDING, "failed": FAILED}[chosen]
        found = rows.filter(standing=standing)
        if chosen == "yes":
            return found.filter(total__gt=0)
        return found.filter(cancelled_at__isnull=True, total__gt=F("covered"))


class WhenFilter(ChoiceFilter):
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

    def by(self, rows: Any, chosen: str) -> Any:
        today = timezone.localdate()
        monday = today - datetime.timedelta(days=today.weekday())
        first, days = {
            self.TODAY: (today, 1),
            self.TOMORROW: (today + datetime.timedelta(days=1), 1),
            self.WEEK: (monday, 7),
        }.get(chosen, (None, 0))
        if first is not None:
            return rows.filter(starts_at__gte=midnight(first), starts_at__lt=midnight(first, days))
        if chosen == self.UPCOMING:
            return rows.filter(starts_at__gt=timezone.now())
        return rows.filter(starts_at__lte=timezone.now())


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
