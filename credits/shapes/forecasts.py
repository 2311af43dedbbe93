"""What v1 works out of credits and passes: balances, and what would pay."""

from typing import Any

from rest_framework import serializers

from config.api.shapes import CURRENCY
from config.tenancy.ids import show_id
from config.times import show_instant

from ..eligibility import Forecast
from ..models import Credit, PassPurchase


class Balance(serializers.Serializer):
    """The balance of a customer at a moment, summed up from the ledger."""

    as_of = serializers.DateTimeField()
    currency = serializers.CharField()
    amount = serializers.IntegerField()
    single_use = serializers.IntegerField()
    multi_use = serializers.IntegerField()
    visits = serializers.IntegerField()


class Contribution(serializers.Serializer):
    """The share that one credit or pass would pay: `amount` of money, or `uses`."""

    type = serializers.ChoiceField(["credit", "pass"])
    id = serializers.CharField()
    name = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    amount = serializers.IntegerField(allow_null=True)
    currency = serializers.CharField(help_text=CURRENCY)
    uses = serializers.IntegerField(allow_null=True)


class Obstacle(serializers.Serializer):
    """Why one credit or pass would pay nothing."""

    type = serializers.ChoiceField(["credit", "pass"])
    id = serializers.CharField()
    name = serializers.CharField()
    expires_at = serializers.DateTimeField(allow_null=True)
    code = serializers.CharField()
    message = serializers.CharField()


class Eligibility(serializers.Serializer):
    """The credits and passes that would pay, in order of use, the rest to pay, and refusals."""

    covered = serializers.BooleanField()
    remaining = serializers.IntegerField(
        allow_null=True,
        help_text="What is left to pay, in the smallest unit of `currency`; null if no amount was "
        "asked about.",
    )
    currency = serializers.CharField(help_text=CURRENCY)
    parts = Contribution(many=True)
    others = Obstacle(many=True)


def described(forecast: Forecast, *, currency: str) -> dict[str, Any]:
    """Return a forecast as `Eligibility` shows it."""
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
