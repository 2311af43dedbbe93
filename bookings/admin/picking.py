"""Forms that depend on which customer, or what, was picked in them."""

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
    """A form that reads what was picked in it, before it is sent and after.

    `refreshed` names the fields that its page reads again `by` each pick.
    """

    actor: Actor
    refreshed: dict[str, tuple[str, ...]]

    def picked(self, name: str, model: Any) -> Any:
        """Return the row that a field points at, None for none that the company has."""
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
    """A form that asks again if the price of what was picked has changed since the page showed it.

    `priced` is what was picked, None for nothing yet.
    """

    priced: Any = None

    def facts(self) -> list[str]:
        one = self.priced
        return [show_money(gross_of(one), one.currency)] if one else []

    def was_shown(self) -> str | None:
        # A page without scripts shows no price.
        return super().was_shown() or None


class PickedAdmin(Pages):
    """Pages whose form for a new row is Picked and Paying; the page of a row is only read."""

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        because(form.why())
        self.creates(obj, means=form.means, actor=request.actor)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with whom and what the address says, and with nothing else."""
        given = super().get_changeform_initial_data(request)
        keys = self.autocomplete_fields
        return {name: text for name, text in given.items() if name in keys}
