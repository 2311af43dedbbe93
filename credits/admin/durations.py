"""A form field for durations: a number and a unit instead of P30D."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

UNITS = [
    ("D", gettext_lazy("days")),
    ("W", gettext_lazy("weeks")),
    ("M", gettext_lazy("months")),
    ("Y", gettext_lazy("years")),
]


class DurationWidget(forms.MultiWidget):
    template_name = "unfold/widgets/split_money.html"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        widgets = (
            UnfoldAdminIntegerFieldWidget(attrs={"min": 1, "aria-label": gettext_lazy("How many")}),
            UnfoldAdminSelectWidget(attrs={"aria-label": gettext_lazy("Unit")}, choices=UNITS),
        )
        super().__init__(widgets, attrs)

    def decompress(self, value: str | None) -> list[Any]:
        return [int(value[1:-1]), value[-1]] if value else [None, "D"]


class DurationField(forms.MultiValueField):
    """A number of days, weeks, months or years, stored as P30D; empty means for ever."""

    widget = DurationWidget

    def __init__(self, **kwargs: Any) -> None:
        fields = (forms.IntegerField(min_value=1, max_value=9999), forms.ChoiceField(choices=UNITS))
        kwargs = {"help_text": gettext_lazy("Empty for ever."), "required": False, **kwargs}
        super().__init__(fields, require_all_fields=False, **kwargs)
        for field in self.fields:
            field.required = False

    def compress(self, data_list: list[Any]) -> str:
        number, unit = data_list or (None, "")
        return f"P{number}{unit or 'D'}" if number else ""


def shown_duration(text: str) -> str:
    """Return "30 days" for P30D."""
    if not text:
        return _("for ever")
    count = int(text[1:-1])
    named = {
        "D": ngettext("%(count)d day", "%(count)d days", count),
        "W": ngettext("%(count)d week", "%(count)d weeks", count),
        "M": ngettext("%(count)d month", "%(count)d months", count),
        "Y": ngettext("%(count)d year", "%(count)d years", count),
    }
    return named[text[-1]] % {"count": count}
