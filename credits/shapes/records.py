"""The shapes of credits and goodwill on v1."""

from typing import Any

from django.db.models import BigIntegerField, Case, CharField, Q, Value, When

from billing.models import Subscription
from billing.shapes.descriptions import own_id
from config.api.shapes import (
    At,
    Currency,
    Id,
    Instant,
    Number,
    OneOf,
    Shape,
    Text,
    TextOrNull,
    UpdatedAt,
)
from config.times import ClockOnce
from customers.models import Customer

from ..models import Coupon, Credit, Goodwill
from .descriptions import EXPIRES_AT, REVENUE, TIMES_REDEEMED


def _kind(at: At) -> Any:
    return Case(
        When(Q(**{at("entitlement").name: "amount"}), then=Value("amount")),
        When(Q(**{at("multi_use").name: True}), then=Value("multi_use")),
        default=Value("single"),
        output_field=CharField(),
    )


def _status(at: At) -> Any:
    return Case(
        When(Q(**{at("redeemed_at").name + "__isnull": False}), then=Value("redeemed")),
        When(Q(**{at("revoked_at").name + "__isnull": False}), then=Value("revoked")),
        When(
            Q(**{at("expired_at").name + "__isnull": False})
            | Q(**{at("expires_at").name + "__lte": ClockOnce()}),
            then=Value("expired"),
        ),
        default=Value("live"),
        output_field=CharField(),
    )


def _money_left(at: At) -> Any:
    return Case(
        When(Q(**{at("entitlement").name: "amount"}), then=at("balance")),
        output_field=BigIntegerField(),
    )


class CreditRecord(Shape):
    """A credit of a customer, with the terms that its coupon had when it was issued."""

    schema_name = "Credit"

    id = own_id(Credit)
    customer_id = Id(
        Customer.id_prefix, "customer_id", help_text="The customer who has the credit."
    )
    coupon_id = Id(
        Coupon.id_prefix, "coupon_id", help_text="The coupon that the credit was issued from."
    )
    coupon_name = Text("coupon__name", help_text="The name of the coupon as it is now.")
    kind = OneOf(
        _kind,
        choices=Credit.KINDS,
        help_text="`single`: good for one use. `multi_use`: good for any number of uses until it "
        "ends. `amount`: a balance of money, used in parts.",
    )
    status = OneOf(
        _status,
        choices=Credit.STATUSES,
        help_text="`live`: it can be used. `redeemed`: nothing is left. `revoked`: it was taken "
        "back. `expired`: it has ended.",
    )
    amount = Number(
        allow_null=True,
        help_text="The money that the credit was issued with, in the smallest unit of `currency`; "
        "null unless its kind is `amount`.",
    )
    balance = Number(
        _money_left,
        allow_null=True,
        help_text="The money that is left, in the smallest unit of `currency`; null unless its "
        "kind is `amount`.",
    )
    currency = Currency()
    percentage = Number(
        allow_null=True,
        help_text="What the credit takes off a price, in percent; null if it gives no percentage.",
    )
    offering = TextOrNull(
        help_text="The name of the service, event or medium that the credit pays for; null if it "
        "names none."
    )
    times_redeemed = Number(help_text=TIMES_REDEEMED)
    expires_at = Instant(allow_null=True, help_text=f"When the credit ends. {EXPIRES_AT}")
    redeemed_at = Instant(
        allow_null=True,
        help_text="When nothing was left of the credit; null while something is left.",
    )
    revoked_at = Instant(
        allow_null=True, help_text="When the credit was taken back; null if it was not."
    )
    subscription_id = Id(
        Subscription.id_prefix,
        "subscription_id",
        allow_null=True,
        help_text="The subscription that the credit was issued for; null if there is none.",
    )
    revenue = Number(allow_null=True, help_text=REVENUE)
    created_at = Instant(help_text="When it was issued.")
    updated_at = UpdatedAt(
        help_text="When the credit was last used, given back, revoked or expired."
    )


def _goodwill_status(at: At) -> Any:
    waiting = When(Q(**{at("decision").name: ""}), then=Value(Goodwill.WAITING))
    return Case(waiting, default=at("decision"), output_field=CharField())


class GoodwillRecord(Shape):
    """An amount that the company gives a customer as a credit, or is asked to give."""

    schema_name = "Goodwill"

    id = own_id(Goodwill)
    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer who gets it.")
    status = OneOf(
        _goodwill_status,
        choices=Goodwill.STATUSES,
        help_text="`given`: given at once, within the limit of the person. `waiting`: above that "
        "limit, so a second person decides. `approved`: given after that decision. `refused`: not "
        "given.",
    )
    amount = Number(help_text="How much money, in the smallest unit of `currency`.")
    currency = Currency()
    reason = Text(help_text="Why the money is given; the ledger of the credit has it too.")
    credit_id = Id(
        Credit.id_prefix,
        "credit_id",
        allow_null=True,
        help_text="The credit that was issued; null while the goodwill waits, or if it was "
        "refused.",
    )
    asked_by = Text(help_text="The name of the person or API client who gave it or asked for it.")
    decided_by = TextOrNull(
        help_text="The name of the person or API client who gave, approved or refused it; null "
        "while it waits."
    )
    decided_at = Instant(
        allow_null=True, help_text="When it was given, approved or refused; null while it waits."
    )
    decision_reason = TextOrNull(help_text="Why the goodwill was refused; null if it was not.")
    created_at = Instant(help_text="When it was given or asked for.")
    updated_at = UpdatedAt(help_text="When it was last decided on.")
