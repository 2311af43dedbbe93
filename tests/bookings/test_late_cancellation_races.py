"""The fee of a late cancellation is charged once, even if many requests cancel at once."""

import datetime
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.shop import AT_ONCE, Shop
from tests.test_races import is_lost

pytestmark = pytest.mark.long

RULE = (
    "UPDATE access_company SET late_cancellation_hours = %s, late_cancellation_keeps = 'fee',"
    " late_cancellation_fee = 1000"
)
FREE = "ALTER TABLE bookings_latecancellation DROP CONSTRAINT IF EXISTS late_cancellation_once"


@contextmanager
def charging(shop: Shop) -> Iterator[None]:
    """Charge a fee of 10.00 for cancellations within a day of the start."""
    with shop.server.owner(autocommit=True) as owner:
        owner.execute(RULE, [24])
        try:
            yield
        finally:
            owner.execute(RULE, [None])


def race_to_cancel(shop: Shop) -> tuple[Counter[int], list[int]]:
    """Cancel one unpaid appointment 64 times at once; return the invoices for the fee."""
    customer = shop.customer()
    soon = datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=3)
    made = shop.book(customer, service_id=shop.service(), scheduled_at=soon.isoformat())()
    cancel = shop.do(made.json()["id"], "cancel")
    statuses = shop.at_once(*[cancel] * AT_ONCE)
    invoices = shop.send("GET", f"/v1/customers/{customer}/invoices").json()["data"]
    return statuses, [one["total"] for one in invoices]


def test_of_64_late_cancellations_one_asks_for_the_fee(shop: Shop) -> None:
    with charging(shop):
        assert race_to_cancel(shop) == (Counter({409: AT_ONCE - 1, 200: 1}), [1_000])


def test_without_the_locks_the_database_still_asks_once(unguarded: Shop) -> None:
    with charging(unguarded):
        assert race_to_cancel(unguarded)[1] == [1_000]


def test_without_the_guards_the_fee_is_asked_for_several_times(unguarded: Shop) -> None:
    # Drop the constraint for good, as no other test on this server needs it.
    with unguarded.server.owner(autocommit=True) as owner:
        owner.execute(FREE)
    with charging(unguarded):
        assert is_lost(lambda: len(race_to_cancel(unguarded)[1]) > 1)
