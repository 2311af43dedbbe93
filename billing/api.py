"""Payment methods, plans, subscriptions, invoices and payments (contract, sections 1 to 3)."""

from typing import Any, cast

from django.http import HttpResponse

from config.api.pages import Everything, EverythingUnlessPaged, NumberedPages
from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import accounts, m2m, v1
from customers.api import of_customer
from customers.shapes.shown import CUSTOMER, MANDATE, METHOD

from .actions import (
    add_payment_method,
    archive_plan,
    cancel_subscription,
    change_plan,
    create_invoice,
    create_plan,
    issue_invoice,
    pause_subscription,
    prefer_payment_method,
    refund_payment,
    remove_payment_method,
    restore_plan,
    resume_subscription,
    subscribe,
    take_payment,
    void_invoice,
)
from .filters import CustomerInvoiceFilters, InvoiceFilters, PlanFilters
from .models import Invoice, InvoiceLine, Payment, PaymentMethod, Plan, Subscription
from .shapes.accepted import (
    ChangedPlan,
    IssuedInvoice,
    NewInvoice,
    NewMethod,
    NewPayment,
    NewPlan,
    NewRefund,
    NewSubscription,
)
from .shapes.shown import (
    INVOICE,
    PAYMENT,
    PLAN,
    CustomerInvoice,
    CustomerPlan,
    Mandate,
    MaskedPaymentMethod,
    PaymentTaken,
    PlanOnOffer,
)

_METHODS = {"read": "payment-methods:read", "write": "payment-methods:write"}
_MANDATES = {"read": "subscription-mandates:read", "write": "subscription-mandates:write"}
_INVOICES = {"read": "invoices:read", "write": "invoices:write"}


class AccountPaymentMethods(Resource):
    """What a customer pays with, oldest first."""

    surface = accounts
    scopes = _METHODS
    queryset = PaymentMethod.objects.live().oldest_first()
    ids = {"customer_id": CUSTOMER, "payment_method_id": METHOD}
    key = "payment_method_id"
    parent = of_customer
    pages = Everything()
    shows = {"*": MaskedPaymentMethod}


class PaymentMethods(Resource):
    """What a customer pays with: what the processor holds, masked."""

    surface = v1
    scopes = _METHODS
    queryset = PaymentMethod.objects.oldest_first()
    ids = {"customer_id": CUSTOMER, "id": METHOD}
    parent = of_customer
    shows = {"*": MaskedPaymentMethod}
    accepts = {"create": NewMethod}

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Add a payment method; the first is the default, and a new default replaces the old."""
        method = PaymentMethod(customer=self.above, **self.accepted())
        return self.show(add_payment_method(method, actor=self.actor), status=201)

    def default(self, request: Any, customer_id: str, id: str) -> HttpResponse:
        """Make a payment method the default in place of another."""
        method = self.target()
        prefer_payment_method(method, actor=self.actor)
        return self.show(method)

    def destroy(self, request: Any, customer_id: str, id: str) -> HttpResponse:
        """Remove a payment method; of a default, the newest of the others takes the place."""
        method = self.target()
        remove_payment_method(method, actor=self.actor)
        return self.show(method)


class Plans(Resource):
    """Plans, newest first: what customers can be subscribed to."""

    surface = v1
    scopes = {"read": "plans:read", "write": "plans:write"}
    queryset = Plan.objects.newest_first()
    ids = {"id": PLAN}
    filterset_class = PlanFilters
    shows = {"*": PlanOnOffer}
    accepts = {"create": NewPlan, "partial_update": ChangedPlan}

    def create(self, request: Any) -> HttpResponse:
        """Offer a plan."""
        return self.show(create_plan(Plan(**self.accepted()), actor=self.actor), status=201)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Change a plan; subscriptions that are there keep their terms."""
        plan = self.target()
        change_plan(plan, changes=self.accepted(), actor=self.actor)
        return self.show(plan)

    def archive(self, request: Any, id: str) -> HttpResponse:
        """Take a plan off the offer; subscriptions on it go on."""
        plan = self.target()
        archive_plan(plan, actor=self.actor)
        return self.show(plan)

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Offer an archived plan again."""
        plan = self.target()
        restore_plan(plan, actor=self.actor)
        return self.show(plan)


class Mandates(Resource):
    """A customer's mandates on plans, newest first."""

    surface = m2m
    aliases = ("subscriptions",)
    scopes = _MANDATES
    queryset = Subscription.objects.newest_first()
    ids = {"customer_id": CUSTOMER}
    parent = of_customer
    shows = {"*": Mandate}


