"""The pages of event dates, with their rosters."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from config.admin.buttons import Button
from config.admin.columns import column
from config.admin.filters import RowFilter
from config.admin.forms import PageForm
from config.admin.moments import MomentField
from config.admin.pages import CompanyAdmin
from config.admin.tables import label

from ..actions import add_event_date, cancel_event_date, move_event_date
from ..actions.locks import hold_facilitators
from ..models import EventDate
from .cancelling import CancellingDate
from .columns import date_state, taken_of
from .fields import MinutesField, SpacesField
from .filters import OF_DAY, OF_FACILITATOR, ByDay, WhenFilter
from .moving import MovingDate
from .placing import Placing, book_place
from .roster import roster_of


class DateForm(PageForm):
    starts_at = MomentField(label=gettext_lazy("Begins"))
    duration = MinutesField()
    capacity = SpacesField()


def can_be_booked(date: EventDate) -> bool:
    return not date.is_cancelled and not date.event.is_archived and date.spaces_left > 0


@admin.register(EventDate)
class EventDateAdmin(ByDay, CompanyAdmin):
    """A date is read-only; buttons change it, and its bookings move with it."""

    grows = True
    icon = "calendar_month"
    added_says = gettext_lazy("Date added: %(name)s.")
    for_new = {"form": DateForm}
    saves_on = False
    creates = staticmethod(add_event_date)
    buttons = (
        Button(
            name="book",
            label=gettext_lazy("Add a place"),
            done=gettext_lazy("one more place booked"),
            asks=gettext_lazy("Book a place at %(name)s"),
            says=gettext_lazy("Place booked at %(name)s."),
            confirm_text=gettext_lazy("The place is booked at once, whether it is paid or not."),
            act=book_place,
            is_available=can_be_booked,
            icon="person_add",
            many=False,
            form=Placing,
            permission="bookings.add_booking",
        ),
        Button(
            name="move",
            label=gettext_lazy("Move"),
            done=gettext_lazy("changed"),
            asks=gettext_lazy("Move %(name)s"),
            says=gettext_lazy("Changes saved: %(name)s."),
            confirm_text=gettext_lazy(
                "All bookings move with it. Regulars does not notify customers."
            ),
            act=move_event_date,
            is_available=lambda date: not date.is_cancelled,
            icon="edit_calendar",
            many=False,
            form=MovingDate,
        ),
        Button(
            name="cancel",
            label=gettext_lazy("Cancel the date"),
            done=gettext_lazy("cancelled, with every place at it"),
            asks=gettext_lazy("Cancel %(name)s?"),
            says=gettext_lazy("%(name)s cancelled, with every booking."),
            act=cancel_event_date,
            is_available=lambda date: not date.is_cancelled,
            icon="event_busy",
            danger=True,
            many=False,
            form=CancellingDate,
        ),
    )
    autocomplete_fields = ("event", "facilitator")
    list_display = ("when", "event", "led_by", "taken", "shown_state")
    list_filter = (WhenFilter, ("event", RowFilter), *(OF_FACILITATOR, OF_DAY))
    search_fields = ("event__name",)
    search_help_text = gettext_lazy("Name of the event")
    joined = ("event", "facilitator")
    # After saving, open the event: its page lists the dates and adds the next one.
    leads_to = "event"
    asked = ("event", "starts_at", "duration", "capacity", "facilitator")
    shown = ("event", "shown_span", "facilitator", "shown_state", "taken", "left")

    def hold(self, row: EventDate) -> None:
        hold_facilitators(row.facilitator_id)
        super().hold(row)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = super().get_fields(request, obj)
        return (*fields, "cancelled_at") if obj and obj.is_cancelled else fields

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        """Fill in the values of the event's latest date."""
        given = super().get_changeform_initial_data(request)
        given = {name: key for name, key in given.items() if name in self.autocomplete_fields}
        if "event" in given:
            dates = EventDate.objects.visible_to(request.actor).filter(event=given["event"])
            fields = ("duration", "capacity", "facilitator")
            given = (dates.order_by("-starts_at").values(*fields).first() or {}) | given
        return given

    def is_frozen(self, row: Any) -> bool:
        return row is not None and (row.is_cancelled or row.event.is_archived)

    def related(self, request: Any, row: EventDate) -> list[dict[str, Any]]:
        return [roster_of(row, request)]

    led_by = column(gettext_lazy("led by"), lambda row: row.facilitator or "–")
    taken = column(gettext_lazy("taken"), taken_of, ordering="spaces_taken")
    left = column(gettext_lazy("spaces left"), lambda row: row.spaces_left)
    shown_state = column(gettext_lazy("state"), lambda row: label(*date_state(row)))
