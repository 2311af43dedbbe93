"""Customers who used to come and have not come for a while.

Bookings lie above customers, so what looks at them stands here and not on the model.
"""

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking
from config.admin.filters import ChoiceFilter
from config.times import local_today

# Who came this often came back; after so many days they are late, after so many they are gone.
BOOKINGS, LATE, GONE = 3, 60, 180
# The filter tells people apart by how long ago they came, in steps of so many days.
STEP = 30

DEFINITION = _(
    "Lapsing: at least 3 bookings, the last of them 60 to 179 days ago, and none to come. "
    "Cancelled bookings do not count."
)


def steps(today: datetime.date) -> list[tuple[datetime.date, datetime.date]]:
    """Return the days on which those who are lapsing came last, step by step, oldest first."""
    return [
        (today - datetime.timedelta(days=late + STEP - 1), today - datetime.timedelta(days=late))
        for late in reversed(range(LATE, GONE, STEP))
    ]


def lapsing(customers: Any, today: datetime.date, late: int = LATE, gone: int = GONE) -> Any:
    """Return those customers who came and stay away, with when they came last as `came_last`.

    The latest booking of all is at least `late` and less than `gone` days old, so nothing lies
    ahead.
    """
    theirs = Booking.objects.counted().order_by("-starts_at")
    theirs = theirs.filter(company_id=OuterRef("company_id"), customer_id=OuterRef("pk"))
    found = customers.live().annotate(came_last=Subquery(theirs.values("starts_at")[:1]))
    first, last = (today - datetime.timedelta(days=days) for days in (gone - 1, late))
    # The second condition costs more, and few rows come to it.
    return found.on_days("came_last", first, last).filter(
        Exists(theirs.order_by()[BOOKINGS - 1 : BOOKINGS])
    )


class LapsingFilter(ChoiceFilter):
    """Customers who are lapsing: all of them, or by how many days ago they came."""

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
