"""Shapes of coupons, credits and passes (contract, sections 1 and 4, and what v1 has beyond)."""

from typing import Any

from django.db.models import Case, CharField, OuterRef, Q, Subquery, Value, When
from rest_framework import serializers

from config.access.ids import show_id
from config.api.shapes import (
    At,
    Day,
    Fixed,
    Flag,
    Id,
    Instant,
    ListOf,
    Number,
    One,
    OneOf,
    Shape,
    Text,
    TextOrNull,
    Uuid,
    is_set,
)

from ..eligibility import Forecast
from ..models import Credit, CreditRule, Entry
from ..models.today import TodayOnce

COUPON, CREDIT, REDEMPTION, RULE = "cpn_", "crd_", "red_", "rule_"
PASS, PURCHASE = "pass_", "pkg_"


# --- The credits surface ---


class CouponOfCredit(Shape):
    """The coupon that a credit was issued from."""

    id = Uuid()
    name = Text()
    description = TextOrNull()


class CustomerCredit(Shape):
    """A credit of a customer. `expiry_date` is the last day on which it can be used."""

    id = Uuid()
    coupon_id = Uuid("coupon_id")
    coupon = One(CouponOfCredit, via="coupon")
    customer_id = Uuid("customer_id")
    membership_id = Uuid("subscription_id", allow_null=True)
    multi_use = Flag()
    times_redeemed = Number()
    expiry_date = Day(allow_null=True)
    redeemed_at = Instant(allow_null=True)
    revoked_at = Instant(allow_null=True)
    revenue = Number(allow_null=True)
    currency = Text()
    created_at = Instant()
    updated_at = Instant()


# --- M2M ---


class PassName(Shape):
    """A pass as it is sold."""

    id = Id(PASS)
    type = Fixed("pass")
    name = Text()


def _pass_status(at: At) -> Any:
    return Case(
        When(Q(**{at("redeemed_at").name + "__isnull": False}), then=Value("USED_UP")),
        When(
            Q(**{at("expired_at").name + "__isnull": False})
            | Q(**{at("revoked_at").name + "__isnull": False})
            | Q(**{at("expiry_date").name + "__lt": TodayOnce(at("company_id"))}),
            then=Value("EXPIRED"),
        ),
        default=Value("ACTIVE"),
        output_field=CharField(),
    )


class CustomerPass(Shape):
    """A pass that a customer bought, and what is left of it."""

    id = Id(PURCHASE)
    type = Fixed("pass_purchase")
    # The contract calls a member as Python calls a statement.
    locals()["pass"] = One(PassName, via="product")
    credits_total = Number("visits")
    credits_remaining = Number("balance")
    status = OneOf(_pass_status, choices=["ACTIVE", "USED_UP", "EXPIRED"])
    purchased_at = Instant()
    expires_on = Day("expiry_date", allow_null=True)


# --- v1 ---


class CouponTerms(Shape):
    """A coupon: what the credits that are issued from it entitle to."""

    id = Id(COUPON)
    name = Text()
    description = TextOrNull()
    code = TextOrNull()
    amount = Number(allow_null=True)
    percentage = Number(allow_null=True)
    offering = TextOrNull()
    multi_use = Flag()
    valid_for = TextOrNull()
    currency = Text()
    archived = Flag(lambda at: is_set(at("archived_at")))
    created_at = Instant()
    updated_at = Instant()


def _reversal(at: At) -> Any:
    reversals = Entry.objects.filter(reverses_id=OuterRef(at("pk").name)).order_by()
    return Subquery(reversals.values("created_at"))


class Redemption(Shape):
    """One use of a credit: `amount` is the money that it took, 0 of what is used as a whole."""

    id = Id(REDEMPTION)
    credit_id = Id(CREDIT, "credit_id")
    amount = Number(lambda at: _money_taken(at))
    reference = Text()
    reason = TextOrNull()
    reversed_at = Instant(_reversal, allow_null=True)
    created_at = Instant()


