"""If the database is down, out of disk or locked: 503, and no data is lost (threats 51 and 55).

A client that retries each request with the same Idempotency-Key until it is answered finds each
change made once.
"""

import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path

import psycopg
import pytest
import requests

from config.database import embedded
from config.outages import LOCKED, TOO_SLOW, Outage
from config.server.timeouts import OF_REQUESTS
from tests.servers import Server, pids, started
from tests.shop import AT_ONCE, Shop, numbers
from tests.threads import Meanwhile, wait_until

SECONDS_TO_RECOVER = 30
MEGABYTE = 1_048_576
ONE_WORKER = ("--no-demo", "--workers", "1")
# The tests' usual database loses its last transactions in a crash.
DURABLE = {"REGULARS_THROWAWAY": "0"}


class Writer(Meanwhile):
    """Creates one customer after the other, until the block ends."""

    def __init__(self, shop: Shop) -> None:
        super().__init__()
        self.shop = shop
        self.created: list[str] = []
        self.statuses: set[int] = set()
        self.wrong: list[str] = []
        self.before = self.count()

    def count(self) -> int:
        """Return the number of customers."""
        with self.shop.server.owner() as owner:
            ((found,),) = owner.execute("SELECT count(*) FROM customers_customer").fetchall()
        return found

    def step(self) -> None:
        """Send a request until it succeeds or the block ends."""
        key = f"key {next(numbers)}"
        body = {"first_name": f"Ann {next(numbers)}", "email": "ann@example.com"}
        while not self.is_over.is_set():
            answer = self.shop.send("POST", "/v1/customers", body, key)
            self.statuses.add(answer.status_code)
            if answer.status_code == 201:
                self.created.append(answer.json()["id"])
                return
            if answer.status_code != 503 or "Retry-After" not in answer.headers:
                self.wrong.append(answer.text)
            self.is_over.wait(0.2)

    def wait_for(self, more: int) -> None:
        """Wait until this many more customers were created."""
        goal = len(self.created) + more
        wait_until(lambda: len(self.created) >= goal, SECONDS_TO_RECOVER)

    def check(self) -> None:
        """Check that each created customer exists once, and that every response was expected."""
        assert self.wrong == []
        assert self.statuses == {201, 503}
        found = self.count() - self.before
        assert len(set(self.created)) == len(self.created)
        assert found - len(self.created) in (0, 1), "one may have been under way"
        for id in self.created:
            assert self.shop.send("GET", f"/v1/customers/{id}").status_code == 200


