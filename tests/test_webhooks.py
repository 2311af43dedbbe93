"""Webhooks of a really started server: they come, verified, once killed senders or not.

Threats 35 and 36. Receivers listen on 127.0.0.2, the one address that this server is let reach;
nothing ever comes to the trap on 127.0.0.1.
"""

import json
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

import psycopg
import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from config.database import embedded
from tests.receivers import Got, Receiver, receiving, wait_until
from tests.servers import ROOT, Server, pids, started
from tests.shop import Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A company on a server of its own, whose webhooks may reach receivers of this test."""
    data = tmp_path_factory.mktemp("hooked") / "data"
    with started(data, "--no-demo", "--workers", "1", settings="tests.hasty") as server:
        yield Shop(server)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@contextmanager
def hooked(shop: Shop, url: str, *types: str) -> Iterator[Any]:
    """Have events sent to an address for a while."""
    made = shop.make("/v1/webhooks", {"url": url, "types": types or ["customer.created"]})
    yield made
    shop.send("DELETE", f"/v1/webhooks/{made['id']}")


def log_of(shop: Shop, webhook: Any) -> list[Any]:
    """Return every attempt that was made for a webhook."""
    path = f"/v1/webhooks/{webhook['id']}/deliveries"
    found = shop.send("GET", path).json()["data"]
    return [one for each in found for one in shop.send("GET", f"{path}/{each['id']}").json()["log"]]


def test_what_happens_comes_to_the_receiver_and_can_be_verified(
    shop: Shop, receiver: Receiver
) -> None:
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


def test_a_test_event_and_what_is_sent_again_come_the_same_way(
    shop: Shop, receiver: Receiver
) -> None:
    with hooked(shop, receiver.url) as webhook:
        path = f"/v1/webhooks/{webhook['id']}"
        assert shop.send("POST", f"{path}/test", {}).status_code < 300
        wait_until(lambda: receiver.got)
        assert json.loads(receiver.got[0].body)["type"] == "test.ping"
        new = shop.send("POST", f"{path}/rotate-secret", {}).json()["secret"]
        (sent,) = shop.send("GET", f"{path}/deliveries").json()["data"]
        wait_until(
            lambda: shop.send("GET", f"{path}/deliveries/{sent['id']}").json()["delivered_at"]
        )
        again = shop.send("POST", f"{path}/deliveries/{sent['id']}/redeliver", {})
        assert again.status_code < 300, again.text
        wait_until(lambda: len(receiver.got) == 2)
        first, second = receiver.got
        assert (first.message, first.body) == (second.message, second.body)
        for secret in (webhook["secret"], new):
            Webhook(secret).verify(second.body, second.headers)


def test_no_way_leads_to_an_address_inside(shop: Shop, receiver: Receiver) -> None:
    with receiving("127.0.0.1") as trap:
        port = trap.url.rpartition(":")[2]
        for host in (
            *("127.0.0.1", "169.254.169.254", "[::ffff:10.0.0.1]", "[64:ff9b::a9fe:a9fe]"),
            *("2130706433", "0x7f000001", "127.1", "[::1]", "[::ffff:127.0.0.1]"),
        ):
            answer = shop.send("POST", "/v1/webhooks", {"url": f"http://{host}:{port}/"})
            assert answer.status_code == 422, answer.text
        receiver.answer = lambda got: (307, {"Location": f"{trap.url}/"}, b"")
        with (
            hooked(shop, f"http://localhost:{port}/") as named,
            hooked(shop, receiver.url) as moved,
        ):
            shop.customer()
            wait_until(lambda: log_of(shop, named) and log_of(shop, moved))
            assert "not public" in log_of(shop, named)[0]["error"]
            assert log_of(shop, moved)[0]["status"] == 307
        assert trap.got == []


def test_one_that_is_gone_is_disabled(shop: Shop, receiver: Receiver) -> None:
    receiver.answer = lambda got: (410, {}, b"")
    with hooked(shop, receiver.url) as webhook:
        shop.customer()
        path = f"/v1/webhooks/{webhook['id']}"
        wait_until(lambda: shop.send("GET", path).json()["status"] == "disabled")
        assert shop.send("GET", path).json()["disabled_because"] == "gone"


def test_one_that_does_not_answer_holds_up_nobody_else(shop: Shop, receiver: Receiver) -> None:
    is_over = threading.Event()
    with receiving() as silent:
        silent.answer = lambda got: (is_over.wait(30), (204, {}, b""))[1]
        with hooked(shop, silent.url), hooked(shop, receiver.url):
            made = {shop.customer() for _ in range(20)}
            wait_until(lambda: len(receiver.got) == len(made), 14)
            assert len(silent.got) < len(made)
            is_over.set()


# --- Killed ---


@contextmanager
def killed(server: Server) -> Iterator[None]:
    """Have a second background worker at a server's data, and kill it in the end."""
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


class Maker(threading.Thread):
    """Makes customers over HTTP, and zones whose transaction is rolled back."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.shop, self.is_over = shop, threading.Event()
        self.made: list[str] = []

    def run(self) -> None:
        with psycopg.connect(embedded(self.shop.server.data).owner_url, autocommit=True) as line:
            while not self.is_over.wait(0.05):
                self.made.append(self.shop.customer())
                with line.transaction(force_rollback=True):
                    line.execute(
                        "INSERT INTO customers_zone (id, company_id, name, postal_codes)"
                        " SELECT gen_random_uuid(), id, 'Never', '{}' FROM access_company"
                    )


@pytest.mark.parametrize("kills", [3, pytest.param(100, marks=pytest.mark.rare)])
def test_killed_senders_lose_nothing_and_make_nothing_up(
    shop: Shop, receiver: Receiver, kills: int
) -> None:
    chance, pause = random.Random(kills), threading.Event()
    (own,) = pids(shop.server, "worker")
    os.kill(own, signal.SIGSTOP)
    maker, told = Maker(shop), defaultdict(set)
    try:
        with hooked(shop, receiver.url, "customer.created", "zone.created") as webhook:

            def verify(got: Got) -> tuple[int, dict[str, str], bytes]:
                body = Webhook(webhook["secret"]).verify(got.body, got.headers)
                told[body["data"]["object"]["id"]].add(got.message)
                pause.wait(0.05)
                return 204, {}, b""

            receiver.answer = verify
            maker.start()
            for _ in range(kills):
                came = len(receiver.got)
                with killed(shop.server):
                    wait_until(lambda came=came: len(receiver.got) > came + 3)
                    pause.wait(chance.random() / 5)
            maker.is_over.set()
            maker.join()
            with suppress(ProcessLookupError):
                os.kill(own, signal.SIGCONT)
            wait_until(lambda: len(told) >= len(maker.made))
    finally:
        maker.is_over.set()
        # One that was left stopped for long may have been started anew.
        with suppress(ProcessLookupError):
            os.kill(own, signal.SIGCONT)
    assert set(told) == set(maker.made), "every one that was committed, and no other"
    assert Counter(map(len, told.values())) == {1: len(maker.made)}, "the same id at every attempt"
    assert b"Never" not in b"".join(got.body for got in receiver.got)
