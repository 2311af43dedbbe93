"""Many at once, over HTTP, on a really started server with 4 workers (threats 9 to 12).

Each race is run again on a server without the guard, where it must be lost: what no guard is
needed for proves nothing.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
import requests

from config.access.scopes import SCOPES
from config.database import embedded
from tests.servers import Server, started

AT_ONCE = 64
numbers = itertools.count()


class Shop:
    """A company on a started server, and a session for each thread."""

    def __init__(self, server: Server) -> None:
        self.server = server
        server.run("create_company", "Shop", "--slug", "shop")
        key = server.run(
            "create_api_key", "--company", "shop", "--name", "k", "--scopes", " ".join(SCOPES)
        )
        self.headers = {"Authorization": f"Bearer {key['key']}"}
        self.threads = ThreadPoolExecutor(AT_ONCE)
        self.coupons: dict[str, str] = {}

    def send(self, method: str, path: str, body: Any = None) -> requests.Response:
        return requests.request(
            method, self.server.url + path, json=body, headers=self.headers, timeout=60
        )

    def make(self, path: str, body: Any) -> Any:
        answer = self.send("POST", path, body)
        assert answer.status_code == 201, answer.text
        return answer.json().get("data", answer.json())

    def customer(self) -> str:
        body = {"first_name": "Ann", "email": f"ann{next(numbers)}@example.com"}
        return self.make("/v1/customers", body)["id"]

    def credit(self, customer: str, **terms: Any) -> str:
        name = str(terms)
        if name not in self.coupons:
            self.coupons[name] = self.make("/v1/coupons", {"name": "Race", **terms})["id"]
        return self.make(
            f"/customers/customers/{customer}/credits",
            {"coupon_id": self.coupons[name], "customer_id": customer},
        )["id"]

    def at_once(self, *calls: Callable[[], requests.Response]) -> Counter[int]:
        """Make all calls at the same time and count the statuses; none may be a 5xx."""
        statuses = Counter(
            answer.status_code for answer in self.threads.map(lambda call: call(), calls)
        )
        assert not [status for status in statuses if status >= 500], statuses
        return statuses

    def redeem(self, customer: str, credit: str, **body: Any) -> Callable[[], requests.Response]:
        path = f"/v1/customers/{customer}/credits/{credit}/redemptions"
        sent = {"reference": f"r{next(numbers)}", **body}
        return lambda: self.send("POST", path, sent)

    def revoke(self, customer: str, credit: str) -> Callable[[], requests.Response]:
        path = f"/customers/customers/{customer}/credits/{credit}"
        return lambda: self.send("DELETE", path)

    def payment(self, amount: int) -> str:
        """Take money for an invoice and return the payment's id."""
        invoice = self.make(
            "/v1/invoices",
            {
                "customer_id": self.customer(),
                "line_items": [{"description": "Oil", "quantity": 1, "unit_price": amount}],
            },
        )
        path = f"/v1/invoices/{invoice['id']}/payments"
        return self.make(path, {"amount": amount, "method": "cash"})["id"]

    def refund(self, payment: str, amount: int) -> Callable[[], requests.Response]:
        return lambda: self.send("POST", f"/v1/payments/{payment}/refunds", {"amount": amount})

    def is_sound(self) -> bool:
        """Say whether the proof of the ledger holds."""
        return self.server.try_to("check_ledger", "--company", "shop").returncode == 0


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    data = tmp_path_factory.mktemp("races") / "data"
    with started(data, "--no-demo", "--workers", "4") as server:
        yield Shop(server)


@pytest.fixture(scope="module")
def unguarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    data = tmp_path_factory.mktemp("unguarded") / "data"
    with started(data, "--no-demo", "--workers", "4", settings="tests.unguarded") as server:
        yield Shop(server)


def race_for_one_use(shop: Shop, credits: int) -> list[Counter[int]]:
    results = []
    for _ in range(credits):
        customer = shop.customer()
        credit = shop.credit(customer, offering="Massage")
        results.append(shop.at_once(*(shop.redeem(customer, credit) for _ in range(AT_ONCE))))
    return results


