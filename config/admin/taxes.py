"""Form fields for tax."""

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy
from unfold import widgets

from config.tenancy.tax_fields import TaxBehavior

from .companies import at_work
from .form_mixins import NumberField
from .money import MoneyForm


class PercentField(NumberField):
    """A tax rate in percent, shown without trailing zeros; empty means the default."""

    widget = widgets.UnfoldAdminDecimalFieldWidget

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"label": gettext_lazy("Tax in percent"), "required": False, **kwargs}
        super().__init__(min_value=0, max_value=100, max_digits=7, decimal_places=4, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return shown_percent(value) if hasattr(value, "normalize") else value


class BehaviorField(forms.ChoiceField):
    """Whether a price includes tax; `empty` is the label of the default choice."""

    widget = widgets.UnfoldAdminSelectWidget

    def __init__(self, *, empty: Any = None, **kwargs: Any) -> None:
        choices: list[tuple[str, Any]] = [] if empty is None else [("", empty)]
        choices += [(one.value, capfirst(one.label)) for one in TaxBehavior]
        kwargs = {"label": gettext_lazy("Tax is"), "required": False, **kwargs}
        super().__init__(choices=choices, **kwargs)


class TaxedForm(MoneyForm):
    """A form with a price and its tax; a new row starts with the tax of the company."""

    tax_rate = PercentField()
    tax_behavior = BehaviorField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            for name in ("tax_rate", "tax_behavior"):
                # The model's default is empty, so use the company's value.
                self.initial[name] = self.initial.get(name) or getattr(at_work(), name)


def shown_percent(rate: Any) -> str:
    return f"{rate.normalize():f}"
