"""Every write to coupons, credits, passes and their ledger."""

from .coupons import archive_coupon, create_coupon, restore_coupon, update_coupon
from .credits import issue_credit, redeem_credit, reverse_redemption, revoke_credit
from .limits import limit_of, refused_by_limit
from .passes import (
    archive_pass_product,
    create_pass_product,
    restore_pass_product,
    reverse_use,
    revoke_pass,
    sell_pass,
    update_pass_product,
    use_pass,
)
from .rules import archive_rule, create_rule
from .sweeps import expire_holdings, issue_recurring_credits

__all__ = [
    "archive_coupon",
    "archive_pass_product",
    "archive_rule",
    "create_coupon",
    "create_pass_product",
    "create_rule",
    "expire_holdings",
    "issue_credit",
    "issue_recurring_credits",
    "limit_of",
    "redeem_credit",
    "refused_by_limit",
    "restore_coupon",
    "restore_pass_product",
    "reverse_redemption",
    "reverse_use",
    "revoke_credit",
    "revoke_pass",
    "sell_pass",
    "update_coupon",
    "update_pass_product",
    "use_pass",
]
