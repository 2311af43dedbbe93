"""Plans that are sold, and invoices that are paid, by credits too; refunds and voiding."""

from typing import Any

from django.http import HttpResponse

from billing import api as billing
from billing.models import Payment, Subscription
from config.api.verbs import Verb

from ..actions import pay_invoice, refund_payment_and_credit, sell_plan, void_sale
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


class Invoices(billing.Invoices):
    """Invoices, newest first."""

    scopes = {**billing.Invoices.scopes, "pay": "payments:write"}
    accepts = {**billing.Invoices.accepts, "pay": paying.InvoicePayment}
    verbs = {
        "pay": Verb(
            pay_invoice,
            "Pay for an invoice in parts and by several means: all of them or none are recorded.",
        ),
        "void": Verb(
            void_sale,
            "Take back what was asked for; refund what was paid of it first.\n\nWhat is left of a "
            "pass that the invoice sold is revoked, and a subscription whose present period it is "
            "for is cancelled.",
        ),
    }


class Refunds(billing.Refunds):
    """Refunds of a payment."""

    def create(self, request: Any, id: str) -> HttpResponse:
        """Give back what a payment brought, or part of it.

        Money that was kept as a credit goes out of the credit as well: what was used of the credit
        cannot be refunded.
        """
        refund = Payment(refunds=self.get_object(), **self.accepted())
        return self.show(refund_payment_and_credit(refund, actor=self.actor), status=201)
