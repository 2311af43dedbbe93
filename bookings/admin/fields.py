"""Fields that several forms ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminDecimalFieldWidget, UnfoldAdminIntegerFieldWidget

from ..models.catalogue import LONGEST
from ..models.events import MOST_SPACES


class MinutesField(forms.IntegerField):
    """From a minute to a week."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {
            "label": gettext_lazy("Minutes"),
            "widget": UnfoldAdminIntegerFieldWidget,
            **kwargs,
        }
        super().__init__(min_value=1, max_value=LONGEST, **kwargs)


class PercentField(forms.DecimalField):
    """A rate of tax, 20 and not 20.0000."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {
            "label": gettext_lazy("Tax in percent"),
            "widget": UnfoldAdminDecimalFieldWidget,
            "initial": 0,
            **kwargs,
        }
        super().__init__(min_value=0, max_value=100, max_digits=7, decimal_places=4, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return shown_percent(value) if hasattr(value, "normalize") else value


def shown_percent(rate: Any) -> str:
    return f"{rate.normalize():f}"


class SpacesField(forms.IntegerField):
    """How many fit in, or how many come."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {
            "label": gettext_lazy("Spaces"),
            "widget": UnfoldAdminIntegerFieldWidget,
            **kwargs,
        }
        super().__init__(min_value=1, max_value=MOST_SPACES, **kwargs)