class Subscriptions(Resource):
    """A customer's subscriptions to plans."""

    surface = v1
    scopes = _MANDATES
    queryset = Subscription.objects.newest_first()
    ids = {"customer_id": CUSTOMER, "subscription_id": MANDATE}
    key = "subscription_id"
    parent = of_customer
    shows = {"*": CustomerPlan}
    accepts = {"create": NewSubscription}

    def create(self, request: Any, customer_id: str) -> HttpResponse:
        """Subscribe the customer to a plan, under the terms that it has now."""
        subscription = Subscription(customer=self.above, **self.accepted())
        return self.show(subscribe(subscription, actor=self.actor), status=201)

    def pause(self, request: Any, customer_id: str, subscription_id: str) -> HttpResponse:
        """Let an active subscription rest."""
        return self.show(pause_subscription(self.target(), actor=self.actor))

    def resume(self, request: Any, customer_id: str, subscription_id: str) -> HttpResponse:
        """Go on with a subscription that was paused."""
        return self.show(resume_subscription(self.target(), actor=self.actor))

    def cancel(self, request: Any, customer_id: str, subscription_id: str) -> HttpResponse:
        """End a subscription for good, from its earliest cancellation date on."""
        return self.show(cancel_subscription(self.target(), actor=self.actor))


class CustomerInvoices(Resource):
    """Invoices of a customer, newest first."""

    surface = v1
    scopes = _INVOICES
    queryset = Invoice.objects.newest_first()
    ids = {"customer_id": CUSTOMER}
    parent = of_customer
    filterset_class = CustomerInvoiceFilters
    pages = EverythingUnlessPaged(cast(NumberedPages, v1.pages))
    shows = {"*": CustomerInvoice}


class Invoices(Resource):
    """Invoices, newest first."""

    surface = v1
    scopes = _INVOICES
    queryset = Invoice.objects.newest_first()
    ids = {"id": INVOICE}
    filterset_class = InvoiceFilters
    shows = {"*": CustomerInvoice}
    accepts = {"create": NewInvoice, "issue": IssuedInvoice}

    def create(self, request: Any) -> HttpResponse:
        """Invoice a customer, or draft an invoice. The number is given when it is issued."""
        fields = self.accepted()
        lines = [InvoiceLine(**line) for line in fields.pop("line_items")]
        is_draft = fields.pop("draft", False)
        invoice = create_invoice(Invoice(**fields), lines=lines, actor=self.actor)
        if not is_draft:
            issue_invoice(invoice, actor=self.actor)
        return self.show(invoice, status=201)

    def issue(self, request: Any, id: str) -> HttpResponse:
        """Issue a draft, which gives it its number."""
        invoice = self.target()
        return self.show(issue_invoice(invoice, **self.accepted(), actor=self.actor))

    def void(self, request: Any, id: str) -> HttpResponse:
        """Take back what was asked for; refund what was paid of it first."""
        return self.show(void_invoice(self.target(), actor=self.actor))


class Payments(Resource):
    """Payments of an invoice and their refunds, newest first."""

    surface = v1
    scopes = {"read": "invoices:read", "write": "payments:write"}
    queryset = Payment.objects.newest_first()
    ids = {"invoice_id": INVOICE, "id": PAYMENT}
    parent = Parent("invoice_id", Invoice.objects)
    shows = {"*": PaymentTaken}
    accepts = {"create": NewPayment}

    def create(self, request: Any, invoice_id: str) -> HttpResponse:
        """Record money that came in for an invoice, or an attempt that failed."""
        payment = Payment(invoice=self.above, **self.accepted())
        return self.show(take_payment(payment, actor=self.actor), status=201)


class Refunds(Resource):
    """Refunds of a payment."""

    surface = v1
    scopes = {"read": "invoices:read", "write": "payments:write"}
    queryset = Payment.objects.newest_first()
    ids = {"id": PAYMENT}
    shows = {"*": PaymentTaken}
    accepts = {"create": NewRefund}

    def create(self, request: Any, id: str) -> HttpResponse:
        """Give back what a payment brought, or part of it."""
        refund = Payment(refunds=self.target(), **self.accepted())
        return self.show(refund_payment(refund, actor=self.actor), status=201)
