"""Customers in the back-office."""

from . import customers, duplicates, parts, zones
