from collections.abc import Sequence

from django.db import transaction

from billing.actions.subscriptions import line_of_period, subscribe
from billing.models import Subscription
from config.tenancy.actors import Actor

from .paying import SaleMeans, bill_sale


@transaction.atomic
def sell_plan(
    subscription: Subscription,
    *,
    means: Sequence[SaleMeans] | None = None,
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> Subscription:
    """Sign a customer up for a plan, and issue the invoice of its present period.

    The invoice is paid with `means`, and later if they leave something of it. Without `means` no
    money is asked for: the plan is billed elsewhere. Raises NothingToPay, or the refusals of
    `subscribe` and of `pay_invoices`.
    """
    subscription = subscribe(subscription, actor=actor)
    if means is not None:
        bill_sale(
            subscription.customer,
            [line_of_period(subscription)],
            currency=subscription.plan.currency,
            means=means,
            keep_excess_as_credit=keep_excess_as_credit,
            actor=actor,
        )
    return subscription
