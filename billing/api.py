"""Payment methods, plans, subscriptions, invoices and payments (contract, sections 1 to 3)."""

from typing import Any, cast

from django.http import HttpResponse

from config.api.filtering import ArchivableFilters
from config.api.numbered_pages import EverythingUnlessPaged, NumberedPages
from config.api.pages import Everything
from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import accounts, m2m, v1
from config.api.verbs import Verb
from config.tenancy.archiving import archive_row, restore_row
from customers.api import of_customer

from . import actions
from .filters import CreditNoteFilters, CustomerInvoiceFilters, InvoiceFilters, PaymentFilters
from .models import CreditNote, Invoice, InvoiceLine, Payment, PaymentMethod, Plan, Subscription
from .shapes import inputs, invoices, payment_methods, plans
from .shapes.credit_notes import IssuedCreditNote

_METHODS = {"read": "payment-methods:read", "write": "payment-methods:write"}
_MANDATES = {"read": "subscription-mandates:read", "write": "subscription-mandates:write"}
_INVOICES = {"read": "invoices:read", "write": "invoices:write"}
_PAYMENTS = {"read": "invoices:read", "write": "payments:write"}


class AccountPaymentMethods(Resource):
    """List the payment methods of a customer, oldest first."""

    surface = accounts
    scopes = _METHODS
    queryset = PaymentMethod.objects.live().oldest_first()
    key = "payment_method_id"
    parent = of_customer
    pages = Everything()
    shows = {"*": payment_methods.MaskedPaymentMethod}


class PaymentMethods(Resource):
    """Payment methods of a customer, oldest first: masked references to a processor's records."""

    surface = v1
    scopes = _METHODS
    queryset = PaymentMethod.objects.oldest_first()
    parent = of_customer
    filterset_class = ArchivableFilters
    shows = {"*": payment_methods.PaymentMethodRecord}
    accepts = {"create": inputs.NewPaymentMethod}
    verbs = {
        "create": Verb(
            actions.add_payment_method,
            "Add a payment method; the first is the default, and a new default replaces the old.",
        ),
        "default": Verb(
            actions.prefer_payment_method, "Make a payment method the default in place of another."
        ),
        "archive": Verb(
            actions.remove_payment_method,
            "Archive a payment method; the newest of the others becomes the default in its place.",
        ),
        "restore": Verb(
            actions.restore_payment_method,
            "Restore an archived payment method; it becomes the default if there is no other.",
        ),
    }


class Plans(Resource):
    """Plans, newest first: what customers can be subscribed to."""

    surface = v1
    scopes = {"read": "plans:read", "write": "plans:write"}
    queryset = Plan.objects.newest_first()
    filterset_class = ArchivableFilters
    shows = {"*": plans.PlanOnOffer}
    accepts = {"create": inputs.NewPlan, "partial_update": inputs.ChangedPlan}
    verbs = {
        "create": Verb(actions.create_plan, "Offer a plan."),
        "partial_update": Verb(
            actions.change_plan, "Change a plan; subscriptions that are there keep their terms."
        ),
        "archive": Verb(archive_row, "Take a plan off the offer; subscriptions on it go on."),
        "restore": Verb(restore_row, "Offer an archived plan again."),
    }


class Mandates(Resource):
    """A customer's mandates on plans, newest first."""

    surface = m2m
    scopes = _MANDATES
    queryset = Subscription.objects.newest_first()
    parent = of_customer
    shows = {"*": plans.Mandate}


class Subscriptions(Resource):
    """A customer's subscriptions to plans, newest first; `credits/api/selling.py` creates them."""

    surface = v1
    scopes = _MANDATES
    queryset = Subscription.objects.newest_first()
    key = "subscription_id"
    parent = of_customer
    shows = {"*": plans.CustomerPlan}
    accepts = {"pause": inputs.Pausing}
    verbs = {
        "pause": Verb(
            actions.pause_subscription,
            "Let an active subscription rest, until a day if one is given; it neither renews nor "
            "grants meanwhile.",
        ),
        "resume": Verb(actions.resume_subscription, "Go on with a subscription that was paused."),
        "suspend": Verb(
            actions.suspend_subscription,
            "Suspend a subscription, for a payment that is overdue for example; it renews and "
            "grants nothing until it is reinstated.",
        ),
        "reinstate": Verb(
            actions.reinstate_subscription,
            "Reinstate a suspended subscription; one that was paused before is paused again.",
        ),
        "cancel": Verb(
            actions.cancel_subscription,
            "End a subscription for good, from its earliest cancellation date on.",
        ),
    }


