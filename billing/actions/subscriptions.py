import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest, Now
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.archiving import lock_live
from config.tenancy.constraints import refusing
from config.tenancy.days import local_day
from customers.actions.locks import check_owner, lock_customer
from customers.models import Customer

from .. import errors
from ..models import InvoiceLine, Plan, Subscription, SubscriptionPause
from ..models.subscriptions import DateAfter, PeriodsBetween
from .invoices import line_of


@transaction.atomic
def subscribe(subscription: Subscription, *, actor: Actor) -> Subscription:
    """Sign a customer up for a plan under its present terms, from `anchor_date` or today.

    A subscription that began before today renews at its next date; another system has billed the
    periods before. Raises CustomerArchived, PlanArchived, StartsInTheFuture or AlreadySubscribed.
    """
    customer = lock_customer(subscription.customer, actor=actor)
    plan = lock_live(subscription.plan, refusal=errors.PlanArchived(field="plan"), actor=actor)
    today = local_day(customer.company_id)
    anchor = subscription.anchor_date or today
    if anchor > today:
        raise errors.StartsInTheFuture
    subscription.company_id = customer.company_id
    subscription.anchor_date = anchor
    subscription.billing_period, subscription.grace_days = plan.billing_period, plan.grace_days
    turned, earliest = _reckon(plan, anchor, today)
    subscription.periods_turned = turned
    subscription.earliest_cancellation_date = earliest if plan.minimum_periods else None
    with refusing(subscription_once=lambda: _subscribed(plan)):
        insert(subscription)
    return subscription


def line_of_period(subscription: Subscription) -> InvoiceLine:
    """Return an unsaved invoice line for the present period of a subscription."""
    begins = DateAfter(F("anchor_date"), F("billing_period"), F("periods_turned"))
    rows = Subscription.objects.filter(pk=subscription.pk)
    period_from, period_to = rows.values_list(begins, "renewal_date").get()
    line = line_of(subscription.plan)
    line.subscription, line.period_from, line.period_to = subscription, period_from, period_to
    return line


@transaction.atomic
def cancel_subscription(
    subscription: Subscription, *, at: datetime.datetime | None = None, actor: Actor
) -> Subscription:
    """Cancel a subscription for good.

    `at` is the time of the change, now by default. Raises SubscriptionCancelled, or
    TooEarlyToCancel with the first date on which it can be cancelled.
    """
    subscription = lock_subscription(subscription, to_end=True, actor=actor)
    earliest = subscription.earliest_cancellation_date
    if earliest is not None and local_day(subscription.company_id) < earliest:
        with override("en-gb"):
            day = date_format(earliest)
        raise errors.TooEarlyToCancel(
            _("This subscription can be cancelled from %(day)s on. Cancel it then.") % {"day": day}
        )
    return mark_subscription(subscription, cancelled_at=at or Now())


@transaction.atomic
def end_subscription(subscription: Subscription, *, actor: Actor) -> Subscription:
    """Cancel a subscription whose sale is taken back, even before its minimum periods are over.

    Raises SubscriptionCancelled.
    """
    subscription = lock_subscription(subscription, to_end=True, actor=actor)
    return mark_subscription(subscription, cancelled_at=Now())


@transaction.atomic
def bring_back_subscription(subscription: Subscription, *, actor: Actor) -> Subscription:
    """Reactivate a subscription that was cancelled because its customer was archived.

    Raises CustomerArchived or AlreadySubscribed.
    """
    lock_customer(subscription.customer, actor=actor)
    with refusing(subscription_once=lambda: _subscribed(subscription.plan)):
        return mark_subscription(subscription, cancelled_at=None)


@transaction.atomic
def suspend_subscription(subscription: Subscription, *, actor: Actor) -> Subscription:
    """Suspend a subscription on behalf of the company; raises as `pause_subscription`."""
    subscription = lock_subscription(subscription, actor=actor)
    if subscription.suspended_at is not None:
        raise errors.SubscriptionNotActive(
            _("This subscription is suspended already. Leave it so, or reinstate it.")
        )
    return mark_subscription(subscription, suspended_at=Now())


@transaction.atomic
def reinstate_subscription(subscription: Subscription, *, actor: Actor) -> Subscription:
    """Reinstate a suspended subscription.

    Raises CustomerArchived, SubscriptionCancelled or SubscriptionNotSuspended.
    """
    subscription = lock_subscription(subscription, actor=actor)
    if subscription.suspended_at is None:
        raise errors.SubscriptionNotSuspended
    return mark_subscription(subscription, suspended_at=None)


def record_rest(customer: Customer, *, since: datetime.datetime, actor: Actor) -> None:
    """Record a pause of a customer's subscriptions until now; its periods grant nothing."""
    rested = Subscription.objects.visible_to(actor).filter(customer=customer).live()
    SubscriptionPause.objects.bulk_create(
        SubscriptionPause(
            company_id=one.company_id,
            subscription=one,
            paused_at=since,
            resumed_at=Greatest(Now(), Value(since)),
        )
        for one in rested
    )


@transaction.atomic
def turn_periods(*, today: datetime.date | None = None, actor: Actor) -> int:
    """Renew active subscriptions that are due, and return how many.

    `today` is a day in the company's time zone. Each subscription moves to its first renewal after
    today, however many periods were missed and however many workers run at once.
    """
    today = today or local_day(actor.company_id)
    turned = PeriodsBetween(F("anchor_date"), F("billing_period"), Value(today))
    return Subscription.objects.visible_to(actor).due(today).update(periods_turned=turned)


def _reckon(plan: Plan, anchor: datetime.date, today: datetime.date) -> tuple[int, datetime.date]:
    """Return the number of periods passed, and the first day on which cancelling is allowed."""
    begin, period = Value(anchor), Value(plan.billing_period)
    return (
        Plan.objects.filter(pk=plan.pk)
        .values_list(
            PeriodsBetween(begin, period, Value(today)),
            DateAfter(begin, period, Value(plan.minimum_periods)),
        )
        .get()
    )


def _subscribed(plan: Plan) -> errors.AlreadySubscribed:
    text = _(
        "This customer already has a subscription to the plan “%(plan)s”. Use that one, or cancel "
        "it first."
    )
    return errors.AlreadySubscribed(text % {"plan": plan.name})


def lock_subscription(
    subscription: Subscription, *, to_end: bool = False, actor: Actor
) -> Subscription:
    """Return the subscription, its customer locked; raises SubscriptionCancelled."""
    customer = lock_customer(subscription.customer, to_end=to_end, actor=actor)
    rows = Subscription.objects.visible_to(actor).select_for_update(no_key=True)
    subscription = rows.get(pk=subscription.pk)
    check_owner(subscription, customer)
    if subscription.cancelled_at is not None:
        raise errors.SubscriptionCancelled
    return subscription


def mark_subscription(subscription: Subscription, **facts: object) -> Subscription:
    """Update columns of a locked subscription, and read the row again."""
    Subscription.objects.filter(pk=subscription.pk).update(**facts)
    subscription.refresh_from_db()
    return subscription
