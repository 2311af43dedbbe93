"""Customers, their addresses, contact points, users and notes, and service zones."""

from .addresses import Address, Zone
from .contact_points import ContactPoint
from .customers import Customer
from .duplicates import Duplicate, DuplicateSearch
from .erasures import Erasure, ErasureMark
from .merges import CustomerMerge, MovedRow
from .notes import Note
from .users import CustomerUser
