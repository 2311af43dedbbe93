"""Mixins for forms: refuse card numbers, and detect changes that the user has not seen."""

from typing import Any, cast

from django import forms
from django.db.models import Model
from django.forms.widgets import DateTimeBaseInput
from django.http import QueryDict
from django.utils.translation import gettext as _

from config.card_numbers import NUMBERS, CardNumber, holds_card_number


class FreeText(forms.BaseForm):
    """Refuse card numbers in all text fields except NUMBERS, where long numbers are normal."""

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for name, value in list(self.cleaned_data.items()):
            texts = [one for one in _parts(value) if isinstance(one, str)]
            if name not in NUMBERS and any(map(holds_card_number, texts)):
                self.add_error(name, CardNumber.message)


def _parts(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


class NumberField(forms.DecimalField):
    """A finite decimal number: NaN, sNaN and infinity are refused."""

    def to_python(self, value: Any) -> Any:
        number = super().to_python(value)
        if number is not None and not number.is_finite():
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return number


class ShownChoices(forms.MultipleHiddenInput):
    """The choices that a person was shown; an empty input marks "none" as opposed to "not sent"."""

    def format_value(self, value: Any) -> list[Any]:
        return ["", *(value or ())]

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[Any] | None:
        sent = super().value_from_datadict(data, files, name)
        return [one for one in sent if one] if sent else None


class KeepsUnseen(forms.BaseForm):
    """Change only the fields that the user edited (threat 63).

    If somebody else changed a field since the form was opened, the form is refused once and shows
    both values; when it is sent again, the user's value is saved. Call `hold_row` before the form
    reads the row.
    """

    def remember_what_is_shown(self) -> None:
        """Add a hidden input with the shown value of each field."""
        for field in self.fields.values():
            field.show_hidden_initial = True
            if field.hidden_widget is forms.MultipleHiddenInput:
                field.hidden_widget = ShownChoices

    def changes(self) -> dict[str, Any]:
        """Return the values of changed fields, by name, as actions take them."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]
        for bound in self:
            if bound.field.show_hidden_initial and bound.name not in self.errors:
                self._refuse_unseen(bound)

    def _refuse_unseen(self, bound: forms.BoundField) -> None:
        field, now = bound.field, bound.initial
        shown = self._sent(field.hidden_widget(), bound.html_initial_name)
        typed = self._sent(field.widget, bound.html_name)
        if shown is None or not _differs(field, now, shown) or not _differs(field, now, typed):
            return
        if not bound._has_changed():  # type: ignore[attr-defined]
            return
        sentence = _("Somebody changed this from “%(shown)s” to “%(now)s”. Save to replace it.")
        words = {"shown": _words(field, shown), "now": _words(field, now)}
        self.add_error(bound.name, sentence % words)
        self._show(bound, now)

    def _sent(self, widget: Any, name: str) -> Any:
        """Return the value that was sent under a name, None if there is none."""
        value = widget.value_from_datadict(self.data, self.files, self.add_prefix(name))
        return None if value in (None, [None, None]) else value

    def _show(self, bound: forms.BoundField, value: Any) -> None:
        """Put a value into the hidden input, since the user sees it with the error."""
        data = cast(QueryDict, self.data).copy()
        name, widget = bound.html_initial_name, bound.field.hidden_widget()
        prepared = bound.field.prepare_value(value)
        if isinstance(widget, forms.MultiWidget):
            for number, part in enumerate(widget.decompress(prepared) or ()):
                data[f"{name}_{number}"] = str(widget.widgets[number].format_value(part) or "")
            prepared = ""
        data.setlist(name, ["", *prepared] if isinstance(widget, ShownChoices) else [prepared])
        self.data = data


def hold_row(row: Any) -> None:
    """Lock the customer of a row, or else the row, as every change of the row does first.

    So the values that the form compares cannot change until the form is saved.
    """
    customer = getattr(row, "customer", None)
    held = row if customer is None else customer
    if held is not None:
        type(held).objects.select_for_update(no_key=True).filter(pk=held.pk).first()


class HoldsRows:
    """Mixin for pages whose forms compare the row with the values that the user saw."""

    def hold(self, row: Any) -> None:
        """Lock the rows that actions on this row lock first."""
        hold_row(row)


def _differs(field: forms.Field, value: Any, sent: Any) -> bool:
    """Whether the sent value differs; differences in white space alone do not count."""
    if isinstance(value, str) and isinstance(sent, str):
        return value.split() != sent.split() and field.has_changed(value, sent)
    return field.has_changed(value, sent)


def _words(field: forms.Field, value: Any) -> str:
    """Return a value as text for the error message."""
    if isinstance(field, forms.ModelChoiceField):
        row = value if isinstance(value, Model) else _row(field, value)
        return field.label_from_instance(row) if row else _("nothing")
    if isinstance(field, forms.ChoiceField) and not isinstance(value, list):
        return str(dict(_flat(field.choices)).get(value, value) or _("nothing"))
    if isinstance(field, forms.MultiValueField) and not isinstance(value, list):
        shown = zip(field.widget.widgets, field.widget.decompress(value), strict=False)
        value = [_as_shown(widget, part) for widget, part in shown]
    parts = value if isinstance(value, list) else [_as_shown(field.widget, value)]
    return " ".join(str(part) for part in parts if part not in (None, "")) or _("nothing")


def _as_shown(widget: Any, value: Any) -> Any:
    """Format dates and times as the widget does; return other values unchanged."""
    return widget.format_value(value) if isinstance(widget, DateTimeBaseInput) else value


def _row(field: forms.ModelChoiceField, value: Any) -> Model | None:
    try:
        return field.to_python(value)
    except forms.ValidationError:
        return None


def _flat(choices: Any) -> Any:
    """Yield all choices, including those in groups."""
    for value, label in choices:
        if isinstance(label, list | tuple):
            yield from label
        else:
            yield value, label
