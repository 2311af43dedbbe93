"""What is accepted for coupons, credits and passes."""

from typing import Any

from django.utils.dateparse import parse_datetime
from rest_framework import serializers

from billing.models import Subscription
from billing.models.money import MOST
from config.api.accepting import AboveIn, Accepted, DayIn, FlagIn, RelatedIn, TextIn, WholeIn

from ..models import Coupon, CreditRule, Entry, PassProduct
from ..models.passes import MOST_VISITS
from .shown import COUPON, PASS


def _of(model: Any, name: str) -> Any:
    return model._meta.get_field(name)


def money(**kwargs: Any) -> WholeIn:
    """An amount in the currency's smallest unit."""
    return WholeIn(min_value=kwargs.pop("min_value", 0), max_value=MOST, **kwargs)


class LastDayIn(DayIn):
    """The last day of something: a day, or a moment, of which the day counts as it is written."""

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and "T" in value:
            value = self._day_of(value)
        return super().to_internal_value(value)

    def _day_of(self, moment: str) -> str:
        try:
            return moment.partition("T")[0] if parse_datetime(moment) else ""
        except ValueError:
            return ""


# --- The credits surface ---


class NewCredit(Accepted):
    """A coupon to issue to the customer in the path, who is named in the body as well."""

    coupon_id = RelatedIn(Coupon.objects, COUPON, source="coupon")
    customer_id = AboveIn("cust_")
    membership_id = RelatedIn(
        Subscription.objects, "mandate_", source="subscription", required=False, allow_null=True
    )
    expiry_date = LastDayIn(required=False, allow_null=True)
    revenue = money(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the membership against the customer."""
        subscription = attrs.get("subscription")
        if subscription is not None and subscription.customer_id != attrs["customer_id"]:
            raise serializers.ValidationError({"membership_id": "Must be one of the customer's."})
        return attrs


# --- v1 ---


class ChangedCoupon(Accepted):
    """Fields of a coupon; credits that are out keep their terms."""

    name = TextIn(_of(Coupon, "name"), allow_blank=False, allow_null=False)
    description = TextIn(_of(Coupon, "description"))
    code = TextIn(_of(Coupon, "code"))
    amount = money(required=False, allow_null=True, min_value=1)
    percentage = WholeIn(required=False, allow_null=True, min_value=1, max_value=100)
    offering = TextIn(_of(Coupon, "offering"))
    multi_use = FlagIn(required=False)
    valid_for = TextIn(_of(Coupon, "valid_for"))


class NewCoupon(ChangedCoupon):
    """A coupon: exactly one of an amount, a percentage and an offering."""

    name = TextIn(_of(Coupon, "name"), required=True)


class NewRedemption(Accepted):
    """A use of a credit, under a reference of the caller's; a balance of money takes an amount."""

    reference = TextIn(_of(Entry, "reference"), required=True)
    amount = money(required=False, min_value=1)
    reason = TextIn(_of(Entry, "reason"))


class NewUse(Accepted):
    """A use of a pass, under a reference of the caller's."""

    reference = TextIn(_of(Entry, "reference"), required=True)
    visits = WholeIn(required=False, min_value=1, max_value=MOST_VISITS)
    reason = TextIn(_of(Entry, "reason"))


class Reversal(Accepted):
    """Why a use is given back."""

    reason = TextIn(_of(Entry, "reason"))


class PaymentAsked(Accepted):
    """What is to be paid: a service by its name, an amount, or both."""

    service = TextIn(_of(Coupon, "offering"))
    amount = money(required=False)


class ChangedPass(Accepted):
    """Fields of a pass as it is sold from now on."""

    name = TextIn(_of(PassProduct, "name"), allow_blank=False, allow_null=False)
    visits = WholeIn(required=False, min_value=1, max_value=MOST_VISITS)
    price = money(required=False)
    valid_for = TextIn(_of(PassProduct, "valid_for"))
    offerings = serializers.ListField(
        child=TextIn(_of(Coupon, "offering"), required=True), required=False, max_length=100
    )


class NewPass(ChangedPass):
    """A pass to sell."""

    name = TextIn(_of(PassProduct, "name"), required=True)
    visits = WholeIn(min_value=1, max_value=MOST_VISITS)
    price = money()


class NewPurchase(Accepted):
    """A pass that a customer buys."""

    pass_id = RelatedIn(PassProduct.objects, PASS, source="product")
    expiry_date = LastDayIn(required=False, allow_null=True)


class NewGrant(Accepted):
    """What a plan is to grant, and how often."""

    coupon_id = RelatedIn(Coupon.objects, COUPON, source="coupon")
    every = serializers.ChoiceField([word for word, _ in CreditRule.EVERY])
    on_sign_up = FlagIn(required=False)
    rolls_over = FlagIn(required=False)
