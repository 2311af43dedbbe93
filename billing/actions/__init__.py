"""Every write to payment methods, plans, subscriptions, invoices, payments and credit notes."""

from .invoices import create_invoice, issue_invoice, keeps_money, void_invoice
from .pausing import pause_subscription, resume_due, resume_subscription
from .payment_methods import (
    add_payment_method,
    prefer_payment_method,
    remove_payment_method,
    restore_payment_method,
)
from .payments import refund_payment, take_payment
from .plans import change_plan, create_plan
from .reductions import cover_invoice, reduce_invoice, return_cover, write_off_invoice
from .subscriptions import (
    bring_back_subscription,
    cancel_subscription,
    record_rest,
    reinstate_subscription,
    subscribe,
    suspend_subscription,
    turn_periods,
)
