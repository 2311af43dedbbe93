"""Endpoints of customers on the M2M, v1 and accounts surfaces (contract, sections 1 to 3, 5, 7)."""

from .customers import Accounts, Customers, Profiles, States
from .duplicates import Duplicates
from .files import ExportFiles, Exports, Imports, RefusedFiles, RefusedRows
from .merges import Merges
from .parts import (
    Addresses,
    Balances,
    ContactPoints,
    CustomerAudit,
    CustomerNotes,
    CustomerUsers,
    Notes,
    Users,
    Zones,
    of_customer,
)
from .privacy import Erasures, PersonExports
