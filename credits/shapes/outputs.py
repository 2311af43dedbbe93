"""Shapes of coupons, credits and passes (contract, sections 1 and 4, and what v1 has beyond)."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    F,
    OuterRef,
    Q,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from billing.shapes.prices import behavior_shown, gross_shown, rate_shown
from config.api.shapes import (
    At,
    Currency,
    Day,
    Fixed,
    Flag,
    Id,
    Instant,
    IsSet,
    ListOf,
    LowerCase,
    Number,
    One,
    OneOf,
    Shape,
    Text,
    TextOrNull,
    UpdatedAt,
    Uuid,
)
from config.tenancy.days import LocalDay
from config.tenancy.tax_fields import TaxBehavior
from config.times import ClockOnce

from ..models import Coupon, Credit, CreditRule, Entry, PassProduct, PassPurchase

# --- The credits surface ---


class CouponOfCredit(Shape):
    """The coupon that a credit was issued from."""

    id = Uuid()
    name = Text()
    description = TextOrNull()


class CustomerCredit(Shape):
    """A credit of a customer: it pays for what begins before `expiry_date`, which is a moment.

    `expires_at` is the same moment, and `issued_at` is `created_at`.
    """

    id = Uuid()
    coupon_id = Uuid("coupon_id")
    coupon = One(CouponOfCredit, via="coupon")
    coupon_name = Text("coupon__name")
    coupon_description = TextOrNull("coupon__description")
    coupon_code = TextOrNull("coupon__code")
    customer_id = Uuid("customer_id")
    membership_id = Uuid("subscription_id", allow_null=True)
    multi_use = Flag()
    times_redeemed = Number()
    expiry_date = Instant("expires_at", allow_null=True)
    expires_at = Instant(allow_null=True)
    issued_at = Instant("created_at")
    redeemed_at = Instant(allow_null=True)
    revoked_at = Instant(allow_null=True)
    revenue = Number(allow_null=True)
    currency = Text()
    created_at = Instant()
    updated_at = UpdatedAt()


# --- M2M ---


class PassName(Shape):
    """A pass as it is sold."""

    id = Id(PassProduct.id_prefix)
    type = Fixed("pass")
    name = Text()


def _pass_status(at: At, revoked: str = "EXPIRED") -> Any:
    """Return the status of a pass; `revoked` is the surface's word for one that was taken back."""
    return Case(
        When(Q(**{at("redeemed_at").name + "__isnull": False}), then=Value("USED_UP")),
        When(Q(**{at("revoked_at").name + "__isnull": False}), then=Value(revoked)),
        When(
            Q(**{at("expired_at").name + "__isnull": False})
            | Q(**{at("expires_at").name + "__lte": ClockOnce()}),
            then=Value("EXPIRED"),
        ),
        default=Value("ACTIVE"),
        output_field=CharField(),
    )


def _last_day(at: At) -> Any:
    return LocalDay(at("expires_at"), at("company__timezone"))


class CustomerPass(Shape):
    """A pass that a customer bought, and what is left of it."""

    id = Id(PassPurchase.id_prefix)
    type = Fixed("pass_purchase")
    # The contract calls a member as Python calls a statement.
    locals()["pass"] = One(PassName, via="product")
    credits_total = Number("visits")
    credits_remaining = Number("balance")
    status = OneOf(_pass_status, choices=["ACTIVE", "USED_UP", "EXPIRED"])
    purchased_at = Instant()
    expires_on = Day(_last_day, allow_null=True)


# --- v1 ---


class CouponTerms(Shape):
    """A coupon: what the credits that are issued from it entitle to."""

    schema_name = "Coupon"

    id = Id(Coupon.id_prefix)
    name = Text()
    description = TextOrNull()
    code = TextOrNull()
    amount = Number(allow_null=True)
    percentage = Number(allow_null=True)
    offering = TextOrNull(
        help_text="The name of what it entitles to; null of an amount and of a percentage."
    )
    offering_id = TextOrNull(
        help_text="The service, event or medium that it entitles to; null if only the name is "
        "known."
    )
    multi_use = Flag()
    valid_for = TextOrNull()
    currency = Text()
    archived = IsSet("archived_at")
    created_at = Instant()
    updated_at = UpdatedAt()


def _reversal(at: At) -> Any:
    reversals = Entry.objects.filter(reverses_id=OuterRef(at("pk").name)).order_by()
    return Subquery(reversals.values("created_at"))


