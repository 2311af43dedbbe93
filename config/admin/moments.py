"""Fields for moments, typed and read by the company's clocks."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSplitDateTimeWidget

from config.tenancy.days import moment_of
from config.tenancy.errors import NoSuchTime, TimeTwice


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
    }
    before: datetime.datetime | None = None

    def compress(self, data_list: Any) -> datetime.datetime:
        wall = datetime.datetime.combine(*data_list)
        if self.before is not None and wall == _shown(self.before):
            return self.before
        return self.moment(wall)

    def moment(self, wall: datetime.datetime) -> datetime.datetime:
        """Return the moment at which the clocks show a time; raises ValidationError."""
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
