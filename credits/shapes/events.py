"""The v1 shape of each model whose changes are public, which the feed and webhooks show."""

from django.db import models

from config.api.shapes import Currency, Id, Instant, Number, OneOf, Shape, TextOrNull

from ..models import Coupon, Credit, CreditRule, Entry, Goodwill, PassProduct, PassPurchase
from .outputs import CouponGrant, CouponTerms, PassBought, PassForSale
from .records import CreditRecord, GoodwillRecord


class LedgerEntry(Shape):
    """A line of the ledger: one change of the balance of a credit or a pass."""

    id = Id(Entry.id_prefix, help_text="The id of the ledger entry.")
    kind = OneOf(choices=[kind for kind, _ in Entry.KINDS], help_text="Why the balance changed.")
    credit_id = Id(
        Credit.id_prefix, "credit_id", allow_null=True, help_text="The credit, or null for a pass."
    )
    pass_id = Id(
        PassPurchase.id_prefix,
        "purchase_id",
        allow_null=True,
        help_text="The customer's pass, or null for a credit.",
    )
    amount = Number(
        help_text="What was added to the balance, negative if taken: money in the smallest unit "
        "of the credit's currency, uses or visits. 0 for a use of a multi-use credit."
    )
    currency = Currency(
        "credit__currency",
        allow_null=True,
        help_text="The currency of the credit, an ISO 4217 code in capitals; null for a pass.",
    )
    reference = TextOrNull(help_text="What the client calls the use, such as its order number.")
    reason = TextOrNull(help_text="The reason that was given.")
    reverses_id = Id(
        Entry.id_prefix,
        "reverses_id",
        allow_null=True,
        help_text="The ledger entry of the use that this one gives back.",
    )
    created_at = Instant(help_text="When the balance changed.")


EVENT_SHAPES: dict[type[models.Model], type[Shape]] = {
    Coupon: CouponTerms,
    Credit: CreditRecord,
    CreditRule: CouponGrant,
    Entry: LedgerEntry,
    Goodwill: GoodwillRecord,
    PassProduct: PassForSale,
    PassPurchase: PassBought,
}
