"""Form fields for the end of a credit or a pass, in the company's time zone."""

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSingleDateWidget

from config.admin.moments import MomentField
from config.durations import end_of_day
from config.times import check_day


class EndField(MomentField):
    """A day with a time; a day alone means the end of that day."""

    default_error_messages = {
        **MomentField.default_error_messages,
        "incomplete": gettext_lazy("Choose the day as well, or leave the time empty."),
    }

    def __init__(self, **kwargs: Any) -> None:
        text = gettext_lazy(
            "Leave empty to use the duration of the coupon. Without a time, it ends with the day."
        )
        super().__init__(label=gettext_lazy("Ends"), required=False, help_text=text, **kwargs)

    def compress(self, data_list: Any) -> Any:
        day, time = data_list or (None, None)
        if day is None and time is None:
            return None
        if day is None:
            raise forms.ValidationError(self.error_messages["incomplete"], code="incomplete")
        if time is not None:
            return super().compress(data_list)
        check_day(day)
        return end_of_day(day, str(timezone.get_current_timezone()))


class LastDayField(forms.DateField):
    """A last day, stored as the moment at which that day ends."""

    widget = UnfoldAdminSingleDateWidget

    def __init__(self, **kwargs: Any) -> None:
        text = gettext_lazy("Leave empty to use the duration of the pass.")
        super().__init__(label=gettext_lazy("Last day"), required=False, help_text=text, **kwargs)

    def clean(self, value: Any) -> Any:
        day: datetime.date | None = super().clean(value)
        if day is None:
            return None
        check_day(day)
        return end_of_day(day, str(timezone.get_current_timezone()))
