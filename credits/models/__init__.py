"""What customers are owed: coupons, credits, passes, and the ledger of both."""

from .coupons import Coupon, CreditRule
from .credits import Credit
from .entries import Entry
from .passes import PassProduct, PassPurchase

__all__ = ["Coupon", "Credit", "CreditRule", "Entry", "PassProduct", "PassPurchase"]
