"""Webhooks of a started server are delivered with valid signatures, even if senders are killed.

Threats 35 and 36. Receivers listen on 127.0.0.2, the only private address that this server may
reach; the trap on 127.0.0.1 must never get a request.
"""

import os
import random
import signal
import subprocess
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from tests.receivers import Got, Receiver, receiving
from tests.servers import ROOT, Server, pids, started
from tests.shop import Shop
from tests.threads import Meanwhile, wait_until


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A company on its own server, whose webhooks may reach the receivers of this test."""
    data = tmp_path_factory.mktemp("hooked") / "data"
    with started(
        data, "--no-demo", "--workers", "1", settings="tests.settings_short_lease"
    ) as server:
        yield Shop(server)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@contextmanager
def hooked(shop: Shop, url: str, *types: str) -> Iterator[Any]:
    """Register a webhook during the block."""
    made = shop.make("/v1/webhooks", {"url": url, "types": types or ["customer.created"]})
    yield made
    shop.send("POST", f"/v1/webhooks/{made['id']}/archive")


def log_of(shop: Shop, webhook: Any) -> list[Any]:
    """Return every delivery attempt of a webhook."""
    path = f"/v1/webhooks/{webhook['id']}/deliveries"
    found = shop.send("GET", path).json()["data"]
    return [one for each in found for one in shop.send("GET", f"{path}/{each['id']}").json()["log"]]


def test_events_come_to_the_receiver_and_can_be_verified(shop: Shop, receiver: Receiver) -> None:
    with hooked(shop, receiver.url) as webhook:
        customer = shop.customer()
        wait_until(lambda: receiver.got)
        (got,) = receiver.got
        body = Webhook(webhook["secret"]).verify(got.body, got.headers)
        assert body["type"] == "customer.created"
        assert body["data"]["object"]["id"] == customer
        assert got.message.startswith("msg_")
        with pytest.raises(WebhookVerificationError):
            Webhook(webhook["secret"]).verify(got.body.replace(b"Ann", b"Bob"), got.headers)


def test_no_way_leads_to_an_address_inside(shop: Shop, receiver: Receiver) -> None:
    with receiving("127.0.0.1") as trap:
        port = trap.url.rpartition(":")[2]
        refused = shop.send("POST", "/v1/webhooks", {"url": f"{trap.url}/"})
        assert refused.status_code == 422, refused.text
        receiver.answer = lambda got: (307, {"Location": f"{trap.url}/"}, b"")
        with (
            hooked(shop, f"http://localhost:{port}/") as named,
            hooked(shop, receiver.url) as moved,
        ):
            shop.customer()
            wait_until(lambda: log_of(shop, named) and log_of(shop, moved))
            assert "not public" in log_of(shop, named)[0]["error"]
            assert log_of(shop, moved)[0]["http_status"] == 307
        assert trap.got == []


def test_one_that_does_not_answer_holds_up_nobody_else(shop: Shop, receiver: Receiver) -> None:
    is_over = threading.Event()
    with receiving() as silent:
        silent.answer = lambda got: (is_over.wait(30), (204, {}, b""))[1]
        with hooked(shop, silent.url), hooked(shop, receiver.url):
            made = {shop.customer() for _ in range(20)}
            wait_until(lambda: len(receiver.got) == len(made), 14)
            assert len(silent.got) < len(made)
            is_over.set()


@contextmanager
def killed(server: Server) -> Iterator[None]:
    """Run a second background worker during the block, and kill it at the end."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "config.server.work"],
        cwd=ROOT, env=server.environment, stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield
    finally:
        worker.kill()
        worker.communicate()


class Maker(Meanwhile):
    """Creates customers over HTTP, and zones in transactions that are rolled back."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.shop, self.made = shop, list[str]()

    def step(self) -> None:
        self.is_over.wait(0.05)
        self.made.append(self.shop.customer())
        with self.shop.server.owner() as line, line.transaction(force_rollback=True):
            line.execute(
                "INSERT INTO customers_zone (id, company_id, name, postal_codes)"
                " SELECT gen_random_uuid(), id, 'Never', '{}' FROM access_company"
            )


@pytest.mark.parametrize("kills", [2, pytest.param(100, marks=pytest.mark.rare)])
def test_killed_senders_lose_or_invent_nothing(shop: Shop, receiver: Receiver, kills: int) -> None:
    chance, pause = random.Random(kills), threading.Event()
    (own,) = pids(shop.server, "worker")
    os.kill(own, signal.SIGSTOP)
    told = defaultdict(set)
    try:
        with hooked(shop, receiver.url, "customer.created", "zone.created") as webhook:

            def verify(got: Got) -> tuple[int, dict[str, str], bytes]:
                body = Webhook(webhook["secret"]).verify(got.body, got.headers)
                told[body["data"]["object"]["id"]].add(got.message)
                pause.wait(0.05)
                return 204, {}, b""

            receiver.answer = verify
            with Maker(shop) as maker:
                for _ in range(kills):
                    came = len(receiver.got)
                    with killed(shop.server):
                        wait_until(lambda came=came: len(receiver.got) > came + 3)
                        pause.wait(chance.random() / 5)
            with suppress(ProcessLookupError):
                os.kill(own, signal.SIGCONT)
            wait_until(lambda: len(told) >= len(maker.made))
    finally:
        # A worker that was stopped for long may have been replaced.
        with suppress(ProcessLookupError):
            os.kill(own, signal.SIGCONT)
    assert set(told) == set(maker.made), "every one that was committed, and no other"
    assert Counter(map(len, told.values())) == {1: len(maker.made)}, "the same id at every attempt"
    assert b"Never" not in b"".join(got.body for got in receiver.got)
