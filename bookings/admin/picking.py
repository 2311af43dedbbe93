"""Forms that depend on the customer or the offering chosen in them."""

from typing import Any

from django import forms
from django.http import HttpRequest

from billing.actions.tax import gross_of
from config.admin.forms import ComparesShown
from config.admin.pages import Pages
from config.money import show_money
from config.tenancy.actors import Actor
from config.tenancy.authors import because
from config.tenancy.ids import read_id
from customers.models import Customer


class Picked(forms.BaseForm):
    """A form that reads its chosen rows, both before and after it is sent.

    `refreshed` names the fields to reload after each choice, by the field that was changed.
    """

    actor: Actor
    refreshed: dict[str, tuple[str, ...]]

    def picked(self, name: str, model: Any) -> Any:
        """Return the row chosen in a field, None if the company has no such row."""
        typed = self.data.get(self.add_prefix(name)) if self.is_bound else self.initial.get(name)
        key = read_id("", str(typed or ""))
        rows = model.objects.visible_to(self.actor)
        if model is Customer:
            rows = rows.defer("search_words")
        row = rows.filter(pk=key).first() if key else None
        widget: Any = self.fields[name].widget
        widget.known = row
        return row


class ShowsPrice(ComparesShown):
    """A form that asks for confirmation if the shown price has changed.

    `priced` is the chosen row, None if nothing is chosen.
    """

    priced: Any = None

    def facts(self) -> list[str]:
        one = self.priced
        return [show_money(gross_of(one), one.currency)] if one else []

    def was_shown(self) -> str | None:
        # Without JavaScript, the page shows no price and sends "", so there is nothing to compare.
        return super().was_shown() or None


class PickedAdmin(Pages):
    """Pages whose form for a new row is Picked and Paying; existing rows are read-only."""

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        because(form.why())
        self.creates(obj, means=form.means, actor=request.actor)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Take initial values from the query string, but only for the choice fields."""
        given = super().get_changeform_initial_data(request)
        keys = self.autocomplete_fields
        return {name: text for name, text in given.items() if name in keys}
