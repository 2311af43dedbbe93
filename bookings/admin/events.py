"""The pages of events and their prices."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextInputWidget

from billing.actions.tax import gross_of
from billing.admin.prices import gross_column, in_words, tax_column
from config.admin.buttons import archive_button, archiving, restore_button
from config.admin.columns import column
from config.admin.filters import ArchivedFilter
from config.admin.money import MoneyField, MoneyForm
from config.admin.pages import CompanyAdmin
from config.admin.tables import adding, label, link_to, listed, table_of
from config.admin.taxes import BehaviorField, PercentField, TaxedForm
from config.money import show_money
from config.tenancy.money_fields import MOST
from config.times import show_moment, show_span

from ..actions import (
    add_pricing_option,
    archive_pricing_option,
    change_event,
    create_event,
    restore_pricing_option,
)
from ..models import Event, EventDate, PricingOption
from .catalogue import NamedAdmin
from .columns import date_state, taken_of
from .fields import SpacesField

SHOWN_DATES = 20


class EventForm(TaxedForm):
    """An event with the tax of its prices."""


class OptionForm(MoneyForm):
    price = MoneyField(label=gettext_lazy("Price"), most=MOST)
    visits = SpacesField(label=gettext_lazy("Or visits of a pass"), initial=1)


class AddedOptionForm(OptionForm):
    """A price with its own tax, or the event's."""

    tax_rate = PercentField(help_text=gettext_lazy("Empty for that of the event."))
    tax_behavior = BehaviorField(empty=gettext_lazy("As the event says"))


class NewEventForm(EventForm, OptionForm):
    """A new event with its first price."""

    option_name = forms.CharField(
        label=gettext_lazy("Called"),
        max_length=200,
        initial=gettext_lazy("Drop-in"),
        widget=UnfoldAdminTextInputWidget,
    )

    @property
    def option(self) -> PricingOption:
        typed = self.cleaned_data
        return PricingOption(
            name=typed["option_name"], price=typed["price"], visits=typed["visits"]
        )


@admin.register(Event)
class EventAdmin(NamedAdmin):
    icon = "event"
    added_says = gettext_lazy("Event %(name)s added. Now add its dates.")
    saved_says = gettext_lazy("Event %(name)s saved.")
    form = EventForm
    for_new = {"form": NewEventForm}
    creates = staticmethod(create_event)
    changes = staticmethod(change_event)
    buttons = archiving(
        gettext_lazy("It can no longer be booked. Existing bookings stay. You can restore it.")
    )
    list_display = ("name", "next_date", "shown_rate", "life", "created_on")
    fields = ("name", "description", "tax_rate", "tax_behavior")
    shown = ("name", "description", "shown_rate")
    # Staff add the dates of a new event on its page.
    leads_to = "self"
    add_fieldsets = (
        (None, {"fields": ("name", "description", "tax_rate", "tax_behavior")}),
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

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
        else:
            self.creates(obj, pricing_options=[form.option], actor=request.actor)

    def related(self, request: Any, row: Event) -> list[dict[str, Any]]:
        return [prices_of(row, request), dates_of(row, request)]

    next_date = column(
        gettext_lazy("next"),
        lambda row: show_moment(row.next_at) if row.next_at else "–",
        exports=lambda row: row.next_at,
        ordering="next_at",
    )
    shown_rate = column(
        gettext_lazy("tax"), in_words, exports=lambda row: row.tax_rate, ordering="tax_rate"
    )


def prices_of(event: Event, request: Any) -> dict[str, Any]:
    """Return the table of an event's prices."""
    options = PricingOption.objects.visible_to(request.actor).filter(event=event).oldest_first()
    rows = [
        (
            link_to(option),
            show_money(gross_of(option), event.currency),
            in_words(option, show_money(option.price, event.currency)),
            option.visits,
            label(_("Archived")) if option.is_archived else label(_("Live"), "success"),
        )
        for option in options
    ]
    return table_of(
        _("What a place costs"),
        ("", _("price"), _("tax"), _("or visits of a pass"), ""),
        rows,
        **adding(request, PricingOption, event, _("Add a price")),
    )


def dates_of(event: Event, request: Any) -> dict[str, Any]:
    """Return the table of an event's latest and upcoming dates."""
    dates = EventDate.objects.visible_to(request.actor).filter(event=event)
    dates = dates.select_related("facilitator").order_by("-starts_at", "-id")
    latest = list(dates[: SHOWN_DATES + 1])
    rows = [
        (
            link_to(date, show_span(date.starts_at, date.duration)),
            date.facilitator or "–",
            taken_of(date),
            label(*date_state(date)),
        )
        for date in latest[:SHOWN_DATES]
    ]
    return table_of(
        _("Dates"),
        (_("when"), _("led by"), _("taken"), ""),
        rows,
        all_address=listed(EventDate, event) if len(latest) > SHOWN_DATES else "",
        **adding(request, EventDate, event, _("Add a date")),
    )


@admin.register(PricingOption)
class PricingOptionAdmin(CompanyAdmin):
    """The price of a place cannot be edited: add another one, and archive this one or restore it.

    The menu has no entry for prices: the page of their event links to them.
    """

    icon = "sell"
    called = (gettext_lazy("price"), gettext_lazy("prices"))
    added_says = gettext_lazy("Price %(name)s added to %(event)s.")
    form = AddedOptionForm
    saves_on = False
    archived_says = gettext_lazy(
        "This price is archived and can no longer be booked. Restore it to offer it again."
    )
    creates = staticmethod(add_pricing_option)
    buttons = (
        archive_button(
            archive_pricing_option,
            gettext_lazy(
                "It can no longer be booked. Existing bookings keep it. You can restore it."
            ),
            many=False,
        ),
        restore_button(restore_pricing_option, gettext_lazy("It can be booked again."), many=False),
    )
    autocomplete_fields = ("event",)
    list_display = ("name", "event", "shown_price", "visits", "life", "created_on")
    list_filter = (ArchivedFilter,)
    search_fields = ("name", "event__name")
    search_help_text = gettext_lazy("Name of the price or the event")
    joined = ("event",)
    leads_to = "event"
    asked = ("event", "name", "price", "tax_rate", "tax_behavior", "visits")
    shown = ("event", "name", "shown_price", "shown_rate", "visits")

    shown_price = gross_column("event.currency")
    shown_rate = tax_column("event.currency")

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {}

    def is_frozen(self, row: Any) -> bool:
        return row is not None and (row.is_archived or row.event.is_archived)
