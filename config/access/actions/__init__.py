"""Every write to companies, staff, API clients and API keys."""

from .companies import (
    archive_company,
    change_company,
    check_company,
    create_company,
    restore_company,
)
from .credentials import (
    KEY_MARK,
    LIVE_KEYS_PER_NAME,
    check_name,
    check_scopes,
    create_api_client,
    create_api_key,
    resume_api_client,
    revoke_api_key,
    rotate_api_client,
    rotate_api_key,
    suspend_api_client,
)
from .staff import (
    change_staff,
    create_staff,
    renew_password,
)

__all__ = [
    "KEY_MARK",
    "LIVE_KEYS_PER_NAME",
    "archive_company",
    "change_company",
    "change_staff",
    "check_company",
    "check_name",
    "check_scopes",
    "create_api_client",
    "create_api_key",
    "create_company",
    "create_staff",
    "renew_password",
    "restore_company",
    "resume_api_client",
    "revoke_api_key",
    "rotate_api_client",
    "rotate_api_key",
    "suspend_api_client",
]
