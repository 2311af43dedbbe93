from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from config.errors import Refusal

# The highest amount, in the smallest unit; times the highest quantity it still fits a bigint.
MOST = 1_000_000_000_000


class MoneyField(models.BigIntegerField):
    """Money as a whole number of the currency's smallest unit."""


class CurrencyField(models.CharField):
    """An ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 3, **kwargs})


def check_amount(amount: int | None, *, field: str, refusal: type[Refusal], least: int = 0) -> None:
    """Raise the refusal at the field unless the amount is from `least` to MOST."""
    if amount is None or not least <= amount <= MOST:
        sentence = _(
            "Must be a whole number from %(least)s to %(most)s, in the smallest unit of the "
            "currency; got “%(amount)s”."
        )
        bounds = {
            "least": least,
            "most": f"{MOST:,}",
            "amount": "null" if amount is None else f"{amount:,}",
        }
        raise refusal.at(field, sentence % bounds)
