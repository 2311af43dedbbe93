"""Payment methods, plans, subscriptions, invoices, payments and credit notes."""

from .credit_notes import CreditNote, CreditNoteSeries, CreditNoteTax
from .invoices import Invoice, InvoiceLine, InvoiceSeries
from .payment_methods import PaymentMethod
from .payments import Payment
from .plans import Plan
from .subscriptions import Subscription, SubscriptionPause
