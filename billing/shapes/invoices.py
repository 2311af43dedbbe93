"""Shapes of invoices and payments (contract, section 2)."""

from typing import Any

from django.db.models import OuterRef, Subquery

from bookings.models import Booking
from config.api.shapes import (
    At,
    Currency,
    Day,
    Id,
    Instant,
    Many,
    Number,
    One,
    OneOf,
    Shape,
    Text,
    TextOrNull,
)
from customers.models import Customer

from ..models import Invoice, InvoiceLine, Payment, PaymentMethod, Subscription
from .descriptions import BRAND, LAST4, METHOD, REFERENCE, own_id
from .prices import Taxes, behavior_shown, rate_shown


def _booking(at: At) -> Any:
    return Subquery(Booking.objects.filter(invoice_id=OuterRef(at("pk").name)).values("id")[:1])


class InvoiceCustomer(Shape):
    """The customer of an invoice."""

    id = own_id(Customer)
    name = TextOrNull(
        "display_name", help_text="The customer's name as it is now; null if there is none."
    )


class LineItem(Shape):
    """A line of an invoice."""

    description = Text(help_text="What is sold, in the words of the invoice.")
    quantity = Number(help_text="How many pieces are sold, 1 or more.")
    unit_price = Number(
        help_text="The price of one piece as it was given, with or without tax, in the smallest "
        "unit of the invoice's currency."
    )
    total = Number(
        help_text="`quantity` times `unit_price`, in the smallest unit of the invoice's currency."
    )
    tax_rate = rate_shown()
    tax_behavior = behavior_shown()
    subscription_id = Id(
        Subscription.id_prefix,
        "subscription_id",
        allow_null=True,
        help_text="The subscription whose period the line charges; null for any other line.",
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

    type = OneOf(choices=PaymentMethod.Type.values, help_text="What kind of payment method it is.")
    brand = TextOrNull(help_text=BRAND)
    last4 = TextOrNull(help_text=LAST4)


class CustomerInvoice(Shape):
    """An invoice, in the currency's smallest unit.

    The tax is computed once for each rate, on what the discount leaves of its lines.
    """

    schema_name = "Invoice"

    needs = ("with_standing", "with_amounts")

    id = own_id(Invoice)
    number = TextOrNull(
        help_text="The year and a count without gaps, such as INV-2026-00001; null for a draft."
    )
    status = OneOf(
        "standing",
        choices=Invoice.Status.values,
        help_text="`draft`: not issued yet. `pending`: issued, and something is left to pay. "
        "`overdue`: pending after the day `due_on`. `paid`: nothing is left to pay. `void`: "
        "cancelled, so nothing is owed.",
    )
    customer = One(
        InvoiceCustomer, via="customer", help_text="The customer who has to pay the invoice."
    )
    booking_id = Id(
        Booking.id_prefix,
        _booking,
        allow_null=True,
        help_text="The booking whose price the invoice asks for; null if there is none.",
    )
    line_items = Many(
        LineItem,
        InvoiceLine.objects.all,
        "invoice_id",
        "position",
        help_text="What is sold, in the order of the invoice.",
    )
    currency = Currency()
    subtotal = Number(
        help_text="The sum of the lines before the discount, in the smallest unit of `currency`. "
        "It includes the tax of the lines whose price includes it."
    )
    discount = Number(
        help_text="What is taken off `subtotal`, in the smallest unit of `currency`; 0 for no "
        "discount."
    )
    discount_description = TextOrNull(
        help_text="What the discount is for; null if no description was given."
    )
    taxes = Taxes(help_text="The tax at each rate; the sum of these taxes is `tax`.")
    tax = Number(
        help_text="All of the tax, in the smallest unit of `currency`, whether the prices include "
        "it or not."
    )
    total = Number(
        help_text="What the customer pays, in the smallest unit of `currency`: `subtotal` less "
        "`discount`, with the tax that the prices do not include."
    )
    amount_paid = Number(
        help_text="The money that was paid for the invoice, in the smallest unit of `currency`; a "
        "refund does not lower it."
    )
    amount_covered = Number(
        "covered",
        help_text="What credits of the customer paid of the invoice, in the smallest unit of "
        "`currency`.",
    )
    amount_reduced = Number(
        "reduced",
        help_text="What credit notes took off without giving anything back, in the smallest unit "
        "of `currency`: reductions and write-offs.",
    )
    balance = Number(
        help_text="What is left to pay, in the smallest unit of `currency`: `total` less "
        "`amount_paid`, `amount_covered` and `amount_reduced`; 0 for a draft or a void invoice."
    )
    issued_at = Instant(allow_null=True, help_text="When the invoice was issued; null for a draft.")
    due_on = Day(
        allow_null=True,
        help_text="The last day on which payment is in time, after which the status is `overdue`; "
        "null: the invoice never becomes overdue.",
    )
    paid_at = Instant(
        allow_null=True,
        help_text="When the invoice was paid in full; null until then. A refund does not clear it.",
    )
    payment_method = One(
        InvoicePaymentMethod,
        via="payment_method",
        allow_null=True,
        help_text="The customer's payment method that paid the invoice last, or that the invoice "
        "was created with; null if there is none.",
    )


class PaymentTaken(Shape):
    """Money that came in, or went back."""

    schema_name = "Payment"

    id = own_id(Payment)
    kind = OneOf(
        choices=Payment.Kind.values,
        help_text="`payment`: money came in. `refund`: money went back.",
    )
    status = OneOf(
        choices=Payment.Status.values,
        help_text="`succeeded`: the money moved. `failed`: the attempt moved no money.",
    )
    amount = Number(
        help_text="How much money, in the smallest unit of `currency`; above zero for a refund too."
    )
    currency = Currency()
    # `PaymentMethod` names another schema; generated clients need a distinct name for this enum.
    method = OneOf(choices=Payment.Method.values, label="Means of payment", help_text=METHOD)
    payment_method_id = Id(
        PaymentMethod.id_prefix,
        "payment_method_id",
        allow_null=True,
        help_text="The customer's payment method that was used; null if none was named.",
    )
    reference = TextOrNull(help_text=REFERENCE)
    reason = TextOrNull(help_text="Why the money was given back; null for a payment.")
    customer_id = Id(
        Customer.id_prefix, "customer_id", help_text="The customer who paid, or got the money back."
    )
    invoice_id = Id(
        Invoice.id_prefix,
        "invoice_id",
        allow_null=True,
        help_text="The invoice that was paid or refunded; null if there is none.",
    )
    refunded_payment_id = Id(
        Payment.id_prefix,
        "refunds_id",
        allow_null=True,
        help_text="The payment that a refund gives back; null for a payment.",
    )
    taken_at = Instant(help_text="When the payment or the refund was recorded.")
