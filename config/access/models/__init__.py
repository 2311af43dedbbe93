"""Who may come in: companies, their staff, API clients and API keys."""

from .answers import KeptAnswer
from .clients import ApiClient, ApiKey
from .companies import MOST_PER_MINUTE, Company, Workplace
from .staff import Membership, Staff
from .tenants import Archivable, TenantForeignKey, TenantModel

__all__ = [
    "MOST_PER_MINUTE",
    "ApiClient",
    "ApiKey",
    "Archivable",
    "Company",
    "KeptAnswer",
    "Membership",
    "Staff",
    "TenantForeignKey",
    "TenantModel",
    "Workplace",
]
