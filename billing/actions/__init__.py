"""Every write to what customers pay with, sign up for, are asked for and have paid."""

from .invoices import create_invoice, issue_invoice, void_invoice
from .payment_methods import add_payment_method, prefer_payment_method, remove_payment_method
from .payments import refund_payment, take_payment
from .plans import archive_plan, change_plan, create_plan, restore_plan
from .subscriptions import (
    cancel_subscription,
    pause_subscription,
    reinstate_subscription,
    resume_subscription,
    subscribe,
    suspend_subscription,
    turn_periods,
)

__all__ = [
    "add_payment_method",
    "archive_plan",
    "cancel_subscription",
    "change_plan",
    "create_invoice",
    "create_plan",
    "issue_invoice",
    "pause_subscription",
    "prefer_payment_method",
    "refund_payment",
    "reinstate_subscription",
    "remove_payment_method",
    "restore_plan",
    "resume_subscription",
    "subscribe",
    "suspend_subscription",
    "take_payment",
    "turn_periods",
    "void_invoice",
]
