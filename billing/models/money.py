from typing import Any

from django.db import models

# What a sum may come to, in the smallest unit; a line of the most pieces still fits its column.
MOST = 1_000_000_000_000


class MoneyField(models.BigIntegerField):
    """Money as a whole number of the currency's smallest unit."""


class CurrencyField(models.CharField):
    """An ISO 4217 code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"max_length": 3, **kwargs})
