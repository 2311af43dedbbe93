"""The forms of the webhook pages: event types, overlap of secrets, range of days."""

import datetime
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold import widgets

from config.admin.boxes import GroupedBoxes
from config.admin.filters import midnight
from config.admin.forms import Answers, PageForm
from config.admin.secrets import Renewal
from config.changes.descriptions import event_text
from config.changes.event_types import MODELS, PUBLIC, TYPES
from config.times import check_day

from ..actions import LONGEST_OVERLAP, OVERLAP
from ..models import WebhookDelivery

State = WebhookDelivery.State


def groups() -> list[tuple[Any, list[tuple[str, Any]]]]:
    """Return every wildcard and event type with its name, grouped by kind of object."""
    names = {kind.noun: MODELS[table]._meta.verbose_name_plural for table, kind in PUBLIC.items()}
    found: dict[str, list[tuple[str, Any]]] = {}
    for type in TYPES:
        noun = type.partition(".")[0]
        everything = (f"{noun}.*", _("All, also those of later versions"))
        found.setdefault(noun, [everything]).append((type, event_text(type)))
    verbs = sorted({type.partition(".")[2] for type in TYPES})
    every_noun = [(f"*.{verb}", event_text(f"*.{verb}")) for verb in verbs]
    of_nouns = [(capfirst(names[noun]), found[noun]) for noun in names if noun in found]
    return [*of_nouns, (_("Of every kind"), every_noun)]


class WebhookForm(PageForm):
    types = forms.MultipleChoiceField(
        label=gettext_lazy("Events"),
        choices=groups,
        required=False,
        widget=GroupedBoxes(
            hint=gettext_lazy("Tick those to send. With none ticked, every event is sent.")
        ),
    )


class NewSecret(Renewal):
    kept_in = "secret"
    overlap_hours = forms.IntegerField(
        label=gettext_lazy("Hours for which the old secret also signs"),
        help_text=gettext_lazy(
            "Give the receiver the new secret within this time. 0 ends the old one at once: use it "
            "if the secret has leaked."
        ),
        min_value=0,
        max_value=LONGEST_OVERLAP,
        widget=widgets.UnfoldAdminIntegerFieldWidget,
    )

    def begin(self) -> dict[str, Any]:
        return {**super().begin(), "overlap_hours": OVERLAP}


class WhichAgain(Answers):
    """The form that chooses the messages to send again, by the days of their creation."""

    state = forms.ChoiceField(
        label=gettext_lazy("Those that"),
        choices=[
            (State.FAILED.value, gettext_lazy("failed")),
            (State.CANCELLED.value, gettext_lazy("were cancelled")),
            (State.DELIVERED.value, gettext_lazy("were delivered")),
            (State.PENDING.value, gettext_lazy("are waiting")),
        ],
        widget=widgets.UnfoldAdminSelectWidget,
    )
    first = forms.DateField(
        label=gettext_lazy("Made on this day or later"),
        validators=[check_day],
        widget=widgets.UnfoldAdminSingleDateWidget,
    )
    last = forms.DateField(
        label=gettext_lazy("And until this day"),
        help_text=gettext_lazy("Empty for all since then."),
        required=False,
        validators=[check_day],
        widget=widgets.UnfoldAdminSingleDateWidget,
    )

    def begin(self) -> dict[str, Any]:
        return {"state": State.FAILED.value}

    def answers(self) -> dict[str, Any]:
        last: datetime.date | None = self.cleaned_data["last"]
        return {
            "state": self.cleaned_data["state"],
            "created_after": midnight(self.cleaned_data["first"]),
            "created_before": midnight(last, 1) if last else None,
        }
