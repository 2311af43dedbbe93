"""Invoices that are paid, by credits too, and voided with what they sold."""

from billing import api as billing
from config.api.verbs import Verb
from credits.actions import void_sale
from credits.shapes import paying

from .. import actions


class Invoices(billing.Invoices):
    """Invoices, newest first."""

    scopes = {**billing.Invoices.scopes, "pay": "payments:write"}
    accepts = {**billing.Invoices.accepts, "pay": paying.InvoicePayment}
    verbs = {
        "pay": Verb(
            actions.pay_invoice,
            "Pay for an invoice in parts and by several means: all of them or none are recorded."
            "\n\nA credit pays only for what begins before the credit ends.",
        ),
        "void": Verb(
            void_sale,
            "Take back what was asked for; refund what was paid of it first.\n\nWhat is left of a "
            "pass that the invoice sold is revoked, and a subscription whose present period it is "
            "for is cancelled.",
        ),
    }
