"""The credit of v1."""

from typing import Any

from django.db.models import BigIntegerField, Case, CharField, Q, Value, When

from billing.models import Subscription
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

    id = Id(Credit.id_prefix)
    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer who has it.")
    coupon_id = Id(Coupon.id_prefix, "coupon_id", help_text="The coupon it was issued from.")
    coupon_name = Text("coupon__name", help_text="The coupon's name, as it is now.")
    kind = OneOf(
        _kind,
        choices=Credit.KINDS,
        help_text="`single`: good for one use; `multi_use`: for any number of uses until it ends; "
        "`amount`: a balance of money, used in parts.",
    )
    status = OneOf(
        _status,
        choices=Credit.STATUSES,
        help_text="`live`: can be used; `redeemed`: nothing is left; `revoked`: taken back; "
        "`expired`: its end has passed.",
    )
    amount = Number(
        allow_null=True,
        help_text="The money that it was issued with, in the currency's smallest unit; null unless "
        "it is an `amount`.",
    )
    balance = Number(
        _money_left,
        allow_null=True,
        help_text="The money that is left, in the currency's smallest unit; null unless it is an "
        "`amount`.",
    )
    currency = Text(help_text="The currency of its amounts, ISO 4217.")
    percentage = Number(
        allow_null=True, help_text="How much it takes off a price, in percent; else null."
    )
    offering = TextOrNull(help_text="The service that it is good for; else null.")
    times_redeemed = Number(help_text="How often it was used; uses given back do not count.")
    expires_at = Instant(
        allow_null=True, help_text="It pays for what begins before this; null: it has no end."
    )
    redeemed_at = Instant(allow_null=True, help_text="When nothing was left of it; else null.")
    revoked_at = Instant(allow_null=True, help_text="When it was taken back; else null.")
    subscription_id = Id(
        Subscription.id_prefix,
        "subscription_id",
        allow_null=True,
        help_text="The subscription that it was issued for; else null.",
    )
    revenue = Number(
        allow_null=True,
        help_text="What the company was paid for it, in the currency's smallest unit; null where "
        "nothing was recorded.",
    )
    created_at = Instant(help_text="When it was issued.")
    updated_at = UpdatedAt(help_text="When it was last used, given back to, revoked or expired.")


def _goodwill_status(at: At) -> Any:
    waiting = When(Q(**{at("decision").name: ""}), then=Value(Goodwill.WAITING))
    return Case(waiting, default=at("decision"), output_field=CharField())


class GoodwillRecord(Shape):
    """An amount that the company gives a customer as a credit, or is asked to give."""

    schema_name = "Goodwill"

    id = Id(Goodwill.id_prefix, help_text="The id of the goodwill.")
    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer who gets it.")
    status = OneOf(
        _goodwill_status,
        choices=Goodwill.STATUSES,
        help_text="`given`: at once, within the limit of who gave it; `waiting`: above it, for a "
        "second person to decide; `approved`: given after that; `refused`: not given.",
    )
    amount = Number(help_text="How much, in the smallest unit of `currency`.")
    currency = Currency()
    reason = Text(help_text="Why it is given; the ledger of the credit says so as well.")
    credit_id = Id(
        Credit.id_prefix,
        "credit_id",
        allow_null=True,
        help_text="The credit that was issued; null while it waits, and where it was refused.",
    )
    asked_by = Text(help_text="The name of the person or API client who gave it or asked for it.")
    decided_by = TextOrNull(help_text="Who gave, approved or refused it; null while it waits.")
    decided_at = Instant(
        allow_null=True, help_text="When it was given, approved or refused; null while it waits."
    )
    decision_reason = TextOrNull(help_text="Why it was refused; else null.")
    created_at = Instant(help_text="When it was given or asked for.")
    updated_at = UpdatedAt(help_text="When it was last decided on.")
