"""Form fields for moments, shown and entered in the company's time zone."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from config.tenancy.days import moment_of
from config.tenancy.errors import NoSuchTime, TimeTwice


class MomentWidget(UnfoldAdminSplitDateTimeWidget):
    """Inputs for a date and a time without seconds."""

    def __init__(self, attrs: Any = None) -> None:
        super().__init__(attrs)
        self.widgets[1].format = "%H:%M"
        for widget, name in zip(self.widgets, (_("Date"), _("Time")), strict=True):
            widget.attrs["aria-label"] = name


class MomentField(forms.SplitDateTimeField):
    """A required moment, entered as local time of the company.

    If the entered time equals the time of `before`, the value stays `before`, even if the clocks
    show that time twice.
    """

    widget = MomentWidget
    default_error_messages = {
        **forms.SplitDateTimeField.default_error_messages,
        "skipped": NoSuchTime.message,
        "twice": _("The clocks show this time twice on that day. Choose another one."),
    }
    before: datetime.datetime | None = None

    def compress(self, data_list: Any) -> datetime.datetime:
        wall = datetime.datetime.combine(*data_list)
        if self.before is not None and wall == _shown(self.before):
            return self.before
        return self.moment(wall)

    def moment(self, wall: datetime.datetime) -> datetime.datetime:
        """Convert a local time to a moment; raises ValidationError if skipped or ambiguous."""
        try:
            return moment_of(wall, str(timezone.get_current_timezone()))
        except NoSuchTime:
            code = "skipped"
        except TimeTwice:
            code = "twice"
        raise forms.ValidationError(self.error_messages[code], code=code)


def _shown(moment: datetime.datetime) -> datetime.datetime:
    """Return a moment as the form shows it."""
    return timezone.localtime(moment).replace(tzinfo=None, second=0, microsecond=0)
