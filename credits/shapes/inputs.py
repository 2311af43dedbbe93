"""The inputs for coupons, credits and passes."""

import datetime
import re
from typing import Any
from uuid import UUID

from rest_framework import serializers

from billing.models import Subscription
from billing.shapes.money_inputs import MoneyIn
from billing.shapes.prices import BehaviorIn, TaxRateIn
from config.api.input_fields import (
    AboveIn,
    Accepted,
    ChoiceIn,
    FlagIn,
    ListIn,
    MomentIn,
    RelatedField,
    TextField,
    WholeIn,
)
from config.api.problems import quoted
from config.durations import end_of_day
from config.times import check_day
from customers.models import Customer

from ..models import Coupon, CreditRule, Entry, Goodwill, PassProduct
from ..models.passes import MOST_VISITS
from .offerings import OfferingIn, name_offering, name_offerings


class LastDayIn(MomentIn):
    """A day, which means the moment at which it ends where the company is."""

    default_error_messages = {"moment": "Must be a date such as 2026-01-31; got {given}."}
    written = re.compile(MomentIn.day)
    example = "2026-01-31"

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str) or not LastDayIn.written.fullmatch(data):
            return super().to_internal_value(data)
        try:
            day = datetime.date.fromisoformat(data)
        except ValueError:
            self.fail("moment", given=quoted(data))
        check_day(day)
        return end_of_day(day, self.zone)


class EndIn(LastDayIn):
    """A moment at which something ends, or a day, which means the end of it."""

    default_error_messages = {
        "moment": "Must be a date-time such as 2026-01-31T09:30:00Z or 2026-01-31T09:30, or a date "
        "such as 2026-01-31; got {given}."
    }
    written = re.compile(f"{MomentIn.day}({MomentIn.time})?")
    example = MomentIn.example


# --- The credits surface ---


