"""The v1 shape of each model whose changes are public, which the feed and webhooks show."""

from django.db import models

from billing.shapes.descriptions import own_id
from config.api.shapes import Currency, Id, Instant, Number, OneOf, Shape, TextOrNull

from ..models import Coupon, Credit, CreditRule, Entry, Goodwill, PassProduct, PassPurchase
from .outputs import CouponGrant, CouponTerms
from .passes import PassBought, PassForSale
from .records import CreditRecord, GoodwillRecord


class LedgerEntry(Shape):
    """A line of the ledger: one change of the balance of a credit or a pass."""

    id = own_id(Entry, noun="ledger entry")
    kind = OneOf(
        choices=[kind for kind, _ in Entry.KINDS],
        help_text="Why the balance changed. `issue`: it was issued or sold. `redeem`: it was "
        "used. `revoke`: it was taken back. `expire`: it ended. `reverse`: a use was given back.",
    )
    credit_id = Id(
        Credit.id_prefix,
        "credit_id",
        allow_null=True,
        help_text="The credit whose balance changed; null for a pass.",
    )
    pass_id = Id(
        PassPurchase.id_prefix,
        "purchase_id",
        allow_null=True,
        help_text="The customer's pass whose balance changed; null for a credit.",
    )
    amount = Number(
        help_text="What was added to the balance, negative if it was taken: money in the smallest "
        "unit of `currency`, or uses, or visits. 0 for a use of a multi-use credit."
    )
    currency = Currency(
        "credit__currency",
        allow_null=True,
        help_text="The currency of the credit, an ISO 4217 code in capitals; null for a pass.",
    )
    reference = TextOrNull(
        help_text="The client's reference of the use, such as an order number, or the id of what "
        "was paid for; null if it is not a use."
    )
    reason = TextOrNull(
        help_text="Why the balance changed, as it was given; null if no reason was given."
    )
    reverses_id = Id(
        Entry.id_prefix,
        "reverses_id",
        allow_null=True,
        help_text="The ledger entry of the use that this one gives back; null if it gives back "
        "none.",
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
