"""The figures of a customer as sub-selects, for the API and for the lists of staff.

Each takes the way to the customer's key in the statement around it.
"""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce, JSONObject, Now

from billing.models import Invoice, Payment, Subscription
from bookings.models import Booking
from credits.models import Credit


def spent(pk: str) -> Any:
    """Payments that succeeded, less what went back."""
    theirs = Payment.objects.order_by().filter(customer_id=OuterRef(pk))
    total = theirs.values("customer_id").annotate(total=Sum("signed_amount")).values("total")
    return Coalesce(Subquery(total, BigIntegerField()), Value(0))


def counted_bookings(pk: str) -> Any:
    return _number(Booking.objects.counted(), pk)


def last_booking_at(pk: str) -> Any:
    """The latest start, not cancelled, that is not in the future."""
    begun = Booking.objects.counted().filter(customer_id=OuterRef(pk), starts_at__lte=Now())
    return Subquery(begun.order_by("-starts_at").values("starts_at")[:1])


def next_booking_at(pk: str) -> Any:
    """The soonest start of what is still to come about."""
    ahead = Booking.objects.ahead().filter(customer_id=OuterRef(pk))
    return Subquery(ahead.order_by("starts_at").values("starts_at")[:1])


def has_active_subscription(pk: str) -> Any:
    return Exists(Subscription.objects.active().filter(customer_id=OuterRef(pk)))


def active_plan(pk: str) -> Any:
    """The name of the plan of the newest active subscription."""
    active = Subscription.objects.active().filter(customer_id=OuterRef(pk))
    return Subquery(active.newest_first().values("plan__name")[:1])


def live_credits(pk: str) -> Any:
    """How many credits can be used today."""
    return _number(Credit.objects.including(), pk)


def owed(pk: str) -> Any:
    """What is left to pay of open invoices: a list of `currency` and `amount`."""
    asked = Invoice.objects.unpaid().with_amounts().order_by().filter(customer_id=OuterRef(pk))
    sums = asked.values("currency").annotate(amount=Sum("balance"))
    return ArraySubquery(sums.values(sum=JSONObject(currency=F("currency"), amount=F("amount"))))


def _number(rows: Any, pk: str) -> Any:
    theirs = rows.order_by().filter(customer_id=OuterRef(pk))
    counted = theirs.values("customer_id").annotate(number=Count("*")).values("number")
    return Coalesce(Subquery(counted, BigIntegerField()), Value(0))
