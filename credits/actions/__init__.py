"""Every write to coupons, credits, passes and their ledger."""

from .coupons import archive_coupon, create_coupon, restore_coupon, update_coupon
from .credits import (
    give_back_credits,
    issue_credit,
    redeem_credit,
    reverse_redemption,
    revoke_credit,
)
from .goodwill import approve_goodwill, give_goodwill, issue_free_credit, refuse_goodwill
from .ledger import check_pays_for
from .passes import create_pass_product, reverse_use, revoke_pass, update_pass_product, use_pass
from .paying import CreditPart, InvoiceMeans, settle_invoices
from .refunding import refund_payment_and_credit
from .rules import create_rule
from .selling import SaleMeans, sell_pass, sell_plan
from .sweeps import expire_holdings, issue_recurring_credits
from .voiding import Sold, sold_by, take_back_sale, void_sale
