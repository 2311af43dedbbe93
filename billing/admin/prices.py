"""Prices in the back-office, tax included."""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.admin.columns import Amount, column, exported_as
from config.admin.taxes import shown_percent
from config.money import show_money
from config.tenancy.tax_fields import TaxBehavior

from ..actions.tax import gross_of


def gross_column(currency: str = "currency") -> Callable[[Any, Any], str]:
    """Return a column of prices including tax."""
    code = attrgetter(currency)

    @exported_as(lambda row: Amount(gross_of(row), code(row)), is_money=True)
    @display(description=gettext_lazy("price"), ordering="price", formatting="price")
    def shown(pages: Any, row: Any) -> str:
        return show_money(gross_of(row), code(row))

    return shown


def tax_column(currency: str = "currency") -> Callable[[Any, Any], str]:
    """Return a column of taxes: included in the price, or added to it."""
    code = attrgetter(currency)

    def words(row: Any) -> str:
        return in_words(row, show_money(row.price, code(row)))

    return column(gettext_lazy("tax"), words, exports=lambda row: row.tax_rate, ordering="tax_rate")


def in_words(row: Any, price: str = "") -> str:
    """Return the tax of a row as text: “20% included” or, for a price, “20% added to £60.00”."""
    if not row.tax_rate:
        return _("none")
    rate = {"rate": shown_percent(row.tax_rate), "price": price}
    if row.tax_behavior == TaxBehavior.INCLUSIVE:
        return _("%(rate)s%% included") % rate
    return (_("%(rate)s%% added to %(price)s") if price else _("%(rate)s%% added")) % rate