class Redemption(Shape):
    """One use of a credit: `amount` is the money that it took, 0 of what is used as a whole."""

    id = Id(Entry.id_prefix)
    credit_id = Id(Credit.id_prefix, "credit_id")
    amount = Number(lambda at: _money_taken(at))
    currency = Currency("credit__currency")
    reference = Text()
    reason = TextOrNull()
    reversed_at = Instant(_reversal, allow_null=True)
    created_at = Instant()


def _money_taken(at: At) -> Any:
    return Case(
        When(Q(**{at("credit__entitlement").name: "amount"}), then=-at("amount")), default=Value(0)
    )


class PassUse(Shape):
    """One use of a pass."""

    id = Id(Entry.id_prefix)
    pass_id = Id(PassPurchase.id_prefix, "purchase_id")
    visits = Number(lambda at: -at("amount"))
    reference = Text()
    reason = TextOrNull()
    reversed_at = Instant(_reversal, allow_null=True)
    created_at = Instant()


def _offering_ids(at: At) -> Any:
    of_none = Value([], output_field=ArrayField(TextField()))
    return Coalesce(Cast(at("offering_ids"), of_none.output_field), of_none)


class PassForSale(Shape):
    """A pass as it is sold: so many visits at a price."""

    schema_name = "PassProduct"

    id = Id(PassProduct.id_prefix)
    name = Text()
    visits = Number()
    price = Number(
        help_text="The price as it was given, with tax or without, in the smallest unit of "
        "`currency`."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    gross_price = gross_shown()
    currency = Currency()
    valid_for = TextOrNull()
    offerings = ListOf(Text(), help_text="The names of what it pays for; none for anything.")
    offering_ids = ListOf(
        Text(),
        _offering_ids,
        help_text="The services, events and media that `offerings` name, of those that are known.",
    )
    archived = IsSet("archived_at")
    created_at = Instant()
    updated_at = UpdatedAt()


def _total(at: At) -> Any:
    """The price of a pass with the tax that it does not include."""
    on_top = Q(**{at("tax_behavior").name: TaxBehavior.EXCLUSIVE})
    whole = F(at("price").name) + F(at("tax").name)
    return Case(When(on_top, then=whole), default=at("price"), output_field=BigIntegerField())


class PassBought(Shape):
    """A pass that a customer bought, with what it was good for then."""

    schema_name = "Pass"

    id = Id(PassPurchase.id_prefix)
    pass_product_id = Id(
        PassProduct.id_prefix, "product_id", help_text="The pass for sale that it was bought as."
    )
    name = Text("product__name")
    visits = Number()
    visits_left = Number("balance")
    status = LowerCase(
        lambda at: _pass_status(at, revoked="REVOKED"),
        choices=["ACTIVE", "USED_UP", "REVOKED", "EXPIRED"],
        help_text="`active`: can be used; `used_up`: nothing is left; `revoked`: taken back; "
        "`expired`: its end has passed.",
    )
    offerings = ListOf(Text())
    price = Number(
        _total,
        help_text="What the customer paid, tax included, in the smallest unit of `currency`.",
    )
    tax_rate = rate_shown()
    tax_behavior = OneOf(
        choices=TaxBehavior.values,
        help_text="Whether the price for sale included the tax; `price` does in either case.",
    )
    tax = Number(help_text="The tax in `price`.")
    currency = Currency()
    expires_on = Day(
        _last_day,
        allow_null=True,
        help_text="The last day on which it can be used, by the company's calendar; null for no "
        "end.",
    )
    expires_at = Instant(allow_null=True, help_text="The moment at which it ends; null for no end.")
    revoked_at = Instant(allow_null=True, help_text="When it was taken back; else null.")
    invoice_id = Id(
        "inv_",
        "invoice_id",
        allow_null=True,
        help_text="The invoice that asks for its price; null of a pass that is free or was sold "
        "elsewhere.",
    )
    purchased_at = Instant()


class CouponGrant(Shape):
    """A credit rule: the coupon that a plan grants, and how often."""

    schema_name = "CreditRule"

    id = Id(CreditRule.id_prefix)
    plan_id = Id("plan_", "plan_id")
    coupon_id = Id(Coupon.id_prefix, "coupon_id")
    every = OneOf(choices=[word for word, _ in CreditRule.EVERY])
    on_sign_up = Flag()
    rolls_over = Flag()
    archived = IsSet("archived_at", help_text="Whether the rule grants nothing any more.")
    created_at = Instant()
