"""Concurrent merges, and a booking that is made during a merge (threat 60)."""

from collections import Counter

import pytest

from tests.shop import AT_ONCE, Shop
from tests.test_races import TRIES, is_lost

pytestmark = pytest.mark.long


def left_behind(shop: Shop) -> int:
    """Count the bookings that still refer to a merged customer."""
    sql = """
        SELECT count(*) FROM bookings_booking AS booking JOIN customers_customer AS customer
            ON customer.company_id = booking.company_id AND customer.id = booking.customer_id
         WHERE customer.merged_into_id IS NOT NULL"""
    with shop.server.owner() as owner:
        return int(owner.execute(sql).fetchall()[0][0])


def race_to_merge(shop: Shop) -> Counter[int]:
    """Merge two customers into each other, 64 times at once."""
    one, other = shop.customer(), shop.customer()
    path = "/v1/customers/{}/merge"
    calls = [
        lambda: shop.send("POST", path.format(one), {"merged_customer_id": other}),
        lambda: shop.send("POST", path.format(other), {"merged_customer_id": one}),
    ]
    return shop.at_once(*calls * (AT_ONCE // 2))


def race_to_book(shop: Shop) -> int:
    """Book for a customer during a merge; return how many bookings still refer to that customer."""
    kept, merged, service = shop.customer(), shop.customer(), shop.service()
    books = [
        shop.book(merged, service_id=service, scheduled_at=f"2099-06-{day:02}T09:30Z")
        for day in range(1, 29)
    ]
    path, body = f"/v1/customers/{kept}/merge", {"merged_customer_id": merged}
    calls = [*books[:14], lambda: shop.send("POST", path, body), *books[14:]]
    statuses = shop.at_once(*calls)
    assert statuses.keys() <= {200, 201, 409}
    assert statuses[200] == 1
    return left_behind(shop)


def race_to_pay(shop: Shop) -> Counter[int]:
    """Pay an invoice of a merged customer while the merge is undone; return the statuses."""
    kept, merged = shop.customer(), shop.customer()
    lines = [{"description": "Oil", "quantity": 1, "unit_price": 100}]
    invoice = shop.make("/v1/invoices", {"customer_id": merged, "line_items": lines})["id"]
    done = shop.send("POST", f"/v1/customers/{kept}/merge", {"merged_customer_id": merged})
    path = f"/v1/customers/{kept}/merges/{done.json()['id']}/undo"
    pay = f"/v1/invoices/{invoice}/payments"
    pays = [lambda: shop.send("POST", pay, {"amount": 1, "method": "cash"})] * 20
    calls = [*pays[:2], lambda: shop.send("POST", path), *pays[2:]]
    return Counter(answer.status_code for answer in shop.threads.map(lambda one: one(), calls))


def test_of_64_merges_of_two_customers_one_is_done(shop: Shop) -> None:
    for _ in range(TRIES):
        statuses = race_to_merge(shop)
        assert statuses[200] == 1
        assert statuses.keys() <= {200, 409, 422}


def test_no_booking_is_left_behind_by_a_merge(shop: Shop) -> None:
    for _ in range(TRIES):
        assert race_to_book(shop) == 0
    assert shop.is_sound()


def test_without_the_locks_a_booking_is_left_behind(unguarded: Shop) -> None:
    assert is_lost(lambda: race_to_book(unguarded) > 0)


def test_a_payment_while_a_merge_is_undone_is_made_or_refused(shop: Shop) -> None:
    for _ in range(TRIES):
        assert race_to_pay(shop).keys() <= {200, 201, 409}
    assert shop.is_sound()


def test_without_the_comparison_a_payment_breaks(unguarded: Shop) -> None:
    assert is_lost(lambda: any(status >= 500 for status in race_to_pay(unguarded)))
