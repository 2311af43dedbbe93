"""Customers in the back-office."""

from . import customers, parts, zones
