"""Filters by day and by payment, and the row of days above lists."""

import datetime
from typing import Any

from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from config.admin.columns import column
from config.admin.filters import ChoiceFilter, DayFilter, RowFilter, midnight, titled
from config.admin.pages import Pages
from config.times import database_now, local_today, show_moment, show_span

from ..models.payable import FAILED, PAID, PENDING

OF_FACILITATOR = ("facilitator", titled(RowFilter, _("with")))
OF_DAY = ("starts_at", titled(DayFilter, _("day")))


class PaidFilter(ChoiceFilter):
    """Filter by payment state. Cancelled rows are not owed, and free rows are not unpaid."""

    title = _("paid")
    parameter_name = "paid"
    names = {
        "yes": _("Paid"),
        "no": _("Still to pay"),
        "to_pay": _("Still to pay, and on no invoice"),
        "failed": _("Payment failed"),
    }

    def by(self, rows: Any, chosen: str) -> Any:
        if chosen == "to_pay":
            return rows.to_pay()
        standing = {"yes": PAID, "no": PENDING, "failed": FAILED}[chosen]
        found = rows.filter(standing=standing)
        if chosen == "yes":
            return found.filter(total__gt=0)
        return found.filter(cancelled_at__isnull=True, total__gt=F("covered"))


class WhenFilter(ChoiceFilter):
    """Filter bookings by day in the company's time zone: today, upcoming and so on."""

    title = _("day")
    parameter_name = "when"
    template = "admin/kept_filter.html"

    TODAY, TOMORROW, WEEK = "today", "tomorrow", "week"
    UPCOMING, PAST = "upcoming", "past"
    SOONEST_FIRST = (TODAY, TOMORROW, WEEK, UPCOMING)
    names = {
        TODAY: _("Today"),
        TOMORROW: _("Tomorrow"),
        WEEK: _("This week"),
        UPCOMING: _("Upcoming"),
        PAST: _("Past"),
    }

    def by(self, rows: Any, chosen: str) -> Any:
        today = local_today()
        monday = today - datetime.timedelta(days=today.weekday())
        first, days = {
            self.TODAY: (today, 1),
            self.TOMORROW: (today + datetime.timedelta(days=1), 1),
            self.WEEK: (monday, 7),
        }.get(chosen, (None, 0))
        if first is not None:
            return rows.filter(starts_at__gte=midnight(first), starts_at__lt=midnight(first, days))
        if chosen == self.UPCOMING:
            return rows.filter(starts_at__gt=database_now())
        return rows.filter(starts_at__lte=database_now())


class ByDay(Pages):
    """A list with a row of days above it; upcoming rows are soonest first, others latest first."""

    list_before_template = "admin/days.html"

    when = column(
        _("when"),
        lambda row: show_moment(row.starts_at),
        exports=lambda row: row.starts_at,
        ordering="starts_at",
    )
    shown_span = column(_("when"), lambda row: show_span(row.starts_at, row.duration))

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        forwards = request.GET.get(WhenFilter.parameter_name) in WhenFilter.SOONEST_FIRST
        return ("starts_at", "id") if forwards else ("-starts_at", "-id")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        answer = super().changelist_view(request, extra_context)
        page: Any = getattr(answer, "context_data", {}).get("cl")
        for spec in page.filter_specs if page else ():
            if isinstance(spec, WhenFilter):
                answer.context_data["days"] = list(spec.choices(page))
        return answer
