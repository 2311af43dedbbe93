"""The tax of prices in v1 inputs and outputs."""

from typing import Any

from config.api.input_fields import ChoiceIn, RateIn
from config.api.shapes import At, Number, OneOf, Part, Rate, Shape
from config.tenancy.tax_fields import TaxBehavior

from ..models.taxes import gross_price

BEHAVIOR = "`inclusive`: the price includes the tax. `exclusive`: the tax is added to the price."
_COMPANYS = "A new price has the company's by default."


class TaxOfRate(Shape):
    """The amount and the tax of an invoice at one tax rate."""

    schema_name = "InvoiceTax"

    tax_rate = Rate(help_text="The tax rate of the lines in this group, in percent.")
    tax_behavior = OneOf(
        choices=TaxBehavior.values,
        help_text="`inclusive`: `amount` includes the tax. `exclusive`: the tax is added to it.",
    )
    amount = Number(
        help_text="The sum of the lines in this group less their share of the discount, in the "
        "smallest unit of the invoice's currency."
    )
    tax = Number(
        help_text="The tax that `amount` includes or that is added to it, in the smallest unit of "
        "the invoice's currency."
    )


class Taxes(Part):
    """The taxes of an invoice, which a JSON column stores in the shape of the output."""

    many = True

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(TaxOfRate, **kwargs)

    def expression(self, at: At) -> Any:
        return self.reference(at)


def rate_shown() -> Rate:
    """Return the field with the tax rate of a price."""
    return Rate(help_text="The tax on the price, in percent.")


def behavior_shown() -> OneOf:
    """Return the field that says whether a price includes its tax."""
    return OneOf(choices=TaxBehavior.values, help_text=BEHAVIOR)


def gross_shown() -> Number:
    """Return the field with the price including tax."""
    return Number(
        gross_price,
        help_text="What the customer pays: `price` with the tax, in the smallest unit of "
        "`currency`.",
    )


class BehaviorIn(ChoiceIn):
    """Whether a price includes its tax; the company's default if absent."""

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {"required": False, "help_text": f"{BEHAVIOR} {_COMPANYS}"}
        super().__init__(TaxBehavior.choices, **defaults | kwargs)


class TaxRateIn(RateIn):
    """The tax on a price in percent, up to four decimal places; the company's rate if absent."""

    def __init__(self, **kwargs: Any) -> None:
        words = f"The tax on the price, in percent, up to four decimal places. {_COMPANYS}"
        super().__init__(**{"help_text": words, **kwargs})
