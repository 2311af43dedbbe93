"""Customers in the back-office."""

from . import customers, duplicates, erasures, parts, zones
