"""The v1 shapes of balances and of forecasts of payments."""

from typing import Any

from rest_framework import serializers

from config.api.shapes import CURRENCY
from config.tenancy.ids import show_id
from config.times import show_instant

from ..eligibility import Forecast
from ..models import Credit, PassPurchase
from .descriptions import EXPIRES_AT, HOLDING_ID, HOLDING_NAME, HOLDING_TYPE


class Balance(serializers.Serializer):
    """The balance of a customer at a moment, summed up from the ledger."""

    as_of = serializers.DateTimeField(
        help_text="The moment of the balance: the one that was asked for, or now."
    )
    currency = serializers.CharField(help_text=CURRENCY)
    amount = serializers.IntegerField(
        help_text="The money on credits, in the smallest unit of `currency`."
    )
    single_use = serializers.IntegerField(
        help_text="How many credits are good for one use: percentages and offerings."
    )
    multi_use = serializers.IntegerField(
        help_text="How many credits are good for any number of uses."
    )
    visits = serializers.IntegerField(help_text="How many visits are left on passes.")


class Contribution(serializers.Serializer):
    """The share that one credit or pass would pay: `amount` of money, or `uses`."""

    type = serializers.ChoiceField(["credit", "pass"], help_text=HOLDING_TYPE)
    id = serializers.CharField(help_text=HOLDING_ID)
    name = serializers.CharField(help_text=HOLDING_NAME)
    expires_at = serializers.DateTimeField(allow_null=True, help_text=f"When it ends. {EXPIRES_AT}")
    amount = serializers.IntegerField(
        allow_null=True,
        help_text="The money that it would pay, in the smallest unit of `currency`; null if no "
        "amount was asked about.",
    )
    currency = serializers.CharField(help_text=CURRENCY)
    uses = serializers.IntegerField(
        allow_null=True,
        help_text="How many uses or visits it would take; null for a credit of the kind `amount`.",
    )


class Obstacle(serializers.Serializer):
    """Why one credit or pass would pay nothing."""

    type = serializers.ChoiceField(["credit", "pass"], help_text=HOLDING_TYPE)
    id = serializers.CharField(help_text=HOLDING_ID)
    name = serializers.CharField(help_text=HOLDING_NAME)
    expires_at = serializers.DateTimeField(allow_null=True, help_text=f"When it ends. {EXPIRES_AT}")
    code = serializers.CharField(
        help_text="Why it would pay nothing, as a code such as `expired`, `used_up` or "
        "`other_offering`."
    )
    message = serializers.CharField(help_text="Why it would pay nothing, as a sentence for people.")


class Eligibility(serializers.Serializer):
    """The credits and passes that would pay, in order of use, the rest to pay, and refusals."""

    covered = serializers.BooleanField(help_text="Whether nothing would be left to pay with money.")
    remaining = serializers.IntegerField(
        allow_null=True,
        help_text="What would be left to pay, in the smallest unit of `currency`; null if no "
        "amount was asked about.",
    )
    currency = serializers.CharField(help_text=CURRENCY)
    parts = Contribution(
        many=True,
        help_text="The credits and passes that would pay, in the order in which they would be "
        "used.",
    )
    others = Obstacle(
        many=True,
        help_text="The customer's other credits and passes, and why each would pay nothing.",
    )


def described(forecast: Forecast, *, currency: str) -> dict[str, Any]:
    """Return a forecast in the shape of `Eligibility`."""
    return {
        "covered": forecast.is_covered,
        "remaining": forecast.remaining,
        "currency": currency,
        "parts": [
            {**_named(part.holding), "amount": part.amount, "currency": currency, "uses": part.uses}
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
        "id": show_id(Credit.id_prefix if is_credit else PassPurchase.id_prefix, holding.pk),
        "name": (holding.coupon if is_credit else holding.product).name,
        "expires_at": holding.expires_at and show_instant(holding.expires_at),
    }
