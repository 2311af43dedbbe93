"""Shapes of payment methods, plans, mandates, invoices and payments (contract, sections 1 to 3)."""

from collections.abc import Callable
from typing import Any

from django.db.models import OuterRef, Q, Subquery

from bookings.models import Booking
from config.api.nested_shapes import PartIf
from config.api.shapes import (
    At,
    Currency,
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
    Shape,
    Text,
    TextOrNull,
)
from customers.models import Customer
from customers.shapes.outputs import (
    subscription_paused_at,
    subscription_renewal,
    subscription_state,
    subscription_status,
)

from ..models import Invoice, InvoiceLine, Payment, PaymentMethod, Plan, Subscription
from ..models.taxes import gross_price
from .prices import Taxes, behavior_shown, gross_shown, rate_shown

# --- Payment methods ---


def _of_type(*types: str) -> Callable[[At], Q]:
    return lambda at: Q(**{f"{at('type').name}__in": types})


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
    card = PartIf(CardFacts, _of_type(PaymentMethod.Type.CARD))
    bank_account = PartIf(BankAccountFacts, _of_type(*PaymentMethod.OF_BANKS))
    is_default = Flag()
    created_at = Instant()


class PaymentMethodRecord(MaskedPaymentMethod):
    """A payment method of a customer, archived or not."""

    schema_name = "PaymentMethod"

    customer_id = Id(Customer.id_prefix, "customer_id", help_text="The customer who pays with it.")
    archived = IsSet("archived_at", help_text="Whether the payment method is archived.")


# --- Plans and mandates ---


class SubscriptionPlan(Shape):
    """The plan of a subscription."""

    id = Id(Plan.id_prefix)
    name = Text()
    price = Number(
        help_text="The price of each period as it was given, with tax or without, in the smallest "
        "unit of `currency`."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    gross_price = gross_shown()
    currency = Currency()


class PlanOnOffer(SubscriptionPlan):
    """A plan that customers can be subscribed to."""

    schema_name = "Plan"

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
    base100_price = Number(gross_price)
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

    schema_name = "Subscription"

    id = Id(Subscription.id_prefix)
    customer_id = Id(Customer.id_prefix, "customer_id")
    plan = One(SubscriptionPlan, via="plan")
    status = subscription_status()
    billing_period = OneOf(choices=Plan.Period.values)
    starts_on = Day("anchor_date", help_text="The day on which the first period began.")
    renews_on = subscription_renewal()
    grace_days = Number()
    earliest_cancellation_on = Day(
        "earliest_cancellation_date",
        allow_null=True,
        help_text="The first day on which the subscription can be cancelled; null for any day.",
    )
    paused_at = Instant(subscription_paused_at, allow_null=True)
    resumes_on = Day(
        "paused_until",
        allow_null=True,
        help_text="The day on which a paused subscription goes on; null for none, or where it is "
        "not paused.",
    )
    pause_reason = TextOrNull(help_text="Why the subscription is paused; null where nobody said.")
    suspended_at = Instant(
        allow_null=True, help_text="When it was suspended; null once it is reinstated."
    )
    cancelled_at = Instant(allow_null=True)
    created_at = Instant()


# --- Invoices and payments ---


def _booking(at: At) -> Any:
    return Subquery(Booking.objects.filter(invoice_id=OuterRef(at("pk").name)).values("id")[:1])


class InvoiceCustomer(Shape):
    """The customer of an invoice."""

    id = Id(Customer.id_prefix)
    name = TextOrNull("display_name")


class LineItem(Shape):
    """A line of an invoice."""

    description = Text()
    quantity = Number()
    unit_price = Number(
        help_text="The price of one piece as it was given, with tax or without, in the invoice's "
        "currency."
    )
    total = Number(help_text="The quantity times the unit price.")
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    subscription_id = Id(
        Subscription.id_prefix,
        "subscription_id",
        allow_null=True,
        help_text="The subscription of whose period it is the price; null of anything else.",
    )
    period_starts_on = Day(
        "period_from",
        allow_null=True,
        help_text="The first day of that period; null without a subscription.",
    )
    next_period_starts_on = Day(
        "period_to",
        allow_null=True,
        help_text="The day on which the next period begins; null without a subscription.",
    )


class InvoicePaymentMethod(Shape):
    """The payment method of an invoice."""

    type = OneOf(choices=PaymentMethod.Type.values)
    brand = TextOrNull()
    last4 = TextOrNull()


class CustomerInvoice(Shape):
    """An invoice, in the currency's smallest unit.

    The tax is computed once for each rate, on what the discount leaves of its lines.
    """

    schema_name = "Invoice"

    needs = ("with_standing", "with_amounts")

    id = Id(Invoice.id_prefix)
    number = TextOrNull()
    status = OneOf("standing", choices=Invoice.Status.values)
    customer = One(InvoiceCustomer, via="customer")
    booking_id = Id(Booking.id_prefix, _booking, allow_null=True)
    line_items = Many(LineItem, InvoiceLine.objects.all, "invoice_id", "position")
    currency = Currency()
    subtotal = Number(
        help_text="The sum of the lines before the discount. It includes the tax of lines whose "
        "price does."
    )
    discount = Number()
    discount_description = TextOrNull()
    taxes = Taxes(help_text="The tax of each rate, which together are `tax`.")
    tax = Number(help_text="All of the tax, whether lines include it or it is added to them.")
    total = Number(
        help_text="What the customer pays: the subtotal less the discount, with the tax that the "
        "lines do not include."
    )
    amount_paid = Number(help_text="The money that was taken for it; a refund does not lower it.")
    amount_covered = Number("covered", help_text="What credits of the customer paid of it.")
    amount_reduced = Number(
        "reduced",
        help_text="What credit notes took off without giving anything back: reductions and "
        "write-offs.",
    )
    balance = Number(
        help_text="What is still to be paid: `total` less `amount_paid`, `amount_covered` and "
        "`amount_reduced`; 0 for a draft and a void invoice."
    )
    issued_at = Instant(allow_null=True)
    due_on = Day(
        allow_null=True,
        help_text="The last day on which payment is in time; from the next day on the status is "
        "overdue.",
    )
    paid_at = Instant(allow_null=True)
    payment_method = One(InvoicePaymentMethod, via="payment_method", allow_null=True)


class PaymentTaken(Shape):
    """Money that came in, or went back."""

    schema_name = "Payment"

    id = Id(Payment.id_prefix)
    kind = OneOf(choices=Payment.Kind.values)
    status = OneOf(choices=Payment.Status.values)
    amount = Number(help_text="Always above zero, of a refund too.")
    currency = Currency()
    # `PaymentMethod` is another schema: clients name the words of a field by schema and field.
    method = OneOf(choices=Payment.Method.values, label="Means of payment")
    payment_method_id = Id(PaymentMethod.id_prefix, "payment_method_id", allow_null=True)
    reference = TextOrNull()
    reason = TextOrNull(help_text="Of a refund, why it was given back.")
    customer_id = Id(Customer.id_prefix, "customer_id")
    invoice_id = Id(Invoice.id_prefix, "invoice_id", allow_null=True)
    refunded_payment_id = Id(
        Payment.id_prefix,
        "refunds_id",
        allow_null=True,
        help_text="Of a refund, the payment that it gives back; null of a payment.",
    )
    taken_at = Instant()
