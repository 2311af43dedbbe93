"""The form that pauses a subscription: for some weeks or until a day, and why."""

import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from config.admin.forms import Answers, Reason
from config.times import check_day, local_today

# The lengths of a pause that the form offers. Any other pause ends on a day that is typed.
WEEKS = (1, 2, 3, 4, 6, 8, 12, 26)


class Pausing(Answers):
    """Asks until when a subscription is paused, and why."""

    explains = (
        gettext_lazy(
            "The subscription neither renews nor grants credits meanwhile, and goes on by itself "
            "on the day that you choose. You can resume it before that."
        ),
    )
    told_at = {"until": "goes_on"}

    weeks = forms.TypedChoiceField(
        label=gettext_lazy("Pause for"), coerce=int, required=False, widget=UnfoldAdminSelectWidget
    )
    goes_on = forms.DateField(
        label=gettext_lazy("Or until"),
        required=False,
        validators=[check_day],
        help_text=gettext_lazy("The day on which the subscription goes on."),
        widget=UnfoldAdminSingleDateWidget,
    )
    reason = Reason(required=False)

    def prepare(self) -> None:
        field: Any = self.fields["weeks"]
        field.choices = [
            ("", _("Until it is resumed")),
            *((weeks, ngettext("%d week", "%d weeks", weeks) % weeks) for weeks in WEEKS),
        ]

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("weeks") and self.cleaned_data.get("goes_on"):
            self.add_error("goes_on", _("Choose a number of weeks or a day, not both."))

    def answers(self) -> dict[str, Any]:
        until, weeks = self.cleaned_data["goes_on"], self.cleaned_data["weeks"]
        if weeks:
            until = local_today() + datetime.timedelta(weeks=weeks)
        return {"until": until, "reason": self.cleaned_data["reason"]}