@contextmanager
def writing(shop: Shop) -> Iterator[Writer]:
    """Create customers during the block; then check the server's health and the customers."""
    with Writer(shop) as writer:
        writer.wait_for(3)
        yield writer
        writer.wait_for(3)
    assert status_of(shop.server, "/readyz") == 200
    writer.check()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A company on a server that has to be healthy again after each test."""
    data = tmp_path_factory.mktemp("outages") / "data"
    with started(data, *ONE_WORKER, **DURABLE) as server:
        yield Shop(server)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=260m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def status_of(server: Server, path: str) -> int:
    return requests.get(f"{server.url}{path}", timeout=30).status_code


@pytest.mark.long
def test_a_full_disk_is_a_503_until_there_is_space_again(disk: Path) -> None:
    with started(disk / "data", *ONE_WORKER, **DURABLE) as server, writing(Shop(server)) as writer:
        filler = disk / "filler"
        with filler.open("wb") as full, suppress(OSError):
            while True:
                full.write(bytes(MEGABYTE))
                full.flush()
        wait_until(lambda: 503 in writer.statuses, 60)
        time.sleep(20)
        assert server.process.poll() is None
        assert status_of(server, "/healthz") == 200
        filler.unlink()


@pytest.mark.parametrize(
    "seconds", [pytest.param(4, marks=pytest.mark.long), pytest.param(120, marks=pytest.mark.rare)]
)
def test_a_database_that_stops_is_a_503_until_it_is_back(shop: Shop, seconds: int) -> None:
    server = shop.server
    with (
        writing(shop),
        # While the test holds this lock, no process can start the database again.
        (server.data / "locks" / "changing").open("ab") as lock,
    ):
        fcntl.flock(lock, fcntl.LOCK_EX)
        postmaster = (server.data / "postgres" / "postmaster.pid").read_text().split()[0]
        os.kill(int(postmaster), signal.SIGQUIT)
        time.sleep(seconds)
        answer = requests.get(f"{server.url}/readyz", timeout=30)
        assert answer.status_code == 503
        assert answer.json()["reason"] == "The database cannot be reached."
        session = {"sessionid": "a" * 32}
        page = requests.get(f"{server.url}/admin/", cookies=session, timeout=30)
        assert (page.status_code, status_of(server, "/healthz")) == (503, 200)
        assert "text/html" in page.headers["Content-Type"]


@pytest.mark.long
def test_a_burst_waits_for_no_new_connections(tmp_path: Path) -> None:
    slow = {"settings": "tests.settings_slow_connections"}
    with started(tmp_path / "data", *ONE_WORKER, **slow) as server:
        shop = Shop(server)
        # A pool opens its connections one after the other, three at a time.
        time.sleep(8)
        read = partial(shop.send, "GET", "/v1/customers")
        assert shop.at_once(*[read] * AT_ONCE) == {200: AT_ONCE}


@contextmanager
def limited(server: Server, **limits: str) -> Iterator[None]:
    """Set limits of the runtime role, as the operator can; 0 means no limit."""
    change = "ALTER ROLE CURRENT_USER IN DATABASE regulars SET"
    with closing(psycopg.connect(embedded(server.data).runtime_url, autocommit=True)) as runtime:
        for name, limit in limits.items():
            runtime.execute(f"{change} {name} = '{limit}'")
        try:
            restart_worker(server)
            yield
        finally:
            for name in limits:
                runtime.execute(f"{change} {name} = '{OF_REQUESTS[name]}'")


def restart_worker(server: Server) -> None:
    """Replace the web worker, because only new connections use the new limits."""
    (old,) = pids(server, "granian")
    os.kill(old, signal.SIGKILL)
    wait_until(lambda: pids(server, "granian") - {old}, SECONDS_TO_RECOVER)


@pytest.mark.parametrize(
    ("limits", "outage"),
    [
        ({"lock_timeout": "400ms"}, LOCKED),
        ({"statement_timeout": "1s"}, TOO_SLOW),
        ({"lock_timeout": "0"}, None),
    ],
    ids=["lock", "statement", "neither"],
)
def test_a_long_lock_ends_requests_and_not_the_server(
    shop: Shop, limits: dict[str, str], outage: Outage | None
) -> None:
    with limited(shop.server, **limits):
        ask_for_what_is_locked(shop, limits, outage)


def ask_for_what_is_locked(shop: Shop, limits: dict[str, str], outage: Outage | None) -> None:
    server = shop.server
    shop.customer()
    with closing(psycopg.connect(embedded(server.data).runtime_url)) as runtime:
        for name, limit in (OF_REQUESTS | limits).items():
            (is_set,) = runtime.execute(
                "SELECT current_setting(%s)::interval = %s::interval", [name, limit]
            ).fetchone()  # type: ignore[misc]
            assert is_set, name
    with server.owner() as owner:
        owner.execute("LOCK TABLE customers_customer IN ACCESS EXCLUSIVE MODE")
        waiting = [
            shop.threads.submit(shop.send, "GET", "/v1/customers"),
            shop.threads.submit(
                shop.send, "POST", "/v1/customers", {"first_name": "Ann", "email": "a@b.example"}
            ),
        ]
        time.sleep(2)
        if outage is None:
            # The negative control: without the limit, no request is answered.
            assert not any(one.done() for one in waiting)
        else:
            # The requests are answered while the table is still locked.
            for one in waiting:
                check_outage(one.result(timeout=60), outage)
        assert status_of(server, "/healthz") == 200
    for one in waiting:
        one.result()
    assert shop.send("GET", "/v1/customers").status_code == 200


def check_outage(answer: requests.Response, outage: Outage) -> None:
    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, str(outage.seconds))
    assert answer.json()["error"]["message"] == outage.message


@pytest.mark.parametrize("limit", ["500ms", "0"], ids=["with a limit", "without"])
def test_an_idle_transaction_ends_by_the_limit_of_the_role(shop: Shop, limit: str) -> None:
    """A worker is stopped in the middle of a change; the change keeps its locks until the limit."""
    server, customer = shop.server, shop.customer()
    path = f"/v1/customers/{customer}"
    with limited(server, idle_in_transaction_session_timeout=limit):
        (worker,) = pids(server, "granian")
        with server.owner() as owner:
            owner.execute("SELECT FROM customers_customer FOR UPDATE")
            asked = shop.threads.submit(shop.send, "PATCH", path, {"first_name": "Zoë"})
            waits = "SELECT FROM pg_locks WHERE NOT granted"
            wait_until(lambda: bool(owner.execute(waits).fetchall()), SECONDS_TO_RECOVER)
            os.kill(worker, signal.SIGSTOP)
        try:
            time.sleep(3)
        finally:
            os.kill(worker, signal.SIGCONT)
        answer = asked.result(timeout=60)
        shown = shop.send("GET", path).json()["first_name"]
    if limit == "0":
        # The negative control: the transaction waits until the worker continues.
        assert (answer.status_code, shown) == (200, "Zoë")
    else:
        check_outage(answer, TOO_SLOW)
        assert shown == "Ann"


def test_a_command_may_take_longer_than_a_request(shop: Shop) -> None:
    with limited(shop.server, statement_timeout="1s"), shop.server.owner() as owner:
        owner.execute("LOCK TABLE credits_credit IN ACCESS EXCLUSIVE MODE")
        asked = shop.threads.submit(shop.server.run, "credit_liability", "--company", "shop")
        waits = "SELECT FROM pg_locks WHERE relation = 'credits_credit'::regclass AND NOT granted"
        wait_until(lambda: bool(owner.execute(waits).fetchall()), 60)
        time.sleep(2)
        assert not asked.done()
    asked.result(timeout=60)
