"""What tests of paying look at."""

from typing import Any

from billing.models import Payment
from bookings.models import Booking
from credits.models import Credit, PassPurchase
from customers.models import Customer


def standing(booking: Booking) -> str:
    return Booking.objects.with_payment().values_list("standing", flat=True).get(pk=booking.pk)


def stored(booking: Booking) -> Booking:
    return Booking.objects.get(pk=booking.pk)


def balance(holding: Credit | PassPurchase) -> int:
    return type(holding).objects.get(pk=holding.pk).balance


def spent(customer: Customer) -> int:
    return sum(Payment.objects.filter(customer=customer).values_list("signed_amount", flat=True))


def cash(**fields: Any) -> Payment:
    return Payment(**{"method": "cash", **fields})