def _money_taken(at: At) -> Any:
    return Case(
        When(Q(**{at("credit__entitlement").name: "amount"}), then=-at("amount")),
        default=Value(0),
    )


class PassUse(Shape):
    """One use of a pass."""

    id = Id(REDEMPTION)
    pass_id = Id(PURCHASE, "purchase_id")
    visits = Number(lambda at: -at("amount"))
    reference = Text()
    reason = TextOrNull()
    reversed_at = Instant(_reversal, allow_null=True)
    created_at = Instant()


class PassForSale(Shape):
    """A pass as it is sold: so many visits at a price in the smallest unit."""

    id = Id(PASS)
    name = Text()
    visits = Number()
    price = Number()
    currency = Text()
    valid_for = TextOrNull()
    offerings = ListOf(Text())
    archived = Flag(lambda at: is_set(at("archived_at")))
    created_at = Instant()
    updated_at = Instant()


class PassBought(Shape):
    """A pass that a customer bought, with what it was good for then."""

    id = Id(PURCHASE)
    pass_id = Id(PASS, "product_id")
    name = Text("product__name")
    visits = Number()
    visits_left = Number("balance")
    status = OneOf(_pass_status, choices=["ACTIVE", "USED_UP", "EXPIRED"])
    offerings = ListOf(Text())
    price = Number()
    currency = Text()
    expiry_date = Day(allow_null=True)
    purchased_at = Instant()


class PlanGrant(Shape):
    """What a plan grants every so often."""

    id = Id(RULE)
    plan_id = Id("plan_", "plan_id")
    coupon_id = Id(COUPON, "coupon_id")
    every = OneOf(choices=[word for word, _ in CreditRule.EVERY])
    on_sign_up = Flag()
    rolls_over = Flag()
    created_at = Instant()


class Balance(serializers.Serializer):
    """What a customer holds at a moment, summed up from the ledger."""

    as_of = serializers.DateTimeField()
    currency = serializers.CharField()
    amount = serializers.IntegerField()
    single_use = serializers.IntegerField()
    multi_use = serializers.IntegerField()
    visits = serializers.IntegerField()


class Contribution(serializers.Serializer):
    """What one credit or pass would pay: `amount` of money, `uses` of what is used as a whole."""

    type = serializers.ChoiceField(["credit", "pass"])
    id = serializers.CharField()
    name = serializers.CharField()
    expiry_date = serializers.DateField(allow_null=True)
    amount = serializers.IntegerField(allow_null=True)
    uses = serializers.IntegerField(allow_null=True)


class Obstacle(serializers.Serializer):
    """Why one credit or pass would pay nothing."""

    type = serializers.ChoiceField(["credit", "pass"])
    id = serializers.CharField()
    name = serializers.CharField()
    expiry_date = serializers.DateField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()


class Eligibility(serializers.Serializer):
    """What would pay, in the order of use, what is left to pay, and why the rest would not."""

    covered = serializers.BooleanField()
    remaining = serializers.IntegerField(allow_null=True)
    parts = Contribution(many=True)
    others = Obstacle(many=True)


def described(forecast: Forecast) -> dict[str, Any]:
    """Return a forecast as `Eligibility` shows it."""
    return {
        "covered": forecast.is_covered,
        "remaining": forecast.remaining,
        "parts": [
            {**_named(part.holding), "amount": part.amount, "uses": part.uses}
            for part in forecast.parts
        ],
        "others": [
            {**_named(holding), "code": refusal.code, "message": str(refusal.message)}
            for holding, refusal in forecast.others
        ],
    }


def _named(holding: Any) -> dict[str, Any]:
    is_credit = isinstance(holding, Credit)
    return {
        "type": "credit" if is_credit else "pass",
        "id": show_id(CREDIT if is_credit else PURCHASE, holding.pk),
        "name": (holding.coupon if is_credit else holding.product).name,
        "expiry_date": holding.expiry_date and holding.expiry_date.isoformat(),
    }
