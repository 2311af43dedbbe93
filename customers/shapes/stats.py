"""The figures of a customer as sub-selects, for the API and for the lists of staff.

Each takes the way to the customer's key in the statement around it.
"""

from collections import Counter
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Count, Exists, F, OuterRef, Subquery, Sum, Value
from django.db.models.functions import Coalesce, JSONObject, Now

from billing.models import Invoice, Payment, Subscription
from bookings.models import Booking, MediaPurchase
from credits.models import Credit, PassPurchase
from credits.models.coupons import AMOUNT


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


def credits_left(pk: str) -> Any:
    """What is left of credits of money that can be used now, in each currency."""
    return _sums(Credit.objects.including().filter(entitlement=AMOUNT, customer_id=OuterRef(pk)))


def other_credits(pk: str) -> Any:
    """How many credits of a percentage or an offering can be used now."""
    return _number(Credit.objects.including().exclude(entitlement=AMOUNT), pk)


def to_pay(pk: str) -> dict[str, Any]:
    """What a customer has still to pay, for `to_pay_in`: open invoices, and what is on none."""
    return {
        name: _sums(rows.filter(**{payer: OuterRef(pk)}))
        for name, (rows, payer) in rows_to_pay().items()
    }


def rows_to_pay() -> dict[str, tuple[Any, str]]:
    """Everything that is to be paid, each with its `balance`, and the way to who pays it."""
    return {
        "to_pay_invoices": (Invoice.objects.unpaid().with_amounts(), "customer_id"),
        "to_pay_appointments": (Booking.objects.appointments().to_pay(), "customer_id"),
        "to_pay_places": (Booking.objects.places().to_pay(), "transaction__customer_id"),
        "to_pay_media": (MediaPurchase.objects.to_pay(), "customer_id"),
    }


def to_pay_in(row: Any) -> list[dict[str, Any]]:
    """Return what is to be paid in each currency, and its parts, of a row with `to_pay`."""
    sums: dict[str, Counter[str]] = {}
    for name, part in _PARTS.items():
        for one in getattr(row, name):
            sums.setdefault(one["currency"], Counter())[part] += one["amount"]
    return [
        {
            "currency": currency,
            "amount": parts.total(),
            **{part: parts[part] for part in ("invoices", "bookings", "media")},
        }
        for currency, parts in sorted(sums.items())
    ]


_PARTS = {
    "to_pay_invoices": "invoices",
    "to_pay_appointments": "bookings",
    "to_pay_places": "bookings",
    "to_pay_media": "media",
}


def visits_left(pk: str) -> Any:
    """How many visits are left on the passes of a customer."""
    theirs = PassPurchase.objects.live().order_by().filter(customer_id=OuterRef(pk))
    left = theirs.values("customer_id").values(left=Sum("balance"))
    return Coalesce(Subquery(left, BigIntegerField()), Value(0))


def _sums(rows: Any) -> Any:
    sums = rows.order_by().values("currency").annotate(amount=Sum("balance"))
    return ArraySubquery(sums.values(sum=JSONObject(currency=F("currency"), amount=F("amount"))))


def _number(rows: Any, pk: str) -> Any:
    theirs = rows.order_by().filter(customer_id=OuterRef(pk))
    counted = theirs.values("customer_id").annotate(number=Count("*")).values("number")
    return Coalesce(Subquery(counted, BigIntegerField()), Value(0))
