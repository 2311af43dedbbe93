"""Forms of the back-office: they hold no rule, and show what an action refused."""

from typing import Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect

from config.access.ids import read_id
from config.errors import Refusal


class PageForm(forms.ModelForm):
    """A row's fields; a changed field is one that differs from what the person was shown.

    So who corrects a name does not put back the phone number that somebody else changed meanwhile.
    `told_at` says where a refusal stands whose field has another name here.
    """

    told_at: ClassVar[dict[str, str]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            for field in self.fields.values():
                field.show_hidden_initial = True

    def changes(self) -> dict[str, Any]:
        """Return the values of changed fields, by name, as actions take them."""
        return {name: self.cleaned_data[name] for name in self.changed_data}


def refused(form: type[forms.ModelForm], refusal: Refusal) -> type[forms.ModelForm]:
    """Return the form as one that is not valid, since the action refused what was sent."""
    names = getattr(form, "told_at", {})
    told = {name.rpartition(".")[2]: text for name, text in refusal.fields.items()}
    fields = {names.get(name, name): text for name, text in told.items()}

    class Refused(form):  # type: ignore[misc, valid-type]
        def full_clean(self) -> None:
            super().full_clean()
            placed = {name: text for name, text in fields.items() if name in self.fields}
            for name, text in placed.items():
                self.add_error(name, text)
            if not placed:
                self.add_error(None, str(refusal))

    return Refused


class Picker(AutocompleteSelect):
    """Looks rows up as one types; what is no id at all is left to the field to refuse."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        return super().optgroups(name, [one for one in value if read_id("", str(one))], attrs)
