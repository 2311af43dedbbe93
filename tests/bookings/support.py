"""Helpers of the tests of bookings."""

import datetime
from collections.abc import Callable
from typing import Any

from billing.models import Payment
from bookings.models import Booking
from config.errors import Refusal
from credits.models import Credit, PassPurchase
from customers.models import Customer
from tests.backoffice import Browser, page_of, said
from tests.callers import Caller

MINUTE = datetime.timedelta(minutes=1)
HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)
LONG_AGO = datetime.datetime(2020, 6, 1, 9, 30, tzinfo=datetime.UTC)


# --- Rules ---


def refusal_of(act: Callable[..., Any], /, *args: Any, **named: Any) -> tuple[Any, ...]:
    """Return the refusal's class and the fields that it names, or () if the action succeeds."""
    try:
        act(*args, **named)
    except Refusal as refusal:
        return type(refusal), *refusal.fields
    return ()


def facts(row: Any, *names: str) -> list[Any]:
    """Return the stored values of a row's fields."""
    (found,) = type(row).objects.filter(pk=row.pk).values_list(*names)
    return list(found)


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


# --- The back-office ---


def ask(row: Any, button: str) -> str:
    """Return the address of the page of a button of a row."""
    return page_of(row).replace("change", button)


def told_once(browser: Browser, address: str, sentence: str, /, **typed: Any) -> Any:
    """Check that the form is refused with the message, shown once; return the answer."""
    answer = browser.send(address, **typed)
    assert (answer.status_code, answer.text.count(sentence)) == (200, 1), (typed, sentence)
    assert said(answer) == []
    return answer


# --- The API ---


def ids(caller: Caller, path: str) -> list[str]:
    """Return the ids of a list."""
    answer = caller.get(path)
    assert answer.status == 200, answer
    return [one["id"] for one in answer.body["data"]]
