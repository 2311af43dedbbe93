"""Payment methods, plans, subscriptions, invoices and payments."""

from .invoices import Invoice, InvoiceLine, InvoiceSeries
from .payment_methods import PaymentMethod
from .payments import Payment
from .plans import Plan
from .subscriptions import Subscription, SubscriptionPause
