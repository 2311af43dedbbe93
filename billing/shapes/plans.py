"""Shapes of plans, of subscriptions on v1, and of mandates on M2M (contract, section 1)."""

from config.api.shapes import (
    CreatedAt,
    Currency,
    Day,
    Id,
    Instant,
    IsSet,
    Number,
    One,
    OneOf,
    Shape,
    Text,
    TextOrNull,
)
from customers.models import Customer
from customers.shapes.outputs import (
    subscription_paused_at,
    subscription_renewal,
    subscription_state,
    subscription_status,
)

from ..models import Plan, Subscription
from ..models.taxes import gross_price
from .descriptions import (
    BILLING_PERIOD,
    EARLIEST_CANCELLATION,
    GRACE_DAYS,
    MINIMUM_PERIODS,
    NAME,
    own_id,
    own_type,
)
from .prices import behavior_shown, gross_shown, rate_shown

# --- v1 ---


class SubscriptionPlan(Shape):
    """The plan of a subscription."""

    id = own_id(Plan)
    name = Text(help_text=NAME)
    price = Number(
        help_text="The price of each period as it was given, with tax or without, in the smallest "
        "unit of `currency`."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    gross_price = gross_shown()
    currency = Currency()


class PlanOnOffer(SubscriptionPlan):
    """A plan that customers can be subscribed to."""

    schema_name = "Plan"

    billing_period = OneOf(choices=Plan.Period.values, help_text=BILLING_PERIOD)
    grace_days = Number(help_text=GRACE_DAYS)
    minimum_periods = Number(help_text=MINIMUM_PERIODS)
    archived = IsSet(
        "archived_at",
        help_text="Whether the plan is archived: no customer can be subscribed to an archived "
        "plan.",
    )
    created_at = CreatedAt()


class CustomerPlan(Shape):
    """A subscription, under the terms that it was made with."""

    schema_name = "Subscription"

    id = own_id(Subscription)
    customer_id = Id(
        Customer.id_prefix, "customer_id", help_text="The customer who has the subscription."
    )
    plan = One(SubscriptionPlan, via="plan", help_text="The plan that the customer subscribes to.")
    status = subscription_status()
    billing_period = OneOf(choices=Plan.Period.values, help_text=BILLING_PERIOD)
    starts_on = Day("anchor_date", help_text="The day on which the first period began.")
    renews_on = subscription_renewal()
    grace_days = Number(help_text=GRACE_DAYS)
    earliest_cancellation_on = Day(
        "earliest_cancellation_date", allow_null=True, help_text=EARLIEST_CANCELLATION
    )
    paused_at = Instant(
        subscription_paused_at,
        allow_null=True,
        help_text="When the subscription was paused, by itself or because its customer was "
        "archived; null while it is not paused.",
    )
    resumes_on = Day(
        "paused_until",
        allow_null=True,
        help_text="The day on which a paused subscription resumes; null if no day was given, or "
        "if it is not paused.",
    )
    pause_reason = TextOrNull(
        help_text="Why the subscription is paused; null if no reason was given."
    )
    suspended_at = Instant(
        allow_null=True,
        help_text="When the subscription was suspended; null while it is not suspended.",
    )
    cancelled_at = Instant(
        allow_null=True,
        help_text="When the subscription was cancelled; null while it is not cancelled.",
    )
    created_at = CreatedAt()


# --- M2M ---


class MandatePlan(Shape):
    """The plan of a mandate."""

    id = own_id(Plan)
    type = own_type("subscription_plan")
    name = Text(help_text=NAME)
    base100_price = Number(
        gross_price,
        help_text="What the customer pays for each period, tax included, in the smallest unit of "
        "`currency`.",
    )
    currency = Currency()


class Mandate(Shape):
    """A customer's mandate on a plan."""

    id = own_id(Subscription, noun="mandate")
    type = own_type("subscription_mandate")
    plan = One(MandatePlan, via="plan", help_text="The plan that the customer subscribes to.")
    state = subscription_state()
    created = Instant("created_at", help_text="When the mandate was created.")
    grace = Number("grace_days", help_text=GRACE_DAYS)
    earliest_cancellation_date = Day(
        allow_null=True,
        help_text="The first day on which the mandate can be cancelled; null: on any day.",
    )
    renewal_date = subscription_renewal()