class CustomerInvoices(Resource):
    """Invoices of a customer, newest first."""

    surface = v1
    scopes = _INVOICES
    queryset = Invoice.objects.newest_first()
    parent = of_customer
    filterset_class = CustomerInvoiceFilters
    pages = EverythingUnlessPaged(cast(NumberedPages, v1.pages))
    shows = {"*": invoices.CustomerInvoice}


class Invoices(Resource):
    """Invoices, newest first; `bookings/api/sales.py` pays for them and voids them."""

    surface = v1
    scopes = _INVOICES
    queryset = Invoice.objects.newest_first()
    filterset_class = InvoiceFilters
    shows = {"*": invoices.CustomerInvoice}
    accepts = {
        "create": inputs.NewInvoice,
        "issue": inputs.IssuedInvoice,
        "reduce": inputs.Reduction,
        "write_off": inputs.Reduction,
    }
    verbs = {
        "issue": Verb(actions.issue_invoice, "Issue a draft, which gives it its number."),
        "reduce": Verb(
            actions.reduce_invoice,
            "Take something off what is owed, with a credit note; the invoice is paid if nothing "
            "is left. What was paid of it is given back by a refund of the payment instead.",
        ),
        "write_off": Verb(
            actions.write_off_invoice, "Give up what will not be paid, with a credit note."
        ),
    }

    def create(self, request: Any) -> HttpResponse:
        """Invoice a customer, or draft an invoice. The number is given when it is issued."""
        fields = self.accepted()
        lines = [InvoiceLine(**line) for line in fields.pop("line_items")]
        is_draft = fields.pop("draft", False)
        invoice = actions.create_invoice(Invoice(**fields), lines=lines, actor=self.actor)
        if not is_draft:
            actions.issue_invoice(invoice, actor=self.actor)
        return self.show(invoice, status=201)


class Payments(Resource):
    """Payments and refunds, newest first."""

    surface = v1
    scopes = _PAYMENTS
    queryset = Payment.objects.newest_first()
    filterset_class = PaymentFilters
    reads_at = "/v1/payments"
    shows = {"*": invoices.PaymentTaken}


class InvoicePayments(Resource):
    """Payments of an invoice and their refunds, newest first."""

    surface = v1
    scopes = _PAYMENTS
    queryset = Payment.objects.newest_first()
    parent = Parent("invoice_id", Invoice.objects)
    reads_at = "/v1/payments"
    shows = {"*": invoices.PaymentTaken}
    accepts = {"create": inputs.NewPayment}
    verbs = {
        "create": Verb(
            actions.take_payment,
            "Record money that came in for an invoice, or an attempt that failed.",
        )
    }


class Refunds(Resource):
    """Refunds of a payment; `credits/api/selling.py` makes them."""

    surface = v1
    scopes = _PAYMENTS
    queryset = Payment.objects.newest_first()
    reads_at = "/v1/payments"
    shows = {"*": invoices.PaymentTaken}
    accepts = {"create": inputs.NewRefund}


class CreditNotes(Resource):
    """Credit notes, newest first: what was taken back of issued invoices."""

    surface = v1
    scopes = _INVOICES
    queryset = CreditNote.objects.newest_first()
    filterset_class = CreditNoteFilters
    shows = {"*": IssuedCreditNote}


class InvoiceCreditNotes(Resource):
    """Credit notes of an invoice, newest first."""

    surface = v1
    scopes = _INVOICES
    queryset = CreditNote.objects.newest_first()
    parent = Parent("invoice_id", Invoice.objects)
    shows = {"*": IssuedCreditNote}
