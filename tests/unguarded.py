"""Settings of a server whose ledger is guarded by nothing: the negative control of the races.

Reading a balance, looking at it and writing it back is what the ledger would do without its
conditional update. A race that this server survives proves nothing.
"""

import time

from django.apps import AppConfig

from config.settings import *  # noqa: F403
from config.settings import INSTALLED_APPS as APPS

INSTALLED_APPS = [*APPS, "tests.unguarded.Unguarded"]


class Unguarded(AppConfig):
    """Takes the guards off once everything is loaded."""

    name = "tests"
    label = "unguarded"

    def ready(self) -> None:
        from billing.actions import payments
        from credits.actions import credits, ledger, passes
        from customers.models import Customer

        for module in (credits, passes):
            module.take = _take
            module.share_customer = lambda *args, **kwargs: None
        ledger.take = _take
        look = payments._given_back
        payments._given_back = lambda *args: (look(*args), time.sleep(0.05))[0]
        payments.lock_customer = lambda customer, *, actor: Customer.objects.get(pk=customer.pk)


def _take(holding, cost, *, uses_up, reference, reason, actor):  # type: ignore[no-untyped-def]
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
    return _append(holding, Entry.REDEEM, -cost, reference=reference, reason=reason, actor=actor)
