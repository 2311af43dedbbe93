"""Events: what people come to, what a place costs, and when it is."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from billing.models.money import MOST
from config.admin.buttons import Button, archiving
from config.admin.columns import Amount, exported_as
from config.admin.filters import ArchivedFilter
from config.admin.forms import PageForm
from config.admin.money import MoneyField, MoneyForm
from config.admin.pages import CompanyPages
from config.admin.tables import label, link_to, page_name, table_of
from config.money import show_money
from config.times import show_moment
from customers.actions import archive_row, restore_row

from ..actions import add_pricing_option, archive_pricing_option, change_event, create_event
from ..models import Event, EventDate, PricingOption
from ..shapes.catalogue import EVENT, OPTION
from .columns import date_state
from .fields import PercentField, SpacesField, shown_percent
from .times import span

SHOWN_DATES = 20


class EventForm(PageForm):
    tax_rate = PercentField()


class NewEventForm(EventForm, MoneyForm):
    """An event, and what its first places cost."""

    option_name = forms.CharField(
        label=gettext_lazy("Called"),
        max_length=200,
        initial=gettext_lazy("Drop-in"),
        widget=UnfoldAdminTextInputWidget,
    )
    price = MoneyField(label=gettext_lazy("Price before tax"), most=MOST)
    visits = SpacesField(label=gettext_lazy("Or visits of a pass"), initial=1)

    @property
    def option(self) -> PricingOption:
        typed = self.cleaned_data
        return PricingOption(
            name=typed["option_name"], price=typed["price"], visits=typed["visits"]
        )


@admin.register(Event)
class EventPages(CompanyPages):
    icon = "event"
    known_as = {EVENT: "pk"}
    ordering = ("name", "id")
    form = EventForm
    creates = staticmethod(create_event)
    changes = staticmethod(change_event)
    buttons = archiving(
        archive_row,
        restore_row,
        gettext_lazy(
            "Nobody can book an archived event any more. Places that are booked stay, and the "
            "event can be restored."
        ),
    )
    list_display = ("name", "next_date", "shown_rate", "life", "created_on")
    list_filter = (ArchivedFilter,)
    search_fields = ("name",)
    search_help_text = gettext_lazy("Name")
    fields = ("name", "description", "tax_rate")
    add_fieldsets = (
        (None, {"fields": ("name", "description", "tax_rate")}),
        (
            gettext_lazy("What a place costs"),
            {
                "description": gettext_lazy("The first price; others can be added later."),
                "fields": ("option_name", "price", "visits"),
            },
        ),
    )

    def get_queryset(self, request: Any) -> Any:
        dates = EventDate.objects.visible_to(request.actor).filter(event=OuterRef("pk"))
        soonest = dates.upcoming().order_by("starts_at").values("starts_at")[:1]
        return super().get_queryset(request).annotate(next_at=Subquery(soonest))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        if obj is None:
            kwargs["form"] = NewEventForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Show it as it is read where there is no form to change it in."""
        if self.has_change_permission(request, obj):
            return self.fields
        return ("name", "description", "shown_rate")

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            self.creates(obj, pricing_options=[form.option], actor=request.actor)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go to the new event: that is where its dates are added."""
        return redirect(self.address_of(obj))

    def related(self, request: Any, row: Event) -> list[dict[str, Any]]:
        return [prices_of(row, request.actor), dates_of(row, request.actor)]

    @exported_as(lambda event: event.next_at)
    @display(description=gettext_lazy("next"), ordering="next_at")
    def next_date(self, event: Any) -> str:
        return show_moment(event.next_at) if event.next_at else "–"

    @exported_as(lambda event: event.tax_rate)
    @display(description=gettext_lazy("tax in percent"), ordering="tax_rate")
    def shown_rate(self, event: Event) -> str:
        return shown_percent(event.tax_rate)


def prices_of(event: Event, actor: Any) -> dict[str, Any]:
    """Return the table of what places at an event cost."""
    options = PricingOption.objects.visible_to(actor).filter(event=event).oldest_first()
    rows = [
        (
            link_to(option),
            show_money(option.price, event.currency),
            option.visits,
            label(_("Archived")) if option.is_archived else label(_("Live"), "success"),
        )
        for option in options
    ]
    return table_of(
        _("What a place costs"),
        (_("price"), _("before tax"), _("or visits of a pass"), ""),
        rows,
        **_adding(event, PricingOption, _("Add a price")),
    )


def dates_of(event: Event, actor: Any) -> dict[str, Any]:
    """Return the table of an event's latest dates, those to come among them."""
    dates = EventDate.objects.visible_to(actor).filter(event=event).select_related("facilitator")
    latest = list(dates.order_by("-starts_at", "-id")[: SHOWN_DATES + 1])
    rows = [
        (
            link_to(date, span(date.starts_at, date.duration)),
            date.facilitator or "–",
            _("%(taken)d of %(capacity)d")
            % {"taken": date.spaces_taken, "capacity": date.capacity},
            label(*date_state(date)),
        )
        for date in latest[:SHOWN_DATES]
    ]
    all_dates = f"{reverse(page_name(EventDate, 'changelist'))}?event__id__exact={event.pk}"
    return table_of(
        _("Dates"),
        (_("when"), _("led by"), _("taken"), ""),
        rows,
        all_address=all_dates if len(latest) > SHOWN_DATES else "",
        **_adding(event, EventDate, _("Add a date")),
    )


def _adding(event: Event, model: Any, add: str) -> dict[str, str]:
    if event.is_archived:
        return {}
    return {"add": add, "add_address": f"{reverse(page_name(model, 'add'))}?event={event.pk}"}


class OptionForm(MoneyForm):
    price = MoneyField(label=gettext_lazy("Price before tax"), most=MOST)
    visits = SpacesField(label=gettext_lazy("Or visits of a pass"), initial=1)


@admin.register(PricingOption)
class PricingOptionPages(CompanyPages):
    """What a place costs is decided once; to change it, add another and archive it.

    They are reached from their event, so that the menu need not have them.
    """

    icon = "sell"
    known_as = {OPTION: "pk"}
    form = OptionForm
    saves_on = False
    archived_says = gettext_lazy("This is archived: nobody books at this price any more.")
    creates = staticmethod(add_pricing_option)
    buttons = (
        Button(
            name="archive",
            label=gettext_lazy("Archive"),
            done=gettext_lazy("archived"),
            asks=gettext_lazy(
                "Nobody books at this price any more; places that are booked keep it. To offer it "
                "again, add it again."
            ),
            act=archive_pricing_option,
            fits=lambda option: not option.is_archived,
            icon="archive",
            many=False,
        ),
    )
    autocomplete_fields = ("event",)
    list_display = ("name", "event", "shown_price", "visits", "life", "created_on")
    list_filter = (ArchivedFilter,)
    search_fields = ("name", "event__name")
    search_help_text = gettext_lazy("Name of the price or the event")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("event")

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {}

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        if obj is None:
            return ("event", "name", "price", "visits")
        return ("event", "name", "shown_price", "visits")

    def is_frozen(self, row: Any) -> bool:
        return row is not None and (row.is_archived or row.event.is_archived)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponse:
        """Go to the event: that is where its prices are read."""
        return redirect(page_name(Event, "change"), obj.event_id)

    @exported_as(lambda option: Amount(option.price, option.event.currency), is_money=True)
    @display(description=gettext_lazy("price before tax"), ordering="price")
    def shown_price(self, option: PricingOption) -> str:
        return show_money(option.price, option.event.currency)