class NewCustomerCredit(Accepted):
    """A coupon to issue to the customer in the path, who is named in the body as well.

    `expiry_date` is when the credit ends: a moment, by the company's clock where it has no offset,
    or a day, which means 23:59:59 on it. `expires_at` is another name for it.
    """

    coupon_id = RelatedField(Coupon.objects, source="coupon")
    customer_id = AboveIn(Customer.objects)
    membership_id = RelatedField(
        Subscription.objects, source="subscription", required=False, allow_null=True
    )
    expiry_date = EndIn(source="expires_at", required=False, allow_null=True)
    expires_at = EndIn(source="expires_at_too", required=False, allow_null=True)
    revenue = MoneyIn(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the membership against the customer, and the two names of the end together."""
        too = attrs.pop("expires_at_too", None)
        if too is not None and attrs.setdefault("expires_at", too) not in (None, too):
            raise serializers.ValidationError(
                {"expires_at": "Must be the same moment as expiry_date: send one of the two."}
            )
        attrs["expires_at"] = attrs.get("expires_at") or too
        _check_theirs("membership_id", attrs.get("subscription"), attrs["customer_id"])
        return attrs

    def domain_names(self) -> dict[str, str]:
        """Name a refused end as the caller did."""
        sent = "expires_at" if self.initial_data.get("expiry_date") is None else "expiry_date"
        return super().domain_names() | {"expires_at": sent}


def _check_theirs(name: str, subscription: Subscription | None, customer_id: UUID) -> None:
    """Raise ValidationError for the subscription of another customer."""
    if subscription is not None and subscription.customer_id != customer_id:
        raise serializers.ValidationError(
            {name: f"Must be a {name.removesuffix('_id')} of the same customer."}
        )


# --- v1 ---


class NewCredit(Accepted):
    """A coupon to issue to the customer in the path, with the terms that it has now."""

    coupon_id = RelatedField(
        Coupon.objects, source="coupon", help_text="The coupon, which must not be archived."
    )
    subscription_id = RelatedField(
        Subscription.objects,
        source="subscription",
        required=False,
        allow_null=True,
        help_text="A subscription of the customer that the credit belongs to.",
    )
    expires_at = EndIn(
        required=False,
        allow_null=True,
        help_text="When the credit ends: an instant, a time of the company's clock, or a day, "
        "which means 23:59:59 on it. If it is left out, the coupon's `valid_for` decides.",
    )
    revenue = MoneyIn(
        required=False,
        allow_null=True,
        help_text="What the company was paid for it, in the currency's smallest unit.",
    )
    reason = TextField(Entry.reason.field, help_text="Why it is issued; the ledger keeps it.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Hold the subscription against the customer of the path."""
        customer_id = self.context["path"]["customer_id"]
        _check_theirs("subscription_id", attrs.get("subscription"), customer_id)
        return attrs


class NewGoodwill(Accepted):
    """An amount to give to the customer in the path, as a credit without an end."""

    amount = MoneyIn(
        min_value=1, help_text="How much, in the smallest unit of the company's currency."
    )
    reason = TextField(
        Goodwill.reason.field,
        required=True,
        help_text="Why it is given; the ledger of the credit keeps it.",
    )


class GoodwillRefusal(Accepted):
    """Why goodwill is refused."""

    reason = TextField(
        Goodwill.decision_reason.field, help_text="Why it is refused; shown to who asked."
    )


class Revocation(Accepted):
    """Why a credit or a pass is taken back."""

    reason = TextField(Entry.reason.field, help_text="The ledger keeps it.")


class ChangedCoupon(Accepted):
    """Fields of a coupon; credits that are out keep their terms."""

    name = TextField(Coupon.name.field, allow_blank=False, allow_null=False)
    description = TextField(Coupon.description.field)
    code = TextField(Coupon.code.field)
    amount = MoneyIn(required=False, allow_null=True, min_value=1)
    percentage = WholeIn(required=False, allow_null=True, min_value=1, max_value=100)
    offering = TextField(
        Coupon.offering.field, help_text="The name of what it entitles to, such as Massage."
    )
    offering_id = OfferingIn(
        allow_null=True,
        help_text="The service, event or medium that it entitles to, in place of its name.",
    )
    multi_use = FlagIn(required=False)
    valid_for = TextField(Coupon.valid_for.field)


class NewCoupon(ChangedCoupon):
    """A coupon: exactly one of an amount, a percentage and an offering."""

    needs_one_of = (("amount",), ("percentage",), ("offering",), ("offering_id",))

    name = TextField(Coupon.name.field, required=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Name the offering that an id means."""
        return name_offering(attrs, "offering")


class NewRedemption(Accepted):
    """A use of a credit, under a reference of the caller's; a balance of money takes an amount."""

    reference = TextField(Entry.reference.field, required=True)
    amount = MoneyIn(required=False, min_value=1)
    reason = TextField(Entry.reason.field)


class NewPassUse(Accepted):
    """A use of a pass, under a reference of the caller's."""

    reference = TextField(Entry.reference.field, required=True)
    visits = WholeIn(required=False, min_value=1, max_value=MOST_VISITS)
    reason = TextField(Entry.reason.field)


class Reversal(Accepted):
    """Why a use is given back."""

    reason = TextField(Entry.reason.field)


class EligibilityCheck(Accepted):
    """Something to be paid: a service by its name or its id, an amount, or both.

    `begins_at` is when the service begins, now unless it is given.
    """

    service = TextField(
        Coupon.offering.field, help_text="The name of a service, an event or a medium."
    )
    offering_id = OfferingIn(
        allow_null=True, help_text="The service, event or medium, in place of its name."
    )
    amount = MoneyIn(required=False)
    begins_at = MomentIn(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Name the service that an id means."""
        return name_offering(attrs, "service", keeps_id=False)


class ChangedPassProduct(Accepted):
    """Fields of a pass as it is sold from now on."""

    name = TextField(PassProduct.name.field, allow_blank=False, allow_null=False)
    visits = WholeIn(required=False, min_value=1, max_value=MOST_VISITS)
    price = MoneyIn(required=False, help_text="With tax or without: see `tax_behavior`.")
    tax_rate = TaxRateIn()
    tax_behavior = BehaviorIn()
    valid_for = TextField(PassProduct.valid_for.field)
    offerings = ListIn(
        child=TextField(Coupon.offering.field, required=True),
        required=False,
        max_length=100,
        help_text="The names of what it pays for; none for anything.",
    )
    offering_ids = ListIn(
        child=OfferingIn(),
        required=False,
        max_length=100,
        help_text="The services, events and media that it pays for. They bring their names; with "
        "`offerings` besides, each of their names has to be among these.",
    )


class NewPassProduct(ChangedPassProduct):
    """A pass to sell."""

    name = TextField(PassProduct.name.field, required=True)
    visits = WholeIn(min_value=1, max_value=MOST_VISITS)
    price = MoneyIn(help_text="With tax or without: see `tax_behavior`.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Name the offerings that ids mean."""
        return name_offerings(attrs)


class PassWanted(Accepted):
    """A pass that a customer buys."""

    pass_product_id = RelatedField(
        PassProduct.objects, source="product", help_text="The pass for sale that is bought."
    )
    expires_on = LastDayIn(
        source="expires_at",
        required=False,
        allow_null=True,
        help_text="The last day on which the pass can be used. Absent or null: as the "
        "product says.",
    )


class NewCreditRule(Accepted):
    """A credit rule: the coupon that a plan grants, and how often."""

    coupon_id = RelatedField(Coupon.objects, source="coupon")
    every = ChoiceIn([word for word, _ in CreditRule.EVERY])
    on_sign_up = FlagIn(required=False)
    rolls_over = FlagIn(required=False)
