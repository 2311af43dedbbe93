"""Simultaneous requests with the same `Idempotency-Key` (threats 15 to 17), or with one ETag."""

from collections import Counter
from typing import Any

import pytest
import requests

from tests.shop import Shop, numbers

pytestmark = pytest.mark.long

TWINS = 20


def send_twins(shop: Shop, path: str, body: Any) -> list[requests.Response]:
    """Send one request many times at once with one key; retry while the key is in use."""
    key = f"twins {next(numbers)}"

    def send() -> requests.Response:
        while (answer := shop.send("POST", path, body, key)).headers.get("Retry-After"):
            pass
        return answer

    return shop.answers_at_once(*[send] * TWINS)


def paid_by_twins(shop: Shop) -> tuple[int, int]:
    """Pay half an invoice in cash; return the number of payments and of different responses."""
    payment = {"amount": 500, "method": "cash"}
    path = f"/v1/invoices/{shop.invoice(20_000)}/payments"
    answers = send_twins(shop, path, payment)
    assert {answer.status_code for answer in answers} == {201}
    made = shop.send("GET", path).json()["data"]
    return len(made), len({answer.content for answer in answers})


@pytest.mark.parametrize("means", ["redeem", "issue", "book", "refund"])
def test_twins_have_one_effect_and_one_answer(shop: Shop, means: str) -> None:
    customer = shop.customer()
    theirs = {"customer_id": customer}
    credits = f"/customers/customers/{customer}/credits"
    credit = shop.credit(customer, amount=10_000)
    coupon = shop.make("/v1/coupons", {"name": "Twins", "amount": 500})["id"]
    visit = {"service_id": shop.service(), "scheduled_at": "2099-06-01T09:30Z"}
    used = f"/v1/customers/{customer}/credits/{credit}/redemptions"
    path, body = {
        "redeem": (used, {"amount": 100, "reference": "twins"}),
        "issue": (credits, {"coupon_id": coupon, **theirs}),
        "book": ("/v1/bookings", {**visit, **theirs}),
        "refund": (
            f"/v1/payments/{shop.payment(1_000)}/refunds",
            {"amount": 100, "reason": "Torn"},
        ),
    }[means]
    before = shop.changes()
    answers = send_twins(shop, path, body)
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == TWINS - 1
    together = shop.changes() - before
    before = shop.changes()
    shop.send("POST", path, {**body, "reference": "alone"} if means == "redeem" else body)
    assert together == shop.changes() - before, "as many changes as one of them makes"
    assert shop.is_sound()


def test_twins_pay_once(shop: Shop) -> None:
    assert paid_by_twins(shop) == (1, 1)


def test_without_a_lock_on_the_key_twins_pay_several_times(unguarded: Shop) -> None:
    assert paid_by_twins(unguarded) > (1, 1)


def test_a_twin_waits_for_three_seconds_and_is_told_to_come_back(shop: Shop) -> None:
    customer = shop.customer()
    path, body = f"/v1/customers/{customer}", {"content": "Prefers mornings."}
    with shop.server.owner() as owner:
        owner.execute("SELECT 1 FROM customers_customer FOR UPDATE")
        first = shop.threads.submit(shop.send, "POST", f"{path}/notes", body, "slow")
        while not owner.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall():
            pass
        twin = shop.send("POST", f"{path}/notes", body, "slow")
        assert (twin.status_code, twin.headers["Retry-After"]) == (409, "1")
        assert twin.json()["error"]["code"] == "request_in_flight"
    assert first.result().status_code == 201
    again = shop.send("POST", f"{path}/notes", body, "slow")
    assert (again.status_code, again.content) == (201, first.result().content)


def change_at_once(shop: Shop, path: str, changes: list[Any]) -> Counter[int]:
    """Send changes to one object at once, all with the same ETag."""
    tag = shop.send("GET", path).headers["ETag"]
    calls = [
        lambda change=change: shop.send("PATCH", path, change, headers={"If-Match": tag})
        for change in changes
    ]
    return shop.at_once(*calls)


def renamings(shop: Shop) -> Counter[int]:
    path = f"/v1/customers/{shop.customer()}"
    return change_at_once(shop, path, [{"first_name": f"Ann {turn}"} for turn in range(TWINS)])


def test_of_those_who_saw_the_same_one_changes_it(shop: Shop) -> None:
    assert renamings(shop) == Counter({412: TWINS - 1, 200: 1})


def test_without_the_lock_several_change_what_they_saw(unguarded: Shop) -> None:
    assert renamings(unguarded)[200] > 1


def test_a_service_and_a_booking_are_changed_by_one_too(shop: Shop) -> None:
    service = shop.service()
    at = {"service_id": service, "facilitator_id": shop.facilitator()}
    booking = shop.book(shop.customer(), scheduled_at="2099-06-01T09:30Z", **at)().json()["id"]
    prices = [{"price": 1_000 + turn} for turn in range(TWINS)]
    times = [{"scheduled_at": f"2099-06-02T{hour:02}:00Z"} for hour in range(TWINS)]
    for path, changes in ((f"services/{service}", prices), (f"bookings/{booking}", times)):
        done = change_at_once(shop, f"/v1/{path}", changes)
        assert done == Counter({412: TWINS - 1, 200: 1}), path
