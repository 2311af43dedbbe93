"""Shapes of credits (contract, section 4), and of coupons and their uses on v1."""

from typing import Any

from django.db.models import Case, OuterRef, Q, Subquery, Value, When

from billing.shapes.descriptions import DURATION, own_id
from config.api.shapes import (
    At,
    CreatedAt,
    Currency,
    Flag,
    Id,
    Instant,
    IsSet,
    Number,
    One,
    OneOf,
    Shape,
    Text,
    TextOrNull,
    UpdatedAt,
    Uuid,
)

from ..models import Coupon, Credit, CreditRule, Entry
from .descriptions import (
    COUPON_AMOUNT,
    COUPON_CODE,
    COUPON_NAME,
    COUPON_PERCENTAGE,
    EVERY,
    MULTI_USE,
    ON_SIGN_UP,
    REFERENCE,
    REVENUE,
    REVERSED_AT,
    ROLLS_OVER,
    TIMES_REDEEMED,
    USE_REASON,
)

# --- The credits surface ---


class CouponOfCredit(Shape):
    """The coupon that a credit was issued from."""

    id = Uuid(help_text="The id of the coupon, a UUID without a prefix.")
    name = Text(help_text=COUPON_NAME)
    description = TextOrNull(help_text="A longer text about the coupon; null if there is none.")


class CustomerCredit(Shape):
    """A credit of a customer. It pays for what begins before the moment `expiry_date`.

    `expires_at` is the same moment, and `issued_at` is `created_at`.
    """

    id = Uuid(help_text="The id of the credit, a UUID without a prefix.")
    coupon_id = Uuid("coupon_id", help_text="The coupon that the credit was issued from.")
    coupon = One(
        CouponOfCredit,
        via="coupon",
        help_text="The coupon that the credit was issued from, as it is now.",
    )
    coupon_name = Text(
        "coupon__name", help_text="The name of the coupon as it is now, the same as `coupon.name`."
    )
    coupon_description = TextOrNull(
        "coupon__description",
        help_text="The description of the coupon, the same as `coupon.description`; null if there "
        "is none.",
    )
    coupon_code = TextOrNull(
        "coupon__code", help_text="The company's own code of the coupon; null if it has none."
    )
    customer_id = Uuid("customer_id", help_text="The customer who has the credit.")
    membership_id = Uuid(
        "subscription_id",
        allow_null=True,
        help_text="The membership (subscription) that the credit belongs to; null if there is "
        "none.",
    )
    multi_use = Flag(help_text=f"{MULTI_USE}; false: until nothing is left of it.")
    times_redeemed = Number(help_text=TIMES_REDEEMED)
    expiry_date = Instant(
        "expires_at",
        allow_null=True,
        help_text="When the credit ends. It pays for what begins before this time; null: it has "
        "no end.",
    )
    expires_at = Instant(allow_null=True, help_text="The same as `expiry_date`.")
    issued_at = Instant(
        "created_at", help_text="When the credit was issued, the same as `created_at`."
    )
    redeemed_at = Instant(
        allow_null=True,
        help_text="When nothing was left of the credit; null while something is left.",
    )
    revoked_at = Instant(
        allow_null=True, help_text="When the credit was revoked; null if it was not."
    )
    revenue = Number(allow_null=True, help_text=REVENUE)
    currency = Currency()
    created_at = CreatedAt()
    updated_at = UpdatedAt()


# --- v1 ---


class CouponTerms(Shape):
    """A coupon: what the credits that are issued from it entitle to."""

    schema_name = "Coupon"

    id = own_id(Coupon)
    name = Text(help_text=COUPON_NAME)
    description = TextOrNull(help_text="A longer text about the coupon; null if there is none.")
    code = TextOrNull(help_text=f"{COUPON_CODE}; null if it has none.")
    amount = Number(
        allow_null=True, help_text=f"{COUPON_AMOUNT}; null unless the coupon gives an amount."
    )
    percentage = Number(
        allow_null=True,
        help_text=f"{COUPON_PERCENTAGE}; null unless the coupon gives a percentage.",
    )
    offering = TextOrNull(
        help_text="The name of the service, event or medium that each credit pays for; null if "
        "the coupon gives an amount or a percentage."
    )
    offering_id = TextOrNull(
        help_text="The service, event or medium that `offering` names; null if only the name is "
        "known."
    )
    multi_use = Flag(
        help_text=f"{MULTI_USE}; false: once, or an amount in parts until nothing is left."
    )
    valid_for = TextOrNull(
        help_text=f"How long a credit can be used after it was issued: {DURATION}; null: it has "
        "no end."
    )
    currency = Currency()
    archived = IsSet(
        "archived_at",
        help_text="Whether the coupon is archived: no credit is issued from an archived coupon.",
    )
    created_at = CreatedAt()
    updated_at = UpdatedAt()


def reversal_of(at: At) -> Any:
    """Return the time at which a use was reversed."""
    reversals = Entry.objects.filter(reverses_id=OuterRef(at("pk").name)).order_by()
    return Subquery(reversals.values("created_at"))


class Redemption(Shape):
    """One use of a credit: `amount` is the money that it took, 0 of what is used as a whole."""

    id = own_id(Entry, noun="redemption")
    credit_id = Id(Credit.id_prefix, "credit_id", help_text="The credit that was used.")
    amount = Number(
        lambda at: _money_taken(at),
        help_text="The money that was taken, in the smallest unit of `currency`; 0 for a credit "
        "that is used as a whole.",
    )
    currency = Currency("credit__currency")
    reference = Text(help_text=REFERENCE)
    reason = TextOrNull(help_text=USE_REASON)
    reversed_at = Instant(reversal_of, allow_null=True, help_text=REVERSED_AT)
    created_at = CreatedAt()


def _money_taken(at: At) -> Any:
    return Case(
        When(Q(**{at("credit__entitlement").name: "amount"}), then=-at("amount")), default=Value(0)
    )


class CouponGrant(Shape):
    """A credit rule: the coupon that a plan grants, and how often."""

    schema_name = "CreditRule"

    id = own_id(CreditRule)
    plan_id = Id("plan_", "plan_id", help_text="The plan whose subscriptions get the credits.")
    coupon_id = Id(
        Coupon.id_prefix, "coupon_id", help_text="The coupon that the credits are issued from."
    )
    every = OneOf(choices=[word for word, _ in CreditRule.EVERY], help_text=EVERY)
    on_sign_up = Flag(help_text=ON_SIGN_UP)
    rolls_over = Flag(help_text=ROLLS_OVER)
    archived = IsSet(
        "archived_at", help_text="Whether the rule is archived: an archived rule grants nothing."
    )
    created_at = CreatedAt()
