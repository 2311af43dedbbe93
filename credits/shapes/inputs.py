"""The inputs for coupons and credits."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from billing.models import Subscription
from billing.shapes.descriptions import DURATION
from billing.shapes.money_inputs import MoneyIn
from config.api.input_fields import (
    AboveIn,
    Accepted,
    ChoiceIn,
    FlagIn,
    MomentIn,
    RelatedField,
    TextField,
    WholeIn,
)
from customers.models import Customer

from ..models import Coupon, CreditRule, Entry, Goodwill
from .descriptions import (
    COUPON_AMOUNT,
    COUPON_CODE,
    COUPON_NAME,
    COUPON_PERCENTAGE,
    EVERY,
    LEDGER_REASON,
    MULTI_USE,
    NEW_REFERENCE,
    ON_SIGN_UP,
    REVENUE,
    ROLLS_OVER,
)
from .ends import EndIn
from .offerings import OfferingIn, name_offering

# --- The credits surface ---


class NewCustomerCredit(Accepted):
    """A coupon to issue to the customer in the path, who is named in the body as well.

    `expiry_date` is when the credit ends: a moment, by the company's clock where it has no offset,
    or a day, which means 23:59:59 on it. `expires_at` is another name for it.
    """

    coupon_id = RelatedField(
        Coupon.objects,
        source="coupon",
        help_text="The coupon to issue, which must not be archived.",
    )
    customer_id = AboveIn(
        Customer.objects, help_text="The customer of the path; another customer is refused."
    )
    membership_id = RelatedField(
        Subscription.objects,
        source="subscription",
        required=False,
        allow_null=True,
        help_text="A membership (subscription) of the customer that the credit belongs to; null "
        "or absent for none.",
    )
    expiry_date = EndIn(
        source="expires_at",
        required=False,
        allow_null=True,
        help_text="When the credit ends: a date-time in the future, or a day, which means "
        "23:59:59 on it. Without an offset it is in the company's time zone. Absent or null: the "
        "coupon's `valid_for` decides.",
    )
    expires_at = EndIn(
        source="expires_at_too",
        required=False,
        allow_null=True,
        help_text="Another name of `expiry_date`. If both are sent, they must be equal.",
    )
    revenue = MoneyIn(required=False, allow_null=True, help_text=REVENUE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check that the membership is the customer's, and that both names of the end agree."""
        too = attrs.pop("expires_at_too", None)
        if too is not None and attrs.setdefault("expires_at", too) not in (None, too):
            raise serializers.ValidationError(
                {"expires_at": "Must be the same moment as expiry_date: send one of the two."}
            )
        attrs["expires_at"] = attrs.get("expires_at") or too
        _check_theirs("membership_id", attrs.get("subscription"), attrs["customer_id"])
        return attrs

    def domain_names(self) -> dict[str, str]:
        """Report an invalid end under the field name that the caller used."""
        sent = "expires_at" if self.initial_data.get("expiry_date") is None else "expiry_date"
        return super().domain_names() | {"expires_at": sent}


def _check_theirs(name: str, subscription: Subscription | None, customer_id: UUID) -> None:
    """Raise ValidationError if the subscription belongs to another customer."""
    if subscription is not None and subscription.customer_id != customer_id:
        raise serializers.ValidationError(
            {name: f"Must be a {name.removesuffix('_id')} of the same customer."}
        )


# --- v1 ---


