"""The whole of a customer: every part by the shape that it has elsewhere."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Case, QuerySet, Value, When

from billing.models import Invoice, Payment, PaymentMethod, Subscription
from billing.shapes.outputs import (
    CustomerInvoice,
    CustomerPlan,
    Mandate,
    PaymentMethodRecord,
    PaymentTaken,
)
from bookings.models import Booking, MediaPurchase, Transaction
from bookings.shapes.m2m import Appointment, CustomerMedia, EventBooking, EventTransaction
from bookings.shapes.outputs import CustomerBooking, MediaBought
from config.api.shapes import At, Many, Part, Shape
from config.statements.compiling import Param
from credits.models import Credit, Entry, PassPurchase
from credits.shapes.outputs import CustomerPass, PassBought, PassUse, Redemption
from credits.shapes.records import CreditRecord

from ..models import CustomerUser, Note
from .accounts import CustomerAccount
from .outputs import CustomerNote, CustomerSummary, Profile, UserRecord

# The scopes besides that of the address which a part of it needs.
READ_BY = (
    "profile:read",
    "users:read",
    "notes:read",
    "payment-methods:read",
    "subscription-mandates:read",
    "invoices:read",
    "credits:read",
    "packages:read",
    "bookings:read",
    "appointments:read",
    "videos:read",
)


def may(scope: str) -> str:
    """Return the name of the placeholder that says whether a credential has a scope."""
    return f"may {scope}"


def _guarded(scope: str, expression: Any) -> Case:
    return Case(
        When(Param(may(scope), models.BooleanField()), then=expression),
        default=Value(None),
        output_field=models.JSONField(),
    )


class ThePart(Part):
    """A shape of the same row, null without its scope."""

    def __init__(self, shape: type[Shape], scope: str) -> None:
        super().__init__(shape, allow_null=True)
        self.scope = scope

    def expression(self, at: At) -> Any:
        return _guarded(self.scope, super().expression(at))


class Theirs(Many):
    """Rows of the customer, newest first, null without their scope."""

    def __init__(
        self,
        shape: type[Shape],
        rows: Callable[[], QuerySet[Any, Any]],
        scope: str,
        by: str = "customer_id",
    ) -> None:
        super().__init__(shape, rows, by, "-id", allow_null=True)
        self.scope = scope

    def expression(self, at: At) -> Any:
        return _guarded(self.scope, super().expression(at))


class CustomerState(Shape):
    """A customer with everything that the surfaces show; null stands for what needs more scopes."""

    needs = CustomerAccount.needs

    customer = Part(CustomerSummary)
    account = Part(CustomerAccount)
    profile = ThePart(Profile, "profile:read")
    users = Theirs(UserRecord, CustomerUser.objects.live, "users:read")
    notes = Theirs(CustomerNote, Note.objects.all, "notes:read")
    payment_methods = Theirs(
        PaymentMethodRecord, PaymentMethod.objects.live, "payment-methods:read"
    )
    subscriptions = Theirs(CustomerPlan, Subscription.objects.all, "subscription-mandates:read")
    subscription_mandates = Theirs(Mandate, Subscription.objects.all, "subscription-mandates:read")
    invoices = Theirs(CustomerInvoice, Invoice.objects.all, "invoices:read")
    payments = Theirs(PaymentTaken, Payment.objects.all, "invoices:read")
    credits = Theirs(CreditRecord, Credit.objects.all, "credits:read")
    redemptions = Theirs(Redemption, Entry.objects.uses, "credits:read", "credit__customer_id")
    passes = Theirs(PassBought, PassPurchase.objects.all, "packages:read")
    packages = Theirs(CustomerPass, PassPurchase.objects.all, "packages:read")
    pass_uses = Theirs(PassUse, Entry.objects.uses, "packages:read", "purchase__customer_id")
    bookings = Theirs(CustomerBooking, Booking.objects.all, "bookings:read")
    event_bookings = Theirs(EventTransaction, Transaction.objects.all, "bookings:read")
    event_places = Theirs(EventBooking, Booking.objects.places, "bookings:read")
    appointments = Theirs(Appointment, Booking.objects.appointments, "appointments:read")
    media_purchases = Theirs(MediaBought, MediaPurchase.objects.all, "videos:read")
    videos = Theirs(CustomerMedia, MediaPurchase.objects.all, "videos:read")
