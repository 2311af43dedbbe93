"""Shapes of payment methods, plans, mandates, invoices and payments (contract, sections 1 to 3)."""

from typing import Any

from django.db.models import Case, JSONField, OuterRef, Subquery, Value, When

from bookings.models import Booking
from config.api.shapes import (
    At,
    Day,
    Fixed,
    Flag,
    Id,
    Instant,
    IsSet,
    Many,
    Number,
    One,
    OneOf,
    Part,
    Shape,
    Text,
    TextOrNull,
)
from customers.models import Customer
from customers.shapes.outputs import (
    subscription_paused_at,
    subscription_renewal,
    subscription_state,
)

from ..models import Invoice, InvoiceLine, Payment, PaymentMethod, Plan, Subscription

# --- Payment methods ---


class PartOfType(Part):
    """A shape that only rows of some types have, null in the others."""

    def __init__(self, shape: type[Shape], *types: str) -> None:
        super().__init__(shape, allow_null=True)
        self.types = types

    def expression(self, at: At) -> Any:
        return Case(
            When(**{f"{at('type').name}__in": self.types}, then=self.shape.document(at)),
            default=Value(None),
            output_field=JSONField(),
        )


class CardFacts(Shape):
    """The masked details of a card."""

    brand = TextOrNull()
    last4 = TextOrNull()
    exp_month = Number(allow_null=True)
    exp_year = Number(allow_null=True)


class BankAccountFacts(Shape):
    """The masked details of a bank account."""

    bank_name = TextOrNull()
    last4 = TextOrNull()


class MaskedPaymentMethod(Shape):
    """A payment method of a customer; `card` or `bank_account` has the details, by its type."""

    id = Id(PaymentMethod.id_prefix)
    type = OneOf(choices=PaymentMethod.Type.values)
    card = PartOfType(CardFacts, PaymentMethod.Type.CARD)
    bank_account = PartOfType(BankAccountFacts, *PaymentMethod.OF_BANKS)
    is_default = Flag()
    created_at = Instant()


# --- Plans and mandates ---


class SubscribedPlan(Shape):
    """The plan of a subscription."""

    id = Id(Plan.id_prefix)
    name = Text()
    price = Number()
    currency = Text()


class PlanOnOffer(SubscribedPlan):
    """A plan that customers can be subscribed to."""

    billing_period = OneOf(choices=Plan.Period.values)
    grace_days = Number()
    minimum_periods = Number()
    archived = IsSet("archived_at")
    created_at = Instant()


class MandatePlan(Shape):
    """The plan of a mandate."""

    id = Id(Plan.id_prefix)
    type = Fixed("subscription_plan")
    name = Text()
    base100_price = Number("price")
    currency = Text()


class Mandate(Shape):
    """A customer's mandate on a plan."""

    id = Id(Subscription.id_prefix)
    type = Fixed("subscription_mandate")
    plan = One(MandatePlan, via="plan")
    state = subscription_state()
    created = Instant("created_at")
    grace = Number("grace_days")
    earliest_cancellation_date = Day(allow_null=True)
    renewal_date = subscription_renewal()


class CustomerPlan(Shape):
    """A subscription, under the terms that it was made with."""

    id = Id(Subscription.id_prefix)
    customer_id = Id(Customer.id_prefix, "customer_id")
    plan = One(SubscribedPlan, via="plan")
    state = subscription_state()
    billing_period = OneOf(choices=Plan.Period.values)
    starts_on = Day("anchor_date")
    renewal_date = subscription_renewal()
    grace_days = Number()
    earliest_cancellation_date = Day(allow_null=True)
    paused_at = Instant(subscription_paused_at, allow_null=True)
    cancelled_at = Instant(allow_null=True)
    created_at = Instant()


# --- Invoices and payments ---


def _booking(at: At) -> Any:
    return Subquery(Booking.objects.filter(invoice_id=OuterRef(at("pk").name)).values("id")[:1])


class InvoicedCustomer(Shape):
    """The customer of an invoice."""

    id = Id(Customer.id_prefix)
    name = TextOrNull("display_name")


class LineItem(Shape):
    """A line of an invoice."""

    description = Text()
    quantity = Number()
    unit_price = Number()
    total = Number()


class PaidWith(Shape):
    """The payment method of an invoice."""

    type = OneOf(choices=PaymentMethod.Type.values)
    brand = TextOrNull()
    last4 = TextOrNull()


class CustomerInvoice(Shape):
    """An invoice, in the currency's smallest unit. Tax is on the discounted sum."""

    needs = ("with_standing", "with_amounts")

    id = Id(Invoice.id_prefix)
    number = TextOrNull()
    status = OneOf("standing", choices=Invoice.Status.values)
    customer = One(InvoicedCustomer, via="customer")
    booking_id = Id(Booking.id_prefix, _booking, allow_null=True)
    line_items = Many(LineItem, InvoiceLine.objects.all, "invoice_id", "position")
    subtotal = Number()
    discount = Number()
    discount_description = TextOrNull()
    tax = Number()
    total = Number()
    amount_paid = Number()
    balance = Number()
    issued_at = Instant(allow_null=True)
    paid_at = Instant(allow_null=True)
    payment_method = One(PaidWith, via="payment_method", allow_null=True)


class PaymentTaken(Shape):
    """Money that came in, or went back: `refunds` names the payment that a refund gives back."""

    id = Id(Payment.id_prefix)
    kind = OneOf(choices=Payment.Kind.values)
    status = OneOf(choices=Payment.Status.values)
    amount = Number()
    currency = Text()
    method = OneOf(choices=Payment.Method.values)
    payment_method_id = Id(PaymentMethod.id_prefix, "payment_method_id", allow_null=True)
    reference = TextOrNull()
    customer_id = Id(Customer.id_prefix, "customer_id")
    invoice_id = Id(Invoice.id_prefix, "invoice_id", allow_null=True)
    refunds = Id(Payment.id_prefix, "refunds_id", allow_null=True)
    taken_at = Instant()