class NewCredit(Accepted):
    """A coupon to issue to the customer in the path, with the terms that it has now."""

    coupon_id = RelatedField(
        Coupon.objects,
        source="coupon",
        help_text="The coupon to issue, which must not be archived.",
    )
    subscription_id = RelatedField(
        Subscription.objects,
        source="subscription",
        required=False,
        allow_null=True,
        help_text="A subscription of the customer that the credit belongs to; null or absent for "
        "none.",
    )
    expires_at = EndIn(
        required=False,
        allow_null=True,
        help_text="When the credit ends: a date-time in the future, or a day, which means "
        "23:59:59 on it. Without an offset it is in the company's time zone. Absent or null: the "
        "coupon's `valid_for` decides.",
    )
    revenue = MoneyIn(required=False, allow_null=True, help_text=REVENUE)
    reason = TextField(
        Entry.reason.field, help_text="Why the credit is issued; the ledger keeps it."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Check that the subscription belongs to the customer of the path."""
        customer_id = self.context["path"]["customer_id"]
        _check_theirs("subscription_id", attrs.get("subscription"), customer_id)
        return attrs


class NewGoodwill(Accepted):
    """An amount to give to the customer in the path, as a credit without an end."""

    amount = MoneyIn(
        min_value=1,
        help_text="How much money is given, in the smallest unit of the company's currency.",
    )
    reason = TextField(
        Goodwill.reason.field,
        required=True,
        help_text="Why the money is given; the ledger keeps it.",
    )


class GoodwillRefusal(Accepted):
    """Why goodwill is refused."""

    reason = TextField(
        Goodwill.decision_reason.field,
        help_text="Why the goodwill is refused; the person who asked for it can read it.",
    )


class Revocation(Accepted):
    """Why a credit or a pass is taken back."""

    reason = TextField(
        Entry.reason.field,
        help_text="Why the credit or the pass is taken back; the ledger keeps it.",
    )


class ChangedCoupon(Accepted):
    """Fields of a coupon; credits that were issued keep their terms."""

    name = TextField(Coupon.name.field, allow_blank=False, allow_null=False, help_text=COUPON_NAME)
    description = TextField(
        Coupon.description.field,
        help_text="A longer text about the coupon; null or empty for none.",
    )
    code = TextField(Coupon.code.field, help_text=f"{COUPON_CODE}; null or empty for none.")
    amount = MoneyIn(
        required=False,
        allow_null=True,
        min_value=1,
        help_text=f"{COUPON_AMOUNT}. A coupon has one of `amount`, `percentage` and `offering`.",
    )
    percentage = WholeIn(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=100,
        help_text=f"{COUPON_PERCENTAGE}. A coupon has one of `amount`, `percentage` and "
        "`offering`.",
    )
    offering = TextField(
        Coupon.offering.field,
        help_text="The name of what each credit pays for, such as `Massage`. A coupon has one of "
        "`amount`, `percentage` and `offering`.",
    )
    offering_id = OfferingIn(
        allow_null=True,
        help_text="The service, event or medium that each credit pays for; its name becomes "
        "`offering`.",
    )
    multi_use = FlagIn(
        required=False,
        help_text=f"{MULTI_USE}; a new coupon has false by default. It cannot be true with "
        "`amount`.",
    )
    valid_for = TextField(
        Coupon.valid_for.field,
        help_text=f"How long a credit can be used after it was issued: {DURATION}; null or empty: "
        "it has no end.",
    )


class NewCoupon(ChangedCoupon):
    """A coupon: exactly one of an amount, a percentage and an offering."""

    needs_one_of = (("amount",), ("percentage",), ("offering",), ("offering_id",))

    name = TextField(Coupon.name.field, required=True, help_text=COUPON_NAME)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Set the name of the offering from its id."""
        return name_offering(attrs, "offering")


class NewRedemption(Accepted):
    """A use of a credit, under a reference of the caller's; a balance of money takes an amount."""

    reference = TextField(Entry.reference.field, required=True, help_text=NEW_REFERENCE)
    amount = MoneyIn(
        required=False,
        min_value=1,
        help_text="How much money is taken, in the smallest unit of the credit's currency. "
        "Required for a credit of the kind `amount`, and refused for others.",
    )
    reason = TextField(Entry.reason.field, help_text=LEDGER_REASON)


class Reversal(Accepted):
    """Why a use is given back."""

    reason = TextField(
        Entry.reason.field, help_text="Why the use is given back; the ledger keeps it."
    )


class EligibilityCheck(Accepted):
    """Something to be paid: a service by its name or its id, an amount, or both.

    `begins_at` is when the service begins, now unless it is given.
    """

    service = TextField(
        Coupon.offering.field,
        help_text="The name of the service, event or medium that is to be paid.",
    )
    offering_id = OfferingIn(
        allow_null=True,
        help_text="The service, event or medium that is to be paid, instead of its name in "
        "`service`.",
    )
    amount = MoneyIn(
        required=False,
        help_text="The price to be paid, in the smallest unit of the company's currency. Required "
        "without a service.",
    )
    begins_at = MomentIn(
        required=False,
        allow_null=True,
        help_text="When the service begins; now by default. Credits and passes that end before it "
        "do not pay.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Set the name of the service from its id."""
        return name_offering(attrs, "service", keeps_id=False)


class NewCreditRule(Accepted):
    """A credit rule: the coupon that a plan grants, and how often."""

    coupon_id = RelatedField(
        Coupon.objects,
        source="coupon",
        help_text="The coupon that credits are issued from, which must not be archived.",
    )
    every = ChoiceIn([word for word, _ in CreditRule.EVERY], help_text=EVERY)
    on_sign_up = FlagIn(required=False, help_text=f"{ON_SIGN_UP} Default: true.")
    rolls_over = FlagIn(required=False, help_text=f"{ROLLS_OVER} Default: false.")
