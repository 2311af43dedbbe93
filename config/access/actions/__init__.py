"""Every write to companies, staff, API clients and API keys, and what is kept of requests."""

from .answers import AT_ONCE, HOURS_KEPT, remove_old_answers
from .companies import (
    HIGHEST_LIMIT,
    archive_company,
    change_company,
    check_company,
    create_company,
    is_currency_fixed,
    restore_company,
)
from .credentials import (
    KEY_MARK,
    LIVE_KEYS_PER_NAME,
    check_name,
    check_scopes,
    check_seen,
    create_api_client,
    create_api_key,
    limit_credential,
    mark_of,
    resume_api_client,
    revoke_api_key,
    rotate_api_client,
    rotate_api_key,
    suspend_api_client,
)
from .memberships import (
    change_role,
    end_membership,
    invite_again,
    invite_staff,
)
from .staff import (
    change_staff,
    create_staff,
    renew_password,
)

__all__ = [
    "AT_ONCE",
    "HIGHEST_LIMIT",
    "HOURS_KEPT",
    "KEY_MARK",
    "LIVE_KEYS_PER_NAME",
    "archive_company",
    "change_company",
    "change_role",
    "change_staff",
    "check_company",
    "check_name",
    "check_scopes",
    "check_seen",
    "create_api_client",
    "create_api_key",
    "create_company",
    "create_staff",
    "end_membership",
    "invite_again",
    "invite_staff",
    "is_currency_fixed",
    "limit_credential",
    "mark_of",
    "remove_old_answers",
    "renew_password",
    "restore_company",
    "resume_api_client",
    "revoke_api_key",
    "rotate_api_client",
    "rotate_api_key",
    "suspend_api_client",
]
