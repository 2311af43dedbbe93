"""Landed migrations import these from here."""

from config.tenancy.money_fields import CurrencyField, MoneyField

__all__ = ["CurrencyField", "MoneyField"]
