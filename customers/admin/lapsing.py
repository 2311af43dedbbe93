"""Customers who came regularly and have stopped coming.

This code is here and not on the model, because bookings is an app above customers.
"""

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking
from config.admin.filters import ChoiceFilter
from config.times import local_today

# Regular customers have at least BOOKINGS bookings. They are lapsing from LATE days after the last
# one until GONE days after it.
BOOKINGS, LATE, GONE = 3, 60, 180
# The steps of the filter, in days since the last booking.
STEP = 30

DEFINITION = _(
    "Lapsing: at least 3 bookings, the last of them 60 to 179 days ago, and none to come. "
    "Cancelled bookings do not count."
)


def steps(today: datetime.date) -> list[tuple[datetime.date, datetime.date]]:
    """Return the first and the last day of each step, oldest first."""
    return [
        (today - datetime.timedelta(days=late + STEP - 1), today - datetime.timedelta(days=late))
        for late in reversed(range(LATE, GONE, STEP))
    ]


def lapsing(customers: Any, today: datetime.date, late: int = LATE, gone: int = GONE) -> Any:
    """Return the lapsing customers, annotated with their last booking as `came_last`.

    The last booking, future ones included, is at least `late` and less than `gone` days old.
    """
    theirs = Booking.objects.counted().order_by("-starts_at")
    theirs = theirs.filter(company_id=OuterRef("company_id"), customer_id=OuterRef("pk"))
    found = customers.live().annotate(came_last=Subquery(theirs.values("starts_at")[:1]))
    first, last = (today - datetime.timedelta(days=days) for days in (gone - 1, late))
    # The second condition is slower, so it is checked for the few rows that match the first.
    return found.on_days("came_last", first, last).filter(
        Exists(theirs.order_by()[BOOKINGS - 1 : BOOKINGS])
    )


class LapsingFilter(ChoiceFilter):
    """Filter for lapsing customers: all of them, or by days since the last booking."""

    title = _("lapsing")
    parameter_name = "lapsing"
    template = "admin/filters/explained.html"
    explanation = DEFINITION
    ALL = "all"
    names = {
        ALL: _("Came last 60 to 179 days ago"),
        "60": _("60 to 89 days ago"),
        "90": _("90 to 119 days ago"),
        "120": _("120 to 149 days ago"),
        "150": _("150 to 179 days ago"),
    }

    def by(self, rows: Any, chosen: str) -> Any:
        today = local_today()
        if chosen == self.ALL:
            return lapsing(rows, today)
        return lapsing(rows, today, int(chosen), int(chosen) + STEP)