def race_for_parts(shop: Shop) -> tuple[Counter[int], int]:
    customer = shop.customer()
    credit = shop.credit(customer, amount=1_000)
    calls = (shop.redeem(customer, credit, amount=30) for _ in range(AT_ONCE))
    statuses = shop.at_once(*calls)
    balance = shop.send("GET", f"/v1/customers/{customer}/credits/balance").json()
    return statuses, balance["amount"]


def test_one_use_is_had_once_by_64_at_the_same_time(shop: Shop) -> None:
    results = race_for_one_use(shop, credits=50)
    assert results == [Counter({409: AT_ONCE - 1, 201: 1})] * 50
    assert shop.is_sound()


def test_without_the_guard_one_use_is_had_by_several(unguarded: Shop) -> None:
    results = race_for_one_use(unguarded, credits=3)
    assert any(statuses[201] > 1 for statuses in results)
    assert not unguarded.is_sound(), "and the proof finds it"


def test_a_balance_is_used_to_what_it_holds_and_no_further(shop: Shop) -> None:
    statuses, left = race_for_parts(shop)
    assert (statuses, left) == (Counter({201: 33, 409: 31}), 10)
    assert shop.is_sound()


def test_without_the_guard_a_balance_is_overspent(unguarded: Shop) -> None:
    statuses, _ = race_for_parts(unguarded)
    assert statuses[201] > 33


def test_refunds_never_come_to_more_than_was_paid(shop: Shop) -> None:
    payment = shop.payment(1_000)
    statuses = shop.at_once(*(shop.refund(payment, 30) for _ in range(AT_ONCE)))
    assert statuses == Counter({201: 33, 409: 31})
    assert shop.send("POST", f"/v1/payments/{payment}/refunds").json()["amount"] == 10


def test_without_its_guards_more_is_given_back_than_was_paid(unguarded: Shop) -> None:
    with psycopg.connect(embedded(unguarded.server.data).owner_url) as owner:
        owner.execute("ALTER TABLE billing_payment DISABLE TRIGGER billing_payment_fits")
    payment = unguarded.payment(1_000)
    statuses = unguarded.at_once(*(unguarded.refund(payment, 30) for _ in range(AT_ONCE)))
    assert statuses[201] > 33


def use_and_revoke(shop: Shop) -> tuple[str, str, Counter[int]]:
    """Use and revoke a credit 32 times each at once; return customer, credit and statuses."""
    customer = shop.customer()
    credit = shop.credit(customer, offering="Massage")
    uses = [shop.redeem(customer, credit) for _ in range(32)]
    revocations = [shop.revoke(customer, credit) for _ in range(32)]
    mixed = [call for pair in zip(uses, revocations, strict=True) for call in pair]
    return customer, credit, shop.at_once(*mixed)


def test_of_using_and_revoking_one_wins(shop: Shop) -> None:
    for _ in range(50):
        customer, credit, statuses = use_and_revoke(shop)
        seen = shop.send("GET", f"/customers/customers/{customer}/credits/{credit}").json()["data"]
        if seen["redeemed_at"]:
            assert statuses == Counter({201: 1, 409: 31, 400: 32})
            assert (seen["revoked_at"], seen["times_redeemed"]) == (None, 1)
        else:
            assert statuses == Counter({200: 32, 409: 32})
            assert (seen["revoked_at"] is None, seen["times_redeemed"]) == (False, 0)
    assert shop.is_sound()


def test_without_the_guard_both_win_or_the_server_breaks(unguarded: Shop) -> None:
    def is_lost() -> bool:
        try:
            *_, statuses = use_and_revoke(unguarded)
        except AssertionError:
            return True
        return statuses[201] > 1 or bool(statuses[201] and statuses[200])

    assert any(is_lost() for _ in range(10))


def test_one_use_is_given_back_once(shop: Shop) -> None:
    customer = shop.customer()
    credit = shop.credit(customer, amount=100)
    path = f"/v1/customers/{customer}/credits/{credit}/redemptions"
    use = shop.make(path, {"reference": "a", "amount": 60})
    give_back = f"{path}/{use['id']}/reversal"
    calls = [lambda: shop.send("POST", give_back)] * AT_ONCE
    assert shop.at_once(*calls) == Counter({409: AT_ONCE - 1, 200: 1})
    balance = shop.send("GET", f"/v1/customers/{customer}/credits/balance").json()
    assert balance["amount"] == 100
    assert shop.is_sound()
