"""Shapes of media that customers bought, on v1."""

from typing import Any

from django.db.models import Case, Q, Value, When

from billing.models import Invoice
from billing.shapes.descriptions import own_id
from billing.shapes.prices import rate_shown
from config.api.shapes import (
    At,
    Currency,
    Day,
    Id,
    Instant,
    Number,
    OneOf,
    Shape,
    Text,
    TextOrNull,
    UpdatedAt,
)
from config.tenancy.days import TodayOnce
from config.tenancy.tax_fields import TaxBehavior
from credits.shapes.descriptions import LAST_DAY
from customers.models import Customer

from ..models import Media, MediaPurchase
from .payments import MediaPayment, amount_paid_field, payment_field, payment_status_field


def is_past(at: At) -> Q:
    """Filter by whether the last day of the purchase is over."""
    return Q(**{at("expires_on").name + "__lt": TodayOnce(at("company_id"))})


def _purchase_status(at: At) -> Any:
    return Case(
        When(Q(**{f"{at('cancelled_at').name}__isnull": False}), then=Value("cancelled")),
        When(is_past(at), then=Value("expired")),
        default=Value("active"),
    )


class MediaBought(Shape):
    """A video or another medium that a customer bought."""

    schema_name = "MediaPurchase"

    needs = ("with_payment",)

    id = own_id(MediaPurchase)
    customer_id = Id(
        Customer.id_prefix, "customer_id", help_text="The customer who bought the medium."
    )
    media_id = Id(Media.id_prefix, "media_id", help_text="The medium that was bought.")
    name = Text("media__name", help_text="The name of the medium as it is now.")
    status = OneOf(
        _purchase_status,
        choices=["active", "expired", "cancelled"],
        help_text="`active`: it can be used. `expired`: the day `expires_on` is over. "
        "`cancelled`: the purchase was cancelled.",
    )
    price = Number(
        "total",
        help_text="What the customer pays for the medium, tax included, in the smallest unit of "
        "`currency`.",
    )
    tax_rate = rate_shown()
    tax_behavior = OneOf(
        choices=TaxBehavior.values,
        help_text="Whether the price of the medium included the tax when it was bought; `price` "
        "always does.",
    )
    tax = Number(help_text="The tax in `price`, in the smallest unit of `currency`.")
    currency = Currency()
    amount_paid = amount_paid_field("`price`")
    payment_status = payment_status_field()
    payment = payment_field(MediaPayment, "How it is paid; null while it is not.")
    invoice_id = Id(
        Invoice.id_prefix,
        "invoice_id",
        allow_null=True,
        help_text="The invoice that asks for the price; null if there is none.",
    )
    expires_on = Day(allow_null=True, help_text=LAST_DAY)
    purchased_at = Instant(help_text="When the customer bought the medium.")
    cancelled_at = Instant(
        allow_null=True, help_text="When the purchase was cancelled; null if it was not."
    )
    cancellation_reason = TextOrNull(
        "reason", help_text="Why the purchase was cancelled; null if no reason was given."
    )
    updated_at = UpdatedAt()
