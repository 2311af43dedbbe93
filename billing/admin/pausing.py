"""The form that pauses a subscription: for some weeks or until a day, and why."""

import datetime
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from config.admin.forms import Answers, ManyAnswers, Reason
from config.tenancy.actors import Actor
from config.times import check_day, local_today

from ..actions import pause_subscription
from ..models import Subscription

# The lengths of a pause that the form offers. For any other length, staff type the last day.
WEEKS = (1, 2, 3, 4, 6, 8, 12, 26)


class PauseFields(Answers):
    """The fields of a pause: its end and its reason."""

    refused_at = {"until": "goes_on"}

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
    reason = Reason()

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

    @property
    def until(self) -> datetime.date | None:
        """The day on which the subscription continues, None if staff must resume it."""
        if weeks := self.cleaned_data["weeks"]:
            return local_today() + datetime.timedelta(weeks=weeks)
        day: datetime.date | None = self.cleaned_data["goes_on"]
        return day


class Pausing(PauseFields):
    """The form that pauses a subscription."""

    explains = (
        gettext_lazy(
            "The subscription neither renews nor grants credits meanwhile, and goes on by itself "
            "on the day that you choose. You can resume it before that."
        ),
    )

    def answers(self) -> dict[str, Any]:
        return {"until": self.until, "reason": self.cleaned_data["reason"]}


class PausingMany(PauseFields, ManyAnswers):
    """The form that pauses many subscriptions."""

    def answers(self) -> dict[str, Any]:
        """Return the answers in the form in which a background job stores them."""
        until = self.until.isoformat() if self.until else ""
        return {"until": until, "reason": self.cleaned_data["reason"]}

    def review(self, count: int) -> Sequence[str]:
        until = (
            _("They go on by themselves on %(day)s.") % {"day": date_format(self.until)}
            if self.until
            else _("They rest until they are resumed.")
        )
        return [until, _("Reason: %(reason)s") % {"reason": self.cleaned_data["reason"]}]


def pause(
    subscription: Subscription,
    *,
    until: datetime.date | str | None = None,
    reason: str = "",
    actor: Actor,
) -> Subscription:
    """Pause a subscription; a background job passes the day as text."""
    if isinstance(until, str):
        until = datetime.date.fromisoformat(until) if until else None
    return pause_subscription(subscription, until=until, reason=reason, actor=actor)
