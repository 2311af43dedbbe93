"""Forms that depend on which customer, or what, was picked in them."""

from typing import Any

from django import forms
from django.http import HttpRequest

from config.access.actors import Actor
from config.access.ids import read_id
from config.admin.forms import PageForm
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


class PickedPages:
    """Pages whose form for a new row is Picked; the page of a row is only read."""

    def get_form(
        self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm]:
        if obj is not None:
            kwargs["form"] = PageForm
        form = super().get_form(request, obj, change=change, **kwargs)  # type: ignore[misc]
        form.actor = request.actor
        return form

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with whom and what the address says, and with nothing else."""
        given = super().get_changeform_initial_data(request)  # type: ignore[misc]
        keys = self.autocomplete_fields  # type: ignore[attr-defined]
        return {name: text for name, text in given.items() if name in keys}
