"""What pages of webhooks ask for: which events, for how long a secret lives, and which days."""

import datetime
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
)

from config.access.ids import new_id
from config.admin.boxes import NarrowBoxes
from config.admin.filters import midnight
from config.admin.forms import Answers, PageForm
from config.admin.secrets import Renewal

from ..actions import LONGEST_OVERLAP, OVERLAP
from ..kinds import TOLD, TYPES, models_by_table
from ..models import WebhookDelivery
from ..words import what_happened

State = WebhookDelivery.State


def groups() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Return every event type by what it is about, in words."""
    names = {
        kind.noun: models_by_table()[table]._meta.verbose_name_plural
        for table, kind in TOLD.items()
    }
    found: dict[str, list[tuple[str, Any]]] = {}
    for type in TYPES:
        noun = type.partition(".")[0]
        found.setdefault(noun, []).append((type, what_happened(type)))
    return [(capfirst(names[noun]), found[noun]) for noun in names if noun in found]


class WebhookForm(PageForm):
    types = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=groups,
        required=False,
        widget=NarrowBoxes(
            hint=gettext_lazy("Tick those to send. With none ticked, every event is sent.")
        ),
    )


class NewWebhookForm(WebhookForm):
    """Its id is decided here, so that the form does its work once."""

    once = forms.UUIDField(label="", required=False, initial=new_id, widget=forms.HiddenInput)


class NewSecret(Renewal):
    kept_in = "secret"
    overlap_hours = forms.IntegerField(
        label=gettext_lazy("Hours for which the old secret signs as well"),
        help_text=gettext_lazy(
            "Give the receiver the new secret within this time. 0 ends the old one at once: for "
            "when it got into wrong hands."
        ),
        min_value=0,
        max_value=LONGEST_OVERLAP,
        widget=UnfoldAdminIntegerFieldWidget,
    )

    def begin(self) -> dict[str, Any]:
        return {**super().begin(), "overlap_hours": OVERLAP}


class WhichAgain(Answers):
    """Which messages to send again, by the days on which they were made."""

    state = forms.ChoiceField(
        label=gettext_lazy("Those that"),
        choices=[
            (State.FAILED.value, gettext_lazy("failed")),
            (State.CANCELLED.value, gettext_lazy("were cancelled")),
            (State.DELIVERED.value, gettext_lazy("were delivered")),
            (State.PENDING.value, gettext_lazy("are waiting")),
        ],
        widget=UnfoldAdminSelectWidget,
    )
    first = forms.DateField(
        label=gettext_lazy("Made on this day or later"), widget=UnfoldAdminSingleDateWidget
    )
    last = forms.DateField(
        label=gettext_lazy("And until this day"),
        help_text=gettext_lazy("Empty for all since then."),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
    )

    def begin(self) -> dict[str, Any]:
        return {"state": State.FAILED.value}

    def clean(self) -> dict[str, Any]:
        for name in ("first", "last"):
            day = self.cleaned_data.get(name)
            if day is not None and not 1900 <= day.year <= 2200:
                self.add_error(name, _("This is no day of ours."))
        return self.cleaned_data

    def answers(self) -> dict[str, Any]:
        last: datetime.date | None = self.cleaned_data["last"]
        return {
            "state": self.cleaned_data["state"],
            "since": midnight(self.cleaned_data["first"]),
            "until": midnight(last, 1) if last else None,
        }
