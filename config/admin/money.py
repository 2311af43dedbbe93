"""Money in the back-office: shown as £45.00, typed as 45.00, stored in the smallest unit."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextInputWidget

from config.money import as_written, in_units, show_money

from .columns import Amount, exported_as
from .companies import at_work
from .form_mixins import NumberField
from .forms import PageForm


def amount_of(
    name: str, description: Any, currency: str = "currency", *, ordering: str = ""
) -> Callable[[Any, Any], str]:
    """Return a column that shows an amount; `name` and `currency` are attribute paths of the row.

    `ordering` is the column to sort by, if it is not `name`.
    """
    amount_in = attrgetter(name, currency)

    @exported_as(lambda row: Amount(*amount_in(row)), is_money=True)
    @display(description=description, ordering=ordering or name, formatting="price")
    def shown(pages: Any, row: Any) -> str:
        amount, code = amount_in(row)
        return "–" if amount is None else show_money(amount, code)

    return shown


class MoneyField(NumberField):
    """An amount as staff enter it; `least` and `most` are in the smallest unit.

    Only the form knows the currency, so MoneyForm converts the amount to the smallest unit.
    """

    default_error_messages = {"invalid": gettext_lazy("Write an amount such as 45.00.")}

    def __init__(self, *, most: int, least: int = 0, **kwargs: Any) -> None:
        self.least, self.most = least, most
        widget = UnfoldAdminTextInputWidget(attrs={"inputmode": "decimal", "autocomplete": "off"})
        kwargs = {"widget": widget, "max_digits": 20, "decimal_places": 6, **kwargs}
        super().__init__(**kwargs)

    def units_of(self, amount: Any, currency: str) -> int:
        """Return an amount in the smallest unit; raises ValidationError if it is out of range."""
        units = in_units(amount, currency)
        if units is None:
            raise forms.ValidationError(
                _("%(currency)s has no coin as small as that.") % {"currency": currency}
            )
        if not self.least <= units <= self.most:
            bounds = (show_money(bound, currency) for bound in (self.least, self.most))
            raise forms.ValidationError(
                _("From %(least)s to %(most)s.") % dict(zip(("least", "most"), bounds, strict=True))
            )
        return units


class MoneyForm(PageForm):
    """A form with amounts of money in the currency of the row, or else of the company."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        currency = self.currency_of({})
        for name, field in self._money().items():
            field.help_text = field.help_text or self.hint(currency)
            amount = self.initial.get(name, field.initial)
            if isinstance(amount, int):
                self.initial[name] = as_written(amount, currency)

    def currency_of(self, typed: dict[str, Any]) -> str:
        """Return the currency of the amounts; the entered currency has priority."""
        return (
            typed.get("currency") or getattr(self.instance, "currency", "") or company_currency()
        ).upper()

    def hint(self, currency: str) -> str:
        example = as_written(0, currency) + 45
        return _("In %(currency)s, such as %(example)s.") % {
            "currency": currency,
            "example": example,
        }

    def clean(self) -> None:
        super().clean()
        currency = self.currency_of(self.cleaned_data)
        for name, field in self._money().items():
            if self.cleaned_data.get(name) is not None:
                try:
                    self.cleaned_data[name] = field.units_of(self.cleaned_data[name], currency)
                except forms.ValidationError as error:
                    self.add_error(name, error)

    def changes(self) -> dict[str, Any]:
        """Return the changed values; if the currency changed, all amounts count as changed."""
        changes = super().changes()
        if "currency" in changes:
            changes |= {name: self.cleaned_data[name] for name in self._money()}
        return changes

    def _money(self) -> dict[str, MoneyField]:
        fields = self.fields.items()
        return {name: field for name, field in fields if isinstance(field, MoneyField)}


def company_currency() -> str:
    """Return the currency of the active company."""
    return at_work().currency
