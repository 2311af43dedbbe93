"""Times in the back-office: typed and read by the company's clocks."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from config.access.days import moment_of
from config.access.errors import NoSuchTime, TimeTwice
from config.times import show_moment

FIRST_YEAR, LAST_YEAR = 1900, 2200


class MomentWidget(UnfoldAdminSplitDateTimeWidget):
    """A day and a time without its seconds."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs)
        self.widgets[1].format = "%H:%M"
        for widget, name in zip(self.widgets, (_("Date"), _("Time")), strict=True):
            widget.attrs["aria-label"] = name


class MomentField(forms.SplitDateTimeField):
    """A time that the company's clocks show, kept as the moment that it is; never left out.

    What is typed as it was before stays the moment `before`, even one that the clocks show twice.
    """

    widget = MomentWidget
    default_error_messages = {
        **forms.SplitDateTimeField.default_error_messages,
        "skipped": NoSuchTime.message,
        "twice": _("The clocks show this time twice on that day. Choose another one."),
        "far": _("Choose a day between %(first)d and %(last)d."),
    }
    before: datetime.datetime | None = None

    def compress(self, data_list: Any) -> datetime.datetime:
        wall = datetime.datetime.combine(*data_list)
        if self.before is not None and wall == _shown(self.before):
            return self.before
        return self._moment(wall)

    def _moment(self, wall: datetime.datetime) -> datetime.datetime:
        code = "far"
        if FIRST_YEAR <= wall.year <= LAST_YEAR:
            try:
                return moment_of(wall, str(timezone.get_current_timezone()))
            except NoSuchTime:
                code = "skipped"
            except TimeTwice:
                code = "twice"
        years = {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise forms.ValidationError(self.error_messages[code], code=code, params=years)


def _shown(moment: datetime.datetime) -> datetime.datetime:
    """Return a moment as the form shows it."""
    return timezone.localtime(moment).replace(tzinfo=None, second=0, microsecond=0)


def span(starts_at: datetime.datetime, minutes: int) -> str:
    """Return Fri 20 Nov 2026, 10:00–11:00; of what ends on another day, its end in full."""
    ends_at = starts_at + datetime.timedelta(minutes=minutes)
    first, last = timezone.localtime(starts_at), timezone.localtime(ends_at)
    if first.date() == last.date():
        return f"{show_moment(starts_at)}–{date_format(last, 'H:i')}"
    return f"{show_moment(starts_at)} – {show_moment(ends_at)}"
