"""Pause subscriptions, until a day or until they are resumed."""

import datetime
from contextlib import suppress

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest, Least, Now
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from config.card_numbers import refuse_card_numbers
from config.jobs.sweeps import for_each_row
from config.tenancy.actors import Actor
from config.tenancy.authors import because
from config.tenancy.days import DayBegins, local_day, zone_of
from config.tenancy.scoping import acting_for
from customers.errors import CustomerArchived

from .. import errors
from ..models import Subscription, SubscriptionPause
from .subscriptions import lock_subscription, mark_subscription

# The sweep skips a subscription with these refusals: it or its customer changed meanwhile.
_PASSED_OVER = (CustomerArchived, errors.SubscriptionCancelled, errors.SubscriptionNotPaused)


@transaction.atomic
def pause_subscription(
    subscription: Subscription,
    *,
    until: datetime.date | None = None,
    reason: str = "",
    actor: Actor,
) -> Subscription:
    """Pause a subscription until a day, or until it is resumed.

    `until` is the day on which the subscription continues. Raises CustomerArchived,
    SubscriptionCancelled, SubscriptionNotActive, PauseEndsTooSoon, PauseUnexplained without a
    reason, or CardNumber.
    """
    subscription = lock_subscription(subscription, actor=actor)
    if subscription.state != Subscription.State.ACTIVE:
        raise _not_active(subscription)
    today = local_day(subscription.company_id)
    if until is not None and until <= today:
        raise _too_soon(until, today)
    if not reason.strip():
        raise errors.PauseUnexplained
    subscription.pause_reason = reason
    refuse_card_numbers(subscription)
    return mark_subscription(subscription, paused_at=Now(), paused_until=until, pause_reason=reason)


@transaction.atomic
def resume_subscription(subscription: Subscription, *, actor: Actor) -> Subscription:
    """Resume a paused subscription, and keep a record of the pause.

    Raises CustomerArchived, SubscriptionCancelled or SubscriptionNotPaused.
    """
    subscription = lock_subscription(subscription, actor=actor)
    if subscription.paused_at is None:
        text = _("This subscription is %(status)s. Only a paused one can be resumed: leave it so.")
        raise errors.SubscriptionNotPaused(text % {"status": subscription.state.lower()})
    return _end_pause(subscription)


def resume_due(*, today: datetime.date | None = None, actor: Actor) -> int:
    """Resume the subscriptions whose pause is over, and return how many.

    `today` is a day in the company's time zone. Each is resumed in its own transaction; raises
    RowsFailed after all of them if any failed.
    """
    with acting_for(actor.company_id):
        today = today or local_day(actor.company_id)
        over = list(Subscription.objects.visible_to(actor).pause_over(today))

    def resume(subscription: Subscription) -> int:
        with acting_for(actor.company_id), suppress(*_PASSED_OVER), transaction.atomic():
            locked = lock_subscription(subscription, actor=actor)
            if locked.paused_until is None or locked.paused_until > today:
                return 0
            because(_("The pause was until this day."))
            _end_pause(locked)
            return 1
        return 0

    return for_each_row(over, resume)


def _end_pause(subscription: Subscription) -> Subscription:
    """Record the pause and end it: now, or at its planned end if that has passed."""
    assert subscription.paused_at is not None
    ends_at: Least | Now = Now()
    if subscription.paused_until is not None:
        zone = Value(zone_of(subscription.company_id))
        ends_at = Least(Now(), DayBegins(Value(subscription.paused_until), zone))
    SubscriptionPause.objects.create(
        company_id=subscription.company_id,
        subscription=subscription,
        paused_at=subscription.paused_at,
        resumed_at=Greatest(ends_at, Value(subscription.paused_at)),
        reason=subscription.pause_reason,
    )
    return mark_subscription(subscription, paused_at=None, paused_until=None, pause_reason="")


def _not_active(subscription: Subscription) -> errors.SubscriptionNotActive:
    text = _(
        "This subscription is %(status)s. Only an active one can be paused: resume or reinstate it "
        "first, or leave it so."
    )
    return errors.SubscriptionNotActive(text % {"status": subscription.state.lower()})


def _too_soon(until: datetime.date, today: datetime.date) -> errors.PauseEndsTooSoon:
    text = _(
        "The subscription would go on from %(until)s, which is not after today. Send a day from "
        "%(tomorrow)s on, or none for a pause without an end."
    )
    with override("en-gb"):
        days = {
            "until": date_format(until, "j F Y"),
            "tomorrow": date_format(today + datetime.timedelta(days=1), "j F Y"),
        }
    return errors.PauseEndsTooSoon(text % days)
