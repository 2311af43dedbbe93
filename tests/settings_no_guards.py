"""Settings of a server whose ledger and bookings have no guards: the negative control.

Without its conditional update, the ledger would read a balance, check it and write it back. Without
locks, bookings would check that there is time or space, and then book. A race that cannot break
this server proves nothing.

The database's own constraints on bookings stay; a race that needs them off disables them itself.
"""

import datetime
import time
from types import ModuleType

from django.apps import AppConfig

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as APPS

INSTALLED_APPS = [*APPS, "tests.settings_no_guards.Unguarded"]


class Unguarded(AppConfig):
    """Removes the guards once all apps are loaded."""

    name = "tests"
    label = "unguarded"

    def ready(self) -> None:
        from billing.actions import invoices, locks, payments
        from config.admin import site
        from config.api import preconditions
        from config.api.endpoint import Endpoint
        from config.api.idempotency import IdempotentRequest
        from credits.actions import credits, goodwill, ledger, passes, refunding
        from customers.models import Customer

        for module in (credits, passes, refunding):
            module.take = _take
        for module in (credits, goodwill, passes):
            module.share_customer = lambda *args, **kwargs: None
        goodwill.lock_owner = lambda *args, **kwargs: None
        goodwill.lock_goodwill = _read_goodwill
        ledger.take = _take
        look = payments._given_back
        payments._given_back = lambda *args: (look(*args), time.sleep(0.05))[0]
        owed = locks.taken_for
        locks.taken_for = lambda *args, **how: (owed(*args, **how), time.sleep(0.05))[0]
        for module in (payments, invoices, locks, refunding, goodwill):
            module.lock_customer = lambda customer, **how: Customer.objects.get(pk=customer.pk)
        IdempotentRequest.take = lambda once: _mark()
        # The invoice was read before this delay, and is read again after it.
        read = locks.lock_customer
        locks.lock_customer = lambda *args, **how: (time.sleep(0.2), read(*args, **how))[1]
        locks.check_owner = lambda row, customer: None
        site.take_effect_once = lambda request, answer: answer()
        Endpoint._hold = lambda endpoint: None
        check = preconditions.check
        preconditions.check = lambda *args: (check(*args), time.sleep(0.05))[0]
        _upsert_once()
        _compare_at_once()
        _merge_unlocked()
        _unlock_bookings()


def _read_goodwill(goodwill, *, actor):  # type: ignore[no-untyped-def]
    fresh = type(goodwill).objects.get(pk=goodwill.pk)
    time.sleep(0.05)
    return fresh


def _mark() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SAVEPOINT once")


def _take(holding, cost, *, begins_at, uses_up, reference, reason, actor, covered=None):  # type: ignore[no-untyped-def]
    from django.utils import timezone

    from credits.actions.ledger import _append
    from credits.errors import NotEnough, UsedUp
    from credits.models import Entry

    fresh = type(holding).objects.get(pk=holding.pk)
    if fresh.redeemed_at:
        raise UsedUp
    if fresh.balance < cost:
        raise NotEnough
    time.sleep(0.02)
    fresh.balance -= cost
    fresh.times_redeemed += 1
    fresh.redeemed_at = timezone.now() if uses_up and not fresh.balance else None
    fresh.save(update_fields=["balance", "times_redeemed", "redeemed_at"])
    told = {"covered": covered, "reference": reference, "reason": reason, "actor": actor}
    return _append(holding, Entry.REDEEM, -cost, **told)


def _upsert_once() -> None:
    """Upsert without a lock, so that another request can take the external id first."""
    from customers import actions
    from customers.actions import upserting

    actions.upsert_customer = upserting._change_or_create


def _compare_at_once() -> None:
    """Search for likely duplicates without a lock, so that others create customers meanwhile."""
    from customers.actions import duplicates

    look = duplicates.likely_same
    duplicates.wait_for_others = lambda actor: None
    duplicates.likely_same = lambda *given: (look(*given), time.sleep(0.05))[0]


def _merge_unlocked() -> None:
    """Plan a merge without a lock, and wait, so that others add rows before it is applied."""
    from customers.actions import merging

    plan = merging.plan_merge
    merging.lock_both = lambda kept, merged, *, actor: (kept, merged)
    apply = merging.apply_journal
    merging.apply_journal = lambda *args: (time.sleep(0.2), apply(*args))[1]
    merging.plan_merge = lambda *args, **how: (plan(*args, **how), time.sleep(0.05))[0]


def _unlock_bookings() -> None:
    """Replace each lock with a read that locks nothing."""
    from bookings.actions import booking, events, lifecycle, paying
    from bookings.models import EventDate
    from bookings.models.bookings import BookingQuerySet

    def read_customers(people, **how):  # type: ignore[no-untyped-def]
        return {one.pk: one for one in people}

    def read_dates(dates, **how):  # type: ignore[no-untyped-def]
        return EventDate.objects.select_related("event").in_bulk(set(dates))

    def look_for_space(place, purchase, date, *more, book=booking._book_place):  # type: ignore[no-untyped-def]
        from bookings.errors import EventFull

        taken = sum(one.spaces for one in date.bookings.counted())
        if taken + place.spaces > date.capacity:
            raise EventFull
        time.sleep(0.05)
        return book(place, purchase, date, *more)

    def look_for_time(one, actor, check=booking._check_appointment):  # type: ignore[no-untyped-def]
        from bookings.errors import FacilitatorBusy

        check(one, actor)
        others = type(one).objects.counted().filter(facilitator=one.facilitator_id)
        others = others.exclude(pk=one.pk) if one.facilitator_id else []
        if any(_overlap(one, other) for other in others):
            raise FacilitatorBusy
        time.sleep(0.05)

    locked: list[ModuleType] = [booking, events, lifecycle, paying]
    for module in locked:
        for name, instead in (
            ("hold_facilitators", lambda *facilitators: None),
            ("lock_customers", read_customers),
            ("lock_customer", lambda customer, **how: customer),
            ("lock_dates", read_dates),
        ):
            if hasattr(module, name):
                setattr(module, name, instead)
    BookingQuerySet.select_for_update = lambda rows, **how: rows
    # Give other requests time between the two dates of one event.
    events.check_facilitator = lambda facilitator, *, actor: time.sleep(0.05)
    booking._book_place, booking._check_appointment = look_for_space, look_for_time


def _overlap(one, other):  # type: ignore[no-untyped-def]
    def ends(booking):  # type: ignore[no-untyped-def]
        return booking.starts_at + datetime.timedelta(minutes=booking.duration)

    return one.starts_at < ends(other) and other.starts_at < ends(one)
