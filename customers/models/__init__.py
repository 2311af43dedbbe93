"""Customers, their addresses and users, notes about them, and service zones."""

from .addresses import Address, Zone
from .customers import Customer
from .notes import Note
from .users import CustomerUser
