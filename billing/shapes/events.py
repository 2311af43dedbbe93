"""The v1 shape of each model whose changes are public, which the feed and webhooks show."""

from django.db import models

from config.api.shapes import Currency, Id, Instant, Shape, TextOrNull

from ..models import (
    CreditNote,
    Invoice,
    InvoiceLine,
    Payment,
    PaymentMethod,
    Plan,
    Subscription,
    SubscriptionPause,
)
from .credit_notes import IssuedCreditNote
from .invoices import CustomerInvoice, LineItem, PaymentTaken
from .payment_methods import PaymentMethodRecord
from .plans import CustomerPlan, PlanOnOffer


class PauseOfEvent(Shape):
    """A pause of a subscription that has ended."""

    schema_name = "SubscriptionPause"

    id = Id("", help_text="The id of the pause: 32 hexadecimal digits.")
    subscription_id = Id(
        Subscription.id_prefix, "subscription_id", help_text="The subscription that was paused."
    )
    paused_at = Instant(help_text="When the pause began.")
    resumed_at = Instant(help_text="When the pause ended.")
    reason = TextOrNull(help_text="Why the subscription was paused; null if no reason was given.")


class LineOfEvent(LineItem):
    """A line of an invoice, with its own id and the invoice's."""

    schema_name = "InvoiceLine"

    id = Id("", help_text="The id of the line: 32 hexadecimal digits.")
    invoice_id = Id(
        Invoice.id_prefix, "invoice_id", help_text="The invoice that the line belongs to."
    )
    currency = Currency("invoice__currency")


EVENT_SHAPES: dict[type[models.Model], type[Shape]] = {
    CreditNote: IssuedCreditNote,
    Invoice: CustomerInvoice,
    InvoiceLine: LineOfEvent,
    Payment: PaymentTaken,
    PaymentMethod: PaymentMethodRecord,
    Plan: PlanOnOffer,
    Subscription: CustomerPlan,
    SubscriptionPause: PauseOfEvent,
}
