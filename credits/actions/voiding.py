"""Void invoices, and end what they sold."""

import datetime
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from billing.actions.invoices import take_back_invoice, void_invoice
from billing.actions.subscriptions import end_subscription
from billing.models import Invoice, Subscription
from config.tenancy.actors import Actor

from ..models import Entry, PassPurchase
from .ledger import close


@dataclass(frozen=True)
class Sold:
    """The passes and subscriptions that end when their invoice is voided."""

    passes: list[PassPurchase]
    subscriptions: list[Subscription]


@transaction.atomic
def void_sale(invoice: Invoice, *, at: datetime.datetime | None = None, actor: Actor) -> Invoice:
    """Void an invoice or a draft, and end what the invoice sold: see `sold_by`.

    The customer may be archived. Raises the refusals of `void_invoice`.
    """
    return _end_sold(void_invoice(invoice, at=at, actor=actor), actor)


@transaction.atomic
def take_back_sale(invoice: Invoice, *, actor: Actor) -> Invoice:
    """Void an invoice as `void_sale` does, without role limits."""
    return _end_sold(take_back_invoice(invoice, actor=actor), actor)


def sold_by(invoice: Invoice, *, actor: Actor) -> Sold:
    """Return the passes and subscriptions that end when an invoice is voided.

    These are its passes that are not used up, and the subscriptions whose present period it charges
    for. A draft has none.
    """
    if invoice.issued_at is None:
        return Sold([], [])
    passes = PassPurchase.objects.visible_to(actor).unfinished().filter(invoice=invoice)
    present = Subscription.objects.visible_to(actor).live()
    present = present.filter(
        invoice_lines__invoice=invoice, invoice_lines__period_to=F("renewal_date")
    )
    return Sold(
        list(passes.select_related("product").order_by("id")),
        list(present.select_related("plan", "customer").order_by("id").distinct()),
    )


def _end_sold(invoice: Invoice, actor: Actor) -> Invoice:
    sold = sold_by(invoice, actor=actor)
    reason = _("Invoice %(number)s was voided.") % {"number": invoice.number}
    for purchase in sold.passes:
        close(purchase, Entry.REVOKE, reason=reason, actor=actor)
    for subscription in sold.subscriptions:
        end_subscription(subscription, actor=actor)
    return invoice
