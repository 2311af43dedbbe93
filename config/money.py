"""Convert money between the stored whole numbers of the smallest unit and amounts for people."""

from collections.abc import Mapping
from decimal import Decimal

from babel.numbers import format_currency, get_currency_precision
from django.utils.translation import get_language, to_locale


def as_written(amount: int, currency: str) -> Decimal:
    """Return 45.00 for 4500 pence."""
    return Decimal(amount).scaleb(-get_currency_precision(currency))


def in_units(amount: Decimal, currency: str) -> int | None:
    """Return 4500 for 45.00 pounds, None for a fraction of the smallest unit."""
    units = amount.scaleb(get_currency_precision(currency))
    return int(units) if units == units.to_integral_value() else None


def show_money(amount: int, currency: str) -> str:
    """Return £45.00 for 4500 pence, as the reader's language writes it."""
    locale = to_locale(get_language() or "en-gb")
    return format_currency(as_written(amount, currency), currency, locale=locale)


def show_sums(sums: Mapping[str, int]) -> str:
    """Return £45.00 + $3.00 for amounts by currency, nothing for none."""
    return " + ".join(show_money(amount, currency) for currency, amount in sorted(sums.items()))
