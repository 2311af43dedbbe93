"""A customer's timeline: all events in one stream."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.admin import timeline as billing
from bookings.admin import timeline as bookings
from config.admin.timeline import Branch, Cursor, Page, Timeline, TimelineEntry
from credits.admin import timeline as credits

from ..models import Customer, Note
from . import changed

NOTES = "notes"

# The order breaks ties between events of the same moment. Cursors contain positions in it: only
# append.
BRANCHES: tuple[Branch, ...] = (
    changed.MADE,
    *bookings.BRANCHES,
    *billing.BRANCHES,
    *credits.BRANCHES,
    Branch(
        NOTES,
        "sticky_note_2",
        Note.objects.all(),
        "created_at",
        {"content": "content", "author": "author_name"},
        lambda values: TimelineEntry(
            _("Note by %(name)s") % {"name": values["author"]}, long=values["content"]
        ),
        Note,
    ),
    *changed.BRANCHES,
)

# The filters of the timeline.
NAMES: dict[str, Any] = {
    **bookings.NAMES,
    **billing.NAMES,
    **credits.NAMES,
    NOTES: gettext_lazy("Notes"),
    **changed.NAMES,
}


_TIMELINE = Timeline(BRANCHES)


def timeline_of(customer: Customer, *, show: str, before: str) -> Page:
    """Return one page of a customer's timeline, of all kinds or of the kind `show`."""
    return _TIMELINE.page(customer, Cursor.read(before), show if show in NAMES else "")
