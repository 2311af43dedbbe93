"""The forms that move an appointment, a place at an event, or an event date."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from config.admin.form_mixins import KeepsUnseen
from config.admin.forms import Answers, Picker
from config.admin.moments import MomentField
from config.times import show_span
from customers.models import Address

from ..models import Booking, EventDate, Facilitator
from .fields import MinutesField, SpacesField, address_field, notes_field

MOST_DATES = 100


class Moving(KeepsUnseen, Answers):
    """The base form: it changes only the fields that differ from the values shown to the person."""

    def prepare(self) -> None:
        self.remember_what_is_shown()

    def clean(self) -> None:
        super().clean()
        if not self.errors and not self.changed_data:
            self.add_error(None, _("Nothing has changed. Change something, or go back."))

    def answers(self) -> dict[str, Any]:
        return {"changes": self.changes()}


def facilitator_field(model: Any, label: Any) -> forms.ModelChoiceField:
    return forms.ModelChoiceField(
        label=label,
        queryset=Facilitator.objects.none(),
        required=False,
        widget=Picker(model._meta.get_field("facilitator"), admin.site),
    )


class MovingTime(Moving):
    """The form for time, duration and facilitator."""

    starts_at = MomentField(label=gettext_lazy("Begins"))
    duration = MinutesField()

    def begin(self) -> dict[str, Any]:
        names = {"starts_at", "duration", "capacity", "notes"} & self.base_fields.keys()
        keys = {"facilitator", "address"} & self.base_fields.keys()
        return {name: getattr(self.row, name) for name in names} | {
            name: getattr(self.row, f"{name}_id") for name in keys
        }

    def prepare(self) -> None:
        super().prepare()
        self.fields["starts_at"].before = self.row.starts_at  # type: ignore[attr-defined]
        rows = Facilitator.objects.visible_to(self.actor)
        self.fields["facilitator"].queryset = rows  # type: ignore[attr-defined]


class MovingAppointment(MovingTime):
    facilitator = facilitator_field(Booking, gettext_lazy("With"))
    address = address_field()
    notes = notes_field()

    def prepare(self) -> None:
        super().prepare()
        theirs = Address.objects.visible_to(self.actor).filter(customer=self.row.customer_id)
        kept = theirs.filter(pk=self.row.address_id)
        self.fields["address"].queryset = (theirs.live() | kept).order_by("-is_default", "id")  # type: ignore[attr-defined]


class MovingPlace(Moving):
    """The form for another date of the same event with enough spaces."""

    event_date = forms.ModelChoiceField(
        label=gettext_lazy("Date"),
        queryset=EventDate.objects.none(),
        widget=UnfoldAdminSelectWidget,
    )
    notes = notes_field()

    def begin(self) -> dict[str, Any]:
        return {"event_date": self.row.event_date_id, "notes": self.row.notes}

    def prepare(self) -> None:
        super().prepare()
        dates = EventDate.objects.visible_to(self.actor).filter(event=self.row.event_date.event_id)
        free = dates.upcoming().filter(spaces_taken__lte=F("capacity") - self.row.spaces)
        chosen = dates.filter(pk=self.row.event_date_id)
        soonest = (free | chosen).order_by("starts_at").values("pk")[:MOST_DATES]
        field: Any = self.fields["event_date"]
        field.queryset = dates.filter(pk__in=soonest).order_by("starts_at")
        field.label_from_instance = lambda date: show_span(date.starts_at, date.duration)


class MovingDate(MovingTime):
    facilitator = facilitator_field(EventDate, gettext_lazy("Led by"))
    capacity = SpacesField()


def moving(booking: Booking, request: Any) -> Answers:
    """Return the class of the form that moves this booking."""
    form = MovingAppointment if booking.is_appointment else MovingPlace
    return form(booking, request)
