"""Coupons, credits, passes, and the ledger of both."""

from .coupons import Coupon, CreditRule
from .credits import Credit
from .entries import Entry
from .goodwill import Goodwill
from .passes import PassProduct, PassPurchase

type AnyHolding = Credit | PassPurchase
