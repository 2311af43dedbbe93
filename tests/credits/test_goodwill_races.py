"""Two staff members who approve one goodwill at the same time issue one credit (threat 9)."""

from collections import Counter

import pytest

from tests.shop import AT_ONCE, Shop
from tests.test_races import TRIES, is_lost

pytestmark = pytest.mark.long


def race_to_approve(shop: Shop) -> tuple[Counter[int], int]:
    """Approve one goodwill 64 times at once; return the number of the customer's credits."""
    customer = shop.customer()
    path = f"/v1/goodwill/{shop.goodwill(customer)}/approve"
    statuses = shop.at_once(*[lambda: shop.send("POST", path)] * AT_ONCE)
    credits = shop.send("GET", f"/v1/customers/{customer}/credits").json()
    return statuses, credits["pagination"]["total"]


def test_goodwill_that_64_approve_at_once_gives_one_credit(shop: Shop) -> None:
    for _ in range(TRIES):
        assert race_to_approve(shop) == (Counter({409: AT_ONCE - 1, 200: 1}), 1)
    assert shop.is_sound()


def test_without_the_guard_goodwill_gives_several_credits(unguarded: Shop) -> None:
    assert is_lost(lambda: race_to_approve(unguarded)[1] > 1)
