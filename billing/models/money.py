"""Names that landed migrations import from this module."""

from config.tenancy.money_fields import CurrencyField, MoneyField

__all__ = ["CurrencyField", "MoneyField"]
