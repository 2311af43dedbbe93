"""Every write to companies, staff, API clients and API keys."""

from .companies import (
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
    allow_duplicates,
    check_name,
    check_scopes,
    create_api_client,
    create_api_key,
    limit_credential,
    refuse_duplicates,
    require_match,
    resume_api_client,
    revoke_api_key,
    rotate_api_client,
    rotate_api_key,
    suspend_api_client,
    waive_match,
)
from .memberships import change_role, end_membership, invite_again, invite_staff
from .staff import change_staff, create_staff, renew_password
