import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from config.access.actors import Actor
from config.access.constraints import refusing
from config.access.days import local_day
from config.statements.inserting import insert
from customers.actions import lock_customer

from ..errors import (
    AlreadySubscribed,
    PlanArchived,
    StartsInTheFuture,
    SubscriptionCancelled,
    SubscriptionNotActive,
    SubscriptionNotPaused,
    SubscriptionNotSuspended,
    TooEarlyToCancel,
)
from ..models import Plan, Subscription, SubscriptionPause
from ..models.subscriptions import DateAfter, PeriodsBetween


@transaction.atomic
def subscribe(subscription: Subscription, *, actor: Actor) -> Subscription:
    """Sign a customer up for a plan under its present terms, from `anchor_date` or from today on.

    One that has begun before today renews at the next of its dates; what has turned until now has
    turned elsewhere. Raises CustomerArchived, PlanArchived, StartsInTheFuture or AlreadySubscribed.
    """
    customer = lock_customer(subscription.customer, actor=actor)
    plan = _plan_on_offer(subscription.plan, actor)
    today = local_day(customer.company_id)
    anchor = subscription.anchor_date or today
    if anchor > today:
        raise StartsInTheFuture
    subscription.company_id = customer.company_id
    subscription.anchor_date = anchor
    subscription.billing_period, subscription.grace_days = plan.billing_period, plan.grace_days
    turned, earliest = _reckon(plan, anchor, today)
    subscription.periods_turned = turned
    subscription.earliest_cancellation_date = earliest if plan.minimum_periods else None
    with refusing(subscription_once=AlreadySubscribed):
        insert(subscription)
    return subscription


@transaction.atomic
def pause_subscription(subscription: Subscription, *, actor: Actor) -> Subscription:
    """Let a subscription rest; raises CustomerArchived, SubscriptionCancelled or …NotActive."""
    subscription = _locked(subscription, actor)
    if subscription.state != Subscription.State.ACTIVE:
        raise SubscriptionNotActive
    return _mark(subscription, paused_at=Now())


@transaction.atomic
def resume_subscription(subscription: Subscription, *, actor: Actor) -> Subscription:
    """End a pause, which becomes history; raises as `pause_subscription`, or …NotPaused."""
    subscription = _locked(subscription, actor)
    if subscription.paused_at is None:
        raise SubscriptionNotPaused
    SubscriptionPause.objects.create(
        company_id=subscription.company_id,
        subscription=subscription,
        paused_at=subscription.paused_at,
        resumed_at=Now(),
    )
    return _mark(subscription, paused_at=None)


@transaction.atomic
def cancel_subscription(subscription: Subscription, *, actor: Actor) -> Subscription:
    """End a subscription for good.

    Raises CustomerArchived, SubscriptionCancelled, or TooEarlyToCancel with the date from which it
    can be cancelled.
    """
    subscription = _locked(subscription, actor)
    earliest = subscription.earliest_cancellation_date
    if earliest is not None and local_day(subscription.company_id) < earliest:
        with override("en-gb"):
            day = date_format(earliest, "j F Y")
        raise TooEarlyToCancel(
            _("This subscription can be cancelled from %(day)s on.") % {"day": day}
        )
    return _mark(subscription, cancelled_at=Now())


@transaction.atomic
def suspend_subscription(subscription: Subscription, *, actor: Actor) -> Subscription:
    """Stop a subscription from the company's side; raises as `pause_subscription`."""
    subscription = _locked(subscription, actor)
    if subscription.suspended_at is not None:
        raise SubscriptionNotActive
    return _mark(subscription, suspended_at=Now())


@transaction.atomic
def reinstate_subscription(subscription: Subscription, *, actor: Actor) -> Subscription:
    """Take a suspension back; raises CustomerArchived, …Cancelled or …NotSuspended."""
    subscription = _locked(subscription, actor)
    if subscription.suspended_at is None:
        raise SubscriptionNotSuspended
    return _mark(subscription, suspended_at=None)


@transaction.atomic
def turn_periods(*, actor: Actor, today: datetime.date | None = None) -> int:
    """Move active subscriptions whose renewal has come to their next one; return how many.

    `today` is that of the company's calendar. However many periods were missed, and however many
    workers do it at once, each subscription ends at the first renewal after today.
    """
    today = today or local_day(actor.company_id)
    turned = PeriodsBetween(F("anchor_date"), F("billing_period"), Value(today))
    return Subscription.objects.visible_to(actor).due(today).update(periods_turned=turned)


def _plan_on_offer(plan: Plan, actor: Actor) -> Plan:
    """Return the plan as it is now, kept from being archived meanwhile; raises PlanArchived."""
    plan = Plan.objects.visible_to(actor).select_for_update(no_key=True).get(pk=plan.pk)
    if plan.is_archived:
        raise PlanArchived(fields={"plan": PlanArchived.message})
    return plan


def _reckon(plan: Plan, anchor: datetime.date, today: datetime.date) -> tuple[int, datetime.date]:
    """Return how many periods have turned, and the day on which the least number will have."""
    begin, period = Value(anchor), Value(plan.billing_period)
    return (
        Plan.objects.filter(pk=plan.pk)
        .values_list(
            PeriodsBetween(begin, period, Value(today)),
            DateAfter(begin, period, Value(plan.minimum_periods)),
        )
        .get()
    )


def _locked(subscription: Subscription, actor: Actor) -> Subscription:
    """Return the subscription under its customer's lock; raises SubscriptionCancelled."""
    lock_customer(subscription.customer, actor=actor)
    rows = Subscription.objects.visible_to(actor).select_for_update(no_key=True)
    subscription = rows.get(pk=subscription.pk)
    if subscription.cancelled_at is not None:
        raise SubscriptionCancelled
    return subscription


def _mark(subscription: Subscription, **facts: object) -> Subscription:
    Subscription.objects.filter(pk=subscription.pk).update(**facts)
    subscription.refresh_from_db()
    return subscription
