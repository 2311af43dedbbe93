"""Who comes back: customers, how to reach them, who acts for them, what staff wrote down."""

from .addresses import Address, Zone
from .customers import Customer
from .notes import Note
from .users import CustomerUser

__all__ = ["Address", "Customer", "CustomerUser", "Note", "Zone"]
