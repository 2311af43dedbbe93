"""Workers are killed while they work; a client that retries gets its response (threat 18).

Each client sends one request after the other, each with its own key and until it is answered. At
the end, each response matches exactly one effect.
"""

import os
import random
import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.servers import Server, pids, started
from tests.shop import Shop, numbers
from tests.threads import Meanwhile, wait_until

CLIENTS = 6
# A new worker serves no requests yet, so killing it proves nothing.
SECONDS_TO_LIVE = 6
# CI has no time for the rare case; all cases run before a release.
KILLS = [pytest.param(40, marks=pytest.mark.long), pytest.param(200, marks=pytest.mark.rare)]


class Client(Meanwhile):
    """Issues credits to a customer and uses one credit bit by bit, until the block ends."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.shop, self.customer = shop, shop.customer()
        self.purse = shop.credit(self.customer, amount=1_000_000)
        self.coupon = shop.make("/v1/coupons", {"name": "Gift", "amount": 500})["id"]
        self.issued: dict[str, Any] = {}
        self.used: dict[str, Any] = {}
        self.sent_again = 0

    @property
    def done(self) -> int:
        return len(self.issued) + len(self.used)

    def step(self) -> None:
        issue = f"/customers/customers/{self.customer}/credits"
        use = f"/v1/customers/{self.customer}/credits/{self.purse}/redemptions"
        key = f"key {next(numbers)}"
        body = {"coupon_id": self.coupon, "customer_id": self.customer}
        self.issued[key] = self.insist(issue, body, key)["data"]["id"]
        self.used[key] = self.insist(use, {"amount": 1, "reference": key}, f"{key} too")["id"]

    def insist(self, path: str, body: Any, key: str) -> Any:
        """Send a request repeatedly until it is answered."""
        while True:
            try:
                answer = self.shop.send("POST", path, body, key)
            except requests.RequestException:
                self.sent_again += 1
                self.is_over.wait(0.05)
                continue
            if "Retry-After" not in answer.headers:
                assert answer.status_code == 201, answer.text
                return answer.json()
            self.is_over.wait(0.05)

    def check(self) -> None:
        """Check that the customer's credits match exactly the answered requests."""
        path = f"/customers/customers/{self.customer}/credits"
        pages = -(-(len(self.issued) + 1) // 100)
        found = {
            one["id"]
            for page in range(1, pages + 1)
            for one in self.shop.send("GET", f"{path}?per_page=100&page={page}").json()["data"]
        }
        assert found == {self.purse, *self.issued.values()}
        total = self.shop.send("GET", f"{path}?per_page=1").json()["meta"]["total"]
        assert total == len(self.issued) + 1
        seen = self.shop.send("GET", f"{path}/{self.purse}").json()["data"]
        assert seen["times_redeemed"] == len(self.used)
        held = self.shop.send("GET", f"/v1/customers/{self.customer}/credits/balance").json()
        assert held["amount"] == 1_000_000 - len(self.used) + 500 * len(self.issued)


class Killer:
    """Kills a random worker among those that are old enough."""

    def __init__(self, server: Server) -> None:
        self.server, self.chance = server, random.Random(1)
        self.born = dict.fromkeys(pids(server, "granian"), float("-inf"))

    def kill(self) -> None:
        wait_until(self._has_somebody)
        os.kill(self.chance.choice(self.old), signal.SIGKILL)

    def _has_somebody(self) -> bool:
        now = time.monotonic()
        self.born = {pid: self.born.get(pid, now) for pid in pids(self.server, "granian")}
        self.old = sorted(pid for pid, since in self.born.items() if now - since > SECONDS_TO_LIVE)
        return bool(self.old)


@pytest.mark.parametrize("kills", KILLS)
def test_killed_workers_do_nothing_twice_and_forget_nothing(tmp_path: Path, kills: int) -> None:
    with started(tmp_path / "data", "--no-demo", "--workers", "6") as server:
        shop, killer = Shop(server), Killer(server)
        clients = [Client(shop) for _ in range(CLIENTS)]
        with ExitStack() as stack:
            for client in clients:
                stack.enter_context(client)
            killed = 0
            while killed < kills:
                done = sum(client.done for client in clients)
                wait_until(lambda done=done: sum(one.done for one in clients) > done + 5)
                killer.kill()
                killed += 1
        # All clients finished, so no key is still in use.
        assert sum(client.sent_again for client in clients) > 0, "kills met requests at work"
        for client in clients:
            client.check()
        assert shop.is_sound()
