"""Sell passes and plans, with an invoice that is paid at once or later."""

from collections.abc import Sequence

from django.db import transaction

from billing.actions.invoices import create_invoice, issue_invoice, line_of
from billing.actions.subscriptions import line_of_period, subscribe
from billing.actions.tax import tax_on
from billing.errors import NothingToPay
from billing.models import Invoice, InvoiceLine, Subscription
from config.tenancy.actors import Actor
from customers.actions.locks import lock_customer
from customers.models import Customer

from ..errors import PassArchived
from ..models import PassProduct, PassPurchase
from .ledger import decide_end, open_holding
from .paying import InvoiceMeans, settle_invoices

# A means of payment for a sale; an unsaved invoice has the due date of the rest.
SaleMeans = InvoiceMeans | Invoice


@transaction.atomic
def sell_pass(
    purchase: PassPurchase,
    *,
    means: Sequence[SaleMeans] | None = None,
    keep_excess_as_credit: bool = False,
    reason: str = "",
    actor: Actor,
) -> PassPurchase:
    """Sell a pass to a customer at its present terms, and issue the invoice of its price.

    The `means` pay the invoice; the rest is paid later. If `means` is None there is no invoice: the
    pass was sold elsewhere. Raises PassArchived, CustomerArchived, ExpiryPast, NothingToPay, or the
    refusals of `settle_invoices`.
    """
    # The payment of the sale takes the same lock.
    customer = lock_customer(purchase.customer, actor=actor)
    product = PassProduct.objects.visible_to(actor).get(pk=purchase.product_id)
    if product.is_archived:
        raise PassArchived
    decide_end(purchase, product.valid_for, actor=actor)
    purchase.company_id = actor.company_id
    for name in ("visits", "price", "tax_rate", "tax_behavior", "currency", "offerings"):
        setattr(purchase, name, getattr(product, name))
    purchase.tax = tax_on(purchase.price, purchase.tax_rate, purchase.tax_behavior)
    if means is not None:
        purchase.invoice = _bill(
            customer,
            [line_of(product)],
            currency=product.currency,
            means=means,
            keep_excess_as_credit=keep_excess_as_credit,
            actor=actor,
        )
    open_holding(purchase, purchase.visits, reason=reason, actor=actor)
    return purchase


@transaction.atomic
def sell_plan(
    subscription: Subscription,
    *,
    means: Sequence[SaleMeans] | None = None,
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> Subscription:
    """Sign a customer up for a plan, and issue the invoice of its present period.

    The `means` pay the invoice; the rest is paid later. If `means` is None there is no invoice:
    another system bills the plan. Raises NothingToPay, or the refusals of `subscribe` and of
    `settle_invoices`.
    """
    subscription = subscribe(subscription, actor=actor)
    if means is not None:
        _bill(
            subscription.customer,
            [line_of_period(subscription)],
            currency=subscription.plan.currency,
            means=means,
            keep_excess_as_credit=keep_excess_as_credit,
            actor=actor,
        )
    return subscription


def _bill(
    customer: Customer,
    lines: Sequence[InvoiceLine],
    *,
    currency: str,
    means: Sequence[SaleMeans],
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> Invoice | None:
    """Issue the invoice of a sale and pay it with the means; return None for a free sale.

    The rest is paid later. Raises NothingToPay, or the refusals of issuing and paying an invoice.
    """
    paid = [one for one in means if not isinstance(one, Invoice)]
    if not any(line.unit_price for line in lines):
        if paid:
            raise NothingToPay
        return None
    due_on = next((one.due_on for one in means if isinstance(one, Invoice)), None)
    draft = Invoice(customer=customer, currency=currency, due_on=due_on)
    invoice = issue_invoice(create_invoice(draft, lines=lines, actor=actor), actor=actor)
    (settled,) = settle_invoices(
        [invoice], means=paid, begins={}, keep_excess_as_credit=keep_excess_as_credit, actor=actor
    )
    return settled
