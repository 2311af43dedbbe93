"""Customers in the back-office."""

from . import customers, parts, zones

__all__ = ["customers", "parts", "zones"]
