"""The form that books a place at an event date and pays for it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy, ngettext
from unfold.widgets import UnfoldAdminSelectWidget

from billing.actions.tax import gross_of
from config.admin.forms import Answers, Picker
from config.money import show_money
from config.tenancy.actors import Actor
from customers.models import Customer

from ..actions import Means, book_places
from ..models import Booking, EventDate, PricingOption, Transaction
from .fields import SpacesField, notes_field
from .paying import Paying, ways_to_pay
from .picking import Picked


class PlaceFields(Answers):
    """The fields of a place at an event: customer, price and number of people."""

    customer = forms.ModelChoiceField(
        label=gettext_lazy("Customer"),
        queryset=Customer.objects.none(),
        widget=Picker(Booking._meta.get_field("customer"), admin.site),
    )
    pricing_option = forms.ModelChoiceField(
        label=gettext_lazy("Price"),
        queryset=PricingOption.objects.none(),
        empty_label=None,
        widget=UnfoldAdminSelectWidget,
    )
    spaces = SpacesField(initial=1)


class Placing(Picked, Paying, PlaceFields):
    """The form for the customer, the price and the payment of a place."""

    notes = notes_field()
    field_order = (
        *("customer", "pricing_option", "spaces", "paid_with", "due_on", "why_paid", "notes"),
    )
    filled_in = ("customer",)
    refreshed = {"by": ("customer",), "fields": ("paid_with",)}

    def prepare(self) -> None:
        event = self.row.event
        fields: Any = self.fields
        fields["customer"].queryset = Customer.objects.visible_to(self.actor).defer("search_words")
        options = PricingOption.objects.visible_to(self.actor).live().filter(event=event)
        fields["pricing_option"].queryset = options.oldest_first()
        fields["pricing_option"].label_from_instance = self._price
        self.offer(
            ways_to_pay(
                self.picked("customer", Customer),
                thing=event.name,
                currency=event.currency,
                begins_at=self.row.starts_at,
                actor=self.actor,
            )
        )

    def _price(self, option: PricingOption) -> str:
        visits = ngettext("%(count)d visit", "%(count)d visits", option.visits)
        price = show_money(gross_of(option), self.row.event.currency)
        return f"{option} · {price} / {visits % {'count': option.visits}}"

    def answers(self) -> dict[str, Any]:
        names = ("customer", "pricing_option", "spaces", "notes")
        place = Booking(**{name: self.cleaned_data[name] for name in names})
        return {"place": place, "means": self.means}


def book_place(date: EventDate, *, place: Booking, means: Means | None, actor: Actor) -> None:
    """Book a place at a date for a customer, who also pays."""
    place.event_date = date
    purchase = Transaction(customer=place.customer)
    book_places(purchase, places=[place], means=means, actor=actor)
