"""The complete state of a customer: every part in its usual v1 shape."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models import Case, QuerySet, Value, When

from billing.models import Invoice, Payment, PaymentMethod, Subscription
from billing.shapes.invoices import CustomerInvoice, PaymentTaken
from billing.shapes.payment_methods import PaymentMethodRecord
from billing.shapes.plans import CustomerPlan
from bookings.models import Booking, MediaPurchase, Transaction
from bookings.shapes.media import MediaBought
from bookings.shapes.outputs import BookedTogether, CustomerBooking
from config.api.shapes import At, Many, Part, Shape
from config.statements.compiling import Param
from credits.models import Credit, Entry, PassPurchase
from credits.shapes.outputs import Redemption
from credits.shapes.passes import PassBought, PassUse
from credits.shapes.records import CreditRecord

from ..models import ContactPoint, CustomerUser, Note
from .addresses import ContactPointRecord
from .outputs import CustomerNote, CustomerSummary, UserRecord

# The scopes that the parts need, in addition to the scope of the endpoint.
READ_BY = (
    "users:read",
    "notes:read",
    "payment-methods:read",
    "subscription-mandates:read",
    "invoices:read",
    "credits:read",
    "packages:read",
    "bookings:read",
    "videos:read",
)


def may(scope: str) -> str:
    """Return the name of the placeholder that says whether a credential has a scope."""
    return f"may {scope}"


class Theirs(Many):
    """Rows of the customer, newest first; null without their scope."""

    def __init__(
        self,
        shape: type[Shape],
        rows: Callable[[], QuerySet[Any, Any]],
        scope: str,
        by: str = "customer_id",
        *,
        words: str,
    ) -> None:
        about = f"{words} Newest first. Null if the credential lacks the scope `{scope}`."
        super().__init__(shape, rows, by, "-id", allow_null=True, help_text=about)
        self.scope = scope

    def expression(self, at: At) -> Any:
        return Case(
            When(Param(may(self.scope), models.BooleanField()), then=super().expression(at)),
            default=Value(None),
            output_field=models.JSONField(),
        )


class CustomerState(Shape):
    """A customer with everything that v1 shows of them; null stands for what needs more scopes."""

    customer = Part(
        CustomerSummary, help_text="The customer, as `GET /v1/customers/{id}` shows it."
    )
    contact_points = Many(
        ContactPointRecord,
        ContactPoint.objects.live,
        "customer_id",
        "-id",
        help_text="Further ways to reach the customer, newest first.",
    )
    users = Theirs(
        UserRecord,
        CustomerUser.objects.live,
        "users:read",
        words="The people who act for the customer, without archived ones.",
    )
    notes = Theirs(
        CustomerNote,
        Note.objects.all,
        "notes:read",
        words="What was written down about the customer.",
    )
    payment_methods = Theirs(
        PaymentMethodRecord,
        PaymentMethod.objects.live,
        "payment-methods:read",
        words="The cards and accounts that the customer can pay with, without archived ones.",
    )
    subscriptions = Theirs(
        CustomerPlan,
        Subscription.objects.all,
        "subscription-mandates:read",
        words="The customer's subscriptions, cancelled ones too.",
    )
    invoices = Theirs(
        CustomerInvoice,
        Invoice.objects.all,
        "invoices:read",
        words="The customer's invoices in every status, drafts too.",
    )
    payments = Theirs(
        PaymentTaken,
        Payment.objects.all,
        "invoices:read",
        words="What the customer paid and was refunded, failed payments too.",
    )
    credits = Theirs(
        CreditRecord,
        Credit.objects.all,
        "credits:read",
        words="The customer's credits in every status.",
    )
    redemptions = Theirs(
        Redemption,
        Entry.objects.uses,
        "credits:read",
        "credit__customer_id",
        words="Each use of one of these credits.",
    )
    passes = Theirs(
        PassBought,
        PassPurchase.objects.all,
        "packages:read",
        words="The passes that the customer bought, in every status.",
    )
    pass_uses = Theirs(
        PassUse,
        Entry.objects.uses,
        "packages:read",
        "purchase__customer_id",
        words="Each use of one of these passes.",
    )
    bookings = Theirs(
        CustomerBooking,
        Booking.objects.all,
        "bookings:read",
        words="What the customer comes to, also if somebody else bought it.",
    )
    transactions = Theirs(
        BookedTogether,
        Transaction.objects.all,
        "bookings:read",
        words="The places at events that the customer bought, for others too.",
    )
    media_purchases = Theirs(
        MediaBought,
        MediaPurchase.objects.all,
        "videos:read",
        words="The videos and other media that the customer bought.",
    )
