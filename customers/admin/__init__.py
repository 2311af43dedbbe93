"""The back-office pages of customers."""

from . import customers, duplicates, erasures, parts, zones
