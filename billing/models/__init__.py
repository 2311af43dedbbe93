"""What customers pay with, what they have signed up for, what was asked for and what was paid."""

from .invoices import Invoice, InvoiceLine, InvoiceSeries
from .payment_methods import PaymentMethod
from .payments import Payment
from .plans import Plan
from .subscriptions import Subscription, SubscriptionPause

__all__ = [
    "Invoice",
    "InvoiceLine",
    "InvoiceSeries",
    "Payment",
    "PaymentMethod",
    "Plan",
    "Subscription",
    "SubscriptionPause",
]
