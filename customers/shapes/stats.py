"""The figures of a customer as subqueries, for the API and for the lists of staff.

The argument is the path to the customer's key in the outer query.
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
    """The sum of successful payments minus refunds."""
    theirs = Payment.objects.order_by().filter(customer_id=OuterRef(pk))
    total = theirs.values("customer_id").annotate(total=Sum("signed_amount")).values("total")
    return Coalesce(Subquery(total, BigIntegerField()), Value(0))


def counted_bookings(pk: str) -> Any:
    return _number(Booking.objects.counted(), pk)


def last_booking_at(pk: str) -> Any:
    """The latest start of a booking that has begun and was not cancelled."""
    begun = Booking.objects.counted().filter(customer_id=OuterRef(pk), starts_at__lte=Now())
    return Subquery(begun.order_by("-starts_at").values("starts_at")[:1])


def next_booking_at(pk: str) -> Any:
    """The start of the next booking."""
    ahead = Booking.objects.ahead().filter(customer_id=OuterRef(pk))
    return Subquery(ahead.order_by("starts_at").values("starts_at")[:1])


def has_active_subscription(pk: str) -> Any:
    return Exists(Subscription.objects.active().filter(customer_id=OuterRef(pk)))


def active_plan(pk: str) -> Any:
    """The name of the plan of the newest active subscription."""
    active = Subscription.objects.active().filter(customer_id=OuterRef(pk))
    return Subquery(active.newest_first().values("plan__name")[:1])


def credits_left(pk: str) -> Any:
    """The usable balances of money, one sum per currency."""
    return _sums(Credit.objects.including().filter(entitlement=AMOUNT, customer_id=OuterRef(pk)))


def other_credits(pk: str) -> Any:
    """The number of usable credits for a percentage or an offering."""
    return _number(Credit.objects.including().exclude(entitlement=AMOUNT), pk)


def to_pay(pk: str) -> dict[str, Any]:
    """The amounts that a customer still has to pay, as arguments of `to_pay_in`."""
    return {
        name: _sums(rows.filter(**{payer: OuterRef(pk)}))
        for name, (rows, payer) in rows_to_pay().items()
    }


def rows_to_pay() -> dict[str, tuple[Any, str]]:
    """All unpaid rows with their `balance`, and the path to the customer who pays."""
    return {
        "to_pay_invoices": (Invoice.objects.unpaid().with_amounts(), "customer_id"),
        "to_pay_appointments": (Booking.objects.appointments().to_pay(), "customer_id"),
        "to_pay_places": (Booking.objects.places().to_pay(), "transaction__customer_id"),
        "to_pay_media": (MediaPurchase.objects.to_pay(), "customer_id"),
    }


def to_pay_in(row: Any) -> list[dict[str, Any]]:
    """Return the unpaid amount in each currency, with its parts, of a row with `to_pay`."""
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
    """The number of visits left on a customer's passes."""
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
