"""The sale of plans, and refunds."""

from typing import Any

from django.http import HttpResponse

from billing import api as billing
from billing.models import Payment, Subscription

from ..actions import refund_payment_and_credit, sell_plan
from ..shapes import paying


class Subscriptions(billing.Subscriptions):
    """A customer's subscriptions to plans, newest first."""

    accepts = {**billing.Subscriptions.accepts, "create": paying.NewSubscription}

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Subscribe the customer to a plan, under the terms that it has now."""
        fields = self.accepted()
        how = {name: fields.pop(name) for name in paying.PAYING if name in fields}
        subscription = Subscription(customer=self.parent_object, **fields)
        return self.show(sell_plan(subscription, **how, actor=self.actor), status=201)


class Refunds(billing.Refunds):
    """Refunds of a payment."""

    def create(self, request: Any, id: str) -> HttpResponse:
        """Give back what a payment brought, or part of it.

        Money that was kept as a credit goes out of the credit as well: what was used of the credit
        cannot be refunded.
        """
        refund = Payment(refunds=self.get_object(), **self.accepted())
        return self.show(refund_payment_and_credit(refund, actor=self.actor), status=201)
