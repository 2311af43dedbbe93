"""Event dates: when an event is, who comes, and how many still can."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.access.actors import Actor
from config.admin.buttons import Button
from config.admin.columns import exported_as
from config.admin.forms import PageForm
from config.admin.pages import CompanyPages
from config.admin.tables import label, link_to, page_name, table_of
from config.money import show_money
from config.times import show_moment

from ..actions import add_event_date, cancel_event_date, move_event_date
from ..models import Booking, Event, EventDate
from ..shapes.catalogue import DATE
from .cancelling import CancellingDate
from .columns import (
    STANDING_COLOURS,
    STATUS_COLOURS,
    date_state,
    paid_how,
    standing_of,
    status_of,
    taken_of,
)
from .fields import MinutesField, SpacesField
from .filters import ByDay, EventFilter, FacilitatorFilter, StartsFilter, WhenFilter
from .moving import MovingDate
from .placing import Placing, book_place
from .times import MomentField, span

SHOWN_PLACES = 100


class DateForm(PageForm):
    starts_at = MomentField(label=gettext_lazy("Begins"))
    duration = MinutesField()
    capacity = SpacesField()


def can_be_booked(date: EventDate) -> bool:
    return not date.is_cancelled and not date.event.is_archived and date.spaces_left > 0


@admin.register(EventDate)
class EventDatePages(ByDay, CompanyPages):
    """A date is read here, and changed by its buttons: whoever booked it moves along."""

    grows = True
    icon = "calendar_month"
    known_as = {DATE: "pk"}
    form = DateForm
    saves_on = False
    creates = staticmethod(add_event_date)
    buttons = (
        Button(
            name="book",
            label=gettext_lazy("Add a place"),
            done=gettext_lazy("one more place booked"),
            asks=gettext_lazy("The customer has a place from now on, paid or not."),
            act=book_place,
            fits=can_be_booked,
            icon="person_add",
            many=False,
            form=Placing,
            permission="bookings.add_booking",
        ),
        Button(
            name="move",
            label=gettext_lazy("Move"),
            done=gettext_lazy("changed"),
            asks=gettext_lazy("Everybody who has a place moves along, and nobody is told by us."),
            act=move_event_date,
            fits=lambda date: not date.is_cancelled,
            icon="edit_calendar",
            many=False,
            form=MovingDate,
        ),
        Button(
            name="cancel",
            label=gettext_lazy("Cancel the date"),
            done=gettext_lazy("cancelled, with every place at it"),
            asks="",
            act=cancel_event_date,
            fits=lambda date: not date.is_cancelled,
            icon="event_busy",
            danger=True,
            many=False,
            form=CancellingDate,
        ),
    )
    autocomplete_fields = ("event", "facilitator")
    list_display = ("when", "event", "led_by", "taken", "shown_state")
    list_filter = (
        WhenFilter,
        ("event", EventFilter),
        ("facilitator", FacilitatorFilter),
        ("starts_at", StartsFilter),
    )
    search_fields = ("event__name",)
    search_help_text = gettext_lazy("Name of the event")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("event", "facilitator")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("event", "starts_at", "duration", "capacity", "facilitator")
        shown = ("event", "shown_span", "facilitator", "shown_state", "taken", "left")
        return (*shown, "cancelled_at") if obj.is_cancelled else shown

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is not None:
            kwargs["form"] = PageForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        """Begin a date of an event as its latest one was."""
        given = super().get_changeform_initial_data(request)
        given = {name: key for name, key in given.items() if name in self.autocomplete_fields}
        if "event" in given:
            dates = EventDate.objects.visible_to(request.actor).filter(event=given["event"])
            fields = ("duration", "capacity", "facilitator")
            given = (dates.order_by("-starts_at").values(*fields).first() or {}) | given
        return given

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go to the event: that is where its dates are read, and the next one is added."""
        return redirect(page_name(Event, "change"), obj.event_id)

    def is_frozen(self, row: Any) -> bool:
        return row is not None and (row.is_cancelled or row.event.is_archived)

    def related(self, request: Any, row: EventDate) -> list[dict[str, Any]]:
        return [who_comes(row, request.actor)]

    @exported_as(lambda date: date.starts_at)
    @display(description=gettext_lazy("when"), ordering="starts_at")
    def when(self, date: EventDate) -> str:
        return show_moment(date.starts_at)

    @display(description=gettext_lazy("when"))
    def shown_span(self, date: EventDate) -> str:
        return span(date.starts_at, date.duration)

    @display(description=gettext_lazy("led by"))
    def led_by(self, date: EventDate) -> Any:
        return date.facilitator or "–"

    @display(description=gettext_lazy("taken"), ordering="spaces_taken")
    def taken(self, date: EventDate) -> str:
        return taken_of(date)

    @display(description=gettext_lazy("spaces left"))
    def left(self, date: EventDate) -> int:
        return date.spaces_left

    @display(description=gettext_lazy("state"))
    def shown_state(self, date: EventDate) -> SafeString:
        return label(*date_state(date))


def who_comes(date: EventDate, actor: Actor) -> dict[str, Any]:
    """Return the table of places at a date, those that were cancelled last."""
    places = Booking.objects.visible_to(actor).filter(event_date=date).with_payment()
    places = places.select_related(
        *("customer", "pricing_option", "invoice", "payment", "event_date__event"),
        *("entry__purchase__product", "entry__credit__coupon"),
    ).defer("customer__search_words")
    found = list(places.order_by("-cancelled_at", "id")[: SHOWN_PLACES + 1])
    rows = [
        (
            link_to(place, place.customer),
            place.spaces,
            place.pricing_option,
            show_money(place.total, place.currency),
            label(standing_of(place)[1], STANDING_COLOURS[standing_of(place)[0]]),
            paid_how(place),
            label(status_of(place)[1], STATUS_COLOURS[place.status]),
        )
        for place in found[:SHOWN_PLACES]
    ]
    all_places = f"{reverse(page_name(Booking, 'changelist'))}?event_date__id__exact={date.pk}"
    return table_of(
        _("Who comes"),
        (
            *(_("customer"), _("spaces"), _("price"), _("total")),
            *(_("paid"), _("with"), _("status")),
        ),
        rows,
        all_address=all_places if len(found) > SHOWN_PLACES else "",
    )
