"""Slow clients block no other client (threats 47 and 55), over HTTP on started servers."""

import asyncio
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
import pytest
import requests

from config.database import embedded
from config.server.asgi.connections import SlowReaders
from tests.servers import Server, started
from tests.shop import Shop
from tests.slow_clients import (
    connect,
    drip,
    hanging,
    head,
    is_answered,
    rest_of,
    sip,
    threads_that_wait,
)

pytestmark = pytest.mark.long

CLIENTS = 50
READERS = 40
# One company may use 6 of the 8 threads; a quarter is reserved for the others.
OF_ONE_COMPANY = 6
# How long to query a server without a free thread; it frees threads after 10 seconds or more.
SECONDS_WITHOUT_ANSWER = 4
CUSTOMERS = 12_000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A company with many customers, on one web worker with the default settings."""
    data = tmp_path_factory.mktemp("slow") / "data"
    with started(data, "--no-demo", "--workers", "1") as server:
        shop = Shop(server)
        rows = [f"Ann{n},Lee{n},ann{n}@example.com" for n in range(CUSTOMERS)]
        file = data.parent / "customers.csv"
        file.write_text("\n".join(["First name,Last name,Email", *rows]))
        server.run("import_customers", str(file), "--company", "shop")
        yield shop


@pytest.fixture(scope="module")
def neighbour(shop: Shop) -> dict[str, str]:
    """The credential of another company, created first."""
    shop.server.run("create_company", "Beside", "--slug", "beside")
    made = shop.server.run(
        "create_api_key", "--company", "beside", "--name", "k",
        "--scopes", "customers:read coupons:read",
    )  # fmt: skip
    return {"X-API-Key": made["key"]}


def slow(shop: Shop) -> dict[str, tuple[int, bytes, bool]]:
    """Return the number of clients, the bytes they send first, and whether they read slowly."""
    form = {"Content_Type": "application/x-www-form-urlencoded", "Content_Length": "500"}
    body = head("POST", "/v1/customers", Content_Length="500", **shop.headers)
    csv = {"Content_Type": "text/csv", "Content_Length": "20000000"}
    return {
        "file": (CLIENTS, head("POST", "/v1/imports", **csv, **shop.headers), False),
        "token": (CLIENTS, head("POST", "/oauth/token", **form), False),
        "body": (CLIENTS, body, False),
        "upload": (CLIENTS, head("POST", "/admin/login/", Content_Length="900000"), False),
        "head": (CLIENTS, b"GET /v1/customers HTTP/1.1\r\nHost: local", False),
        "stream": (READERS, head("GET", "/customers", **shop.headers), True),
    }


@contextmanager
def locked_customers(
    shop: Shop, port: int, credential: dict[str, str]
) -> Iterator[psycopg.Connection]:
    """Lock the table of customers, and let 30 requests of a company wait for it."""
    with ExitStack() as stack:
        owner = stack.enter_context(psycopg.connect(embedded(shop.server.data).owner_url))
        owner.execute("LOCK TABLE customers_customer IN ACCESS EXCLUSIVE MODE")
        clients = [stack.enter_context(connect(port)) for _ in range(30)]
        for client in clients:
            client.sendall(head("GET", "/v1/customers", **credential))
        yield owner
        readable, _, _ = select.select(clients, [], [], 0)
        assert not readable, "the requests still wait for the table"


def at_once(shop: Shop, port: int, credential: dict[str, str]) -> int:
    """Return how many requests of a company run at the same time, by counting waits for a lock.

    A count by the background worker may wait for the lock as well, and add one.
    """
    sql = (
        "SELECT count(*) FROM pg_locks"
        " WHERE relation = 'customers_customer'::regclass AND NOT granted"
    )
    most, until = 0, time.monotonic() + SECONDS_WITHOUT_ANSWER
    with locked_customers(shop, port, credential) as owner:
        while most < OF_ONE_COMPANY and time.monotonic() < until:
            ((waiting,),) = owner.execute(sql).fetchall()
            most = max(most, waiting)
            time.sleep(0.1)
    return most


@pytest.mark.parametrize("kind", ["token", "body", "file", "upload", "head", "stream"])
def test_slow_clients_take_no_thread(
    shop: Shop, threads: int, neighbour: dict[str, str], kind: str
) -> None:
    count, begin, reads = slow(shop)[kind]
    url = shop.server.url
    with hanging(shop.server.port, count, begin, reads=reads):
        assert is_answered(f"{url}/healthz")
        assert is_answered(f"{url}/readyz")
        assert is_answered(f"{url}/v1/customers", **neighbour)
        assert at_once(shop, shop.server.port, neighbour) in (OF_ONE_COMPANY, OF_ONE_COMPANY + 1)
    if kind in ("token", "body", "stream"):
        # The negative control: threads that wait for slow clients answer no other client.
        with hanging(threads, count, begin, reads=reads):
            url = f"http://127.0.0.1:{threads}/healthz"
            assert not is_answered(url, within=SECONDS_WITHOUT_ANSWER)
            assert at_once(shop, threads, neighbour) <= 1


def test_a_slow_file_keeps_its_own_company_alone_from_sending_another(
    shop: Shop, neighbour: dict[str, str]
) -> None:
    url, file = f"{shop.server.url}/v1/imports", b"First name\n" + b"Ann\n" * 500_000

    def status(**headers: str) -> int:
        headers = {"Content-Type": "text/csv", **headers}
        return requests.post(url, file, headers=headers, timeout=60).status_code

    _, begin, _ = slow(shop)["file"]
    with hanging(shop.server.port, 1, begin):
        assert status(**shop.headers) == 429
        # The file was read to its end, and the credential has no scope for imports.
        assert status(**neighbour) == 403
        assert status(**{"X-API-Key": "nonsense"}) == 401
        assert is_answered(f"{shop.server.url}/v1/customers", **shop.headers)


@pytest.fixture(scope="module")
def threads(shop: Shop) -> Iterator[int]:
    """The port of a server whose threads read and write themselves: the negative control."""
    with threads_that_wait(shop.server) as port:
        yield port


def test_a_locked_table_stops_no_other(shop: Shop, threads: int, neighbour: dict[str, str]) -> None:
    url = shop.server.url
    with locked_customers(shop, shop.server.port, shop.headers):
        time.sleep(1)
        assert is_answered(f"{url}/healthz")
        assert is_answered(f"{url}/v1/coupons", **neighbour)
        assert is_answered(f"{url}/readyz")
    # The negative control: threads that answer every request.
    with locked_customers(shop, threads, shop.headers):
        time.sleep(1)
        url = f"http://127.0.0.1:{threads}/healthz"
        assert not is_answered(url, within=SECONDS_WITHOUT_ANSWER)


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory, shop: Shop) -> Iterator[Server]:
    """A server on the shop's data that disconnects slow clients after 2 seconds."""
    server = Server(shop.server.data, "--no-demo", "--workers", "1", settings="tests.impatient")
    try:
        server.wait()
        yield server
    finally:
        server.stop()


def answer_of(client: socket.socket) -> tuple[int, dict[str, str], bytes]:
    raw, _, body = rest_of(client).partition(b"\r\n\r\n")
    first, *lines = raw.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(first.split()[1]), headers, body


def test_a_body_that_does_not_arrive_is_a_408(impatient: Server) -> None:
    for path, words in (
        ("/v1/customers", b'"code": "timeout"'),
        ("/customer/1/profile", b'{"message": "The body did not arrive in time.'),
        ("/oauth/token", b'"error": "invalid_request"'),
    ):
        with connect(impatient.port) as client:
            client.sendall(head("POST", path, Content_Length="500") + b"x")
            status, headers, body = answer_of(client)
        assert (status, words in body) == (408, True), body
        assert headers["cache-control"] == "no-store"
        assert headers["request-id"]


def test_a_body_that_drips_in_is_a_408(impatient: Server) -> None:
    """Each byte arrives before an idle timeout of 2 seconds would expire."""
    with connect(impatient.port) as client:
        client.sendall(head("POST", "/v1/customers", Content_Length="500"))
        assert drip(client, within=6)
        assert answer_of(client)[0] == 408


def test_a_body_that_keeps_the_pace_may_take_long(impatient: Server, shop: Shop) -> None:
    body = b'{"first_name": "Ann", "email": "pace@example.com", "x": "' + b"x" * 120_000
    with connect(impatient.port) as client:
        client.sendall(head("POST", "/v1/customers", Content_Length=str(len(body)), **shop.headers))
        for number in range(6):
            client.sendall(body[number * 20_000 : (number + 1) * 20_000])
            time.sleep(0.6)
        client.sendall(body[120_000:])
        assert b"400" in client.recv(4096).split(b"\r\n")[0]


def test_headers_that_do_not_arrive_end_the_connection_and_so_does_silence(shop: Shop) -> None:
    begins = (b"", b"GET / HTTP/1.1\r\nHost: x", head("GET", "/healthz"))
    with ExitStack() as stack:
        clients = [stack.enter_context(connect(shop.server.port)) for _ in begins]
        for client, begin in zip(clients, begins, strict=True):
            client.settimeout(60)
            client.sendall(begin)
        # One byte every half second does not keep the connection open either.
        assert drip(clients[1], within=45)
        nothing, refused, answered = (rest_of(client) for client in clients)
    assert nothing == b""
    assert b" 200 " not in refused
    assert answered.endswith(b'{"status": "ok"}')


@pytest.mark.parametrize("sips", [False, True], ids=["not read", "byte by byte"])
def test_a_stream_that_is_hardly_read_is_cut_off(impatient: Server, shop: Shop, sips: bool) -> None:
    with connect(impatient.port, buffer=4096) as client:
        client.sendall(head("GET", "/customers", **shop.headers))
        if not sips:
            time.sleep(8)
        received = sip(client, seconds=8 * sips)
    assert received.startswith(b"HTTP/1.1 200")
    assert not received.endswith(b"0\r\n\r\n"), "it looks complete"
    whole = requests.get(f"{impatient.url}/customers", headers=shop.headers, timeout=60)
    assert len(whole.json()["data"]) >= CUSTOMERS


def test_a_response_that_is_not_read_is_cut_off(settings: Any) -> None:
    """The server passed on the whole response, so it watches the connection itself."""
    settings.CLIENT_SECONDS = 0.2
    with socket.create_server(("127.0.0.1", 0)) as listener, ExitStack() as stack:
        readers = [stack.enter_context(connect(listener.getsockname()[1])) for _ in range(3)]
        sides = [stack.enter_context(listener.accept()[0]) for _ in readers]
        for side, sent in zip(sides, (b"x", b"x" * 50_000_000, b"x" * 50_000_000), strict=True):
            side.setblocking(False)
            side.send(sent)

        async def watch() -> None:
            slow_readers = SlowReaders()
            for side in sides:
                slow_readers.wrote(side.getpeername(), 0)
            slow_readers.began(sides[2].getpeername())
            for _ in range(10):
                # Reading byte by byte does not extend the time limit.
                readers[1].recv(1)
                await asyncio.sleep(0.1)

        asyncio.run(watch())
        readers[0].setblocking(False)
        assert readers[0].recv(10) == b"x"
        with pytest.raises(BrokenPipeError):
            sides[1].send(b"x")
        for side in (sides[0], sides[2]):
            side.getpeername()


def test_a_credential_in_a_header_with_underscores_is_none(
    shop: Shop, threads: int, neighbour: dict[str, str]
) -> None:
    def status(url: str, headers: dict[str, str]) -> int:
        return requests.get(f"{url}/v1/customers?limit=1", headers=headers, timeout=30).status_code

    url, hidden = shop.server.url, {name.replace("-", "_"): neighbour[name] for name in neighbour}
    assert status(url, neighbour) == 200
    assert status(url, hidden) == 401
    assert status(url, {**neighbour, "X_API_Key": "other"}) == 200, "nor is it a second one"
    assert status(f"http://127.0.0.1:{threads}", hidden) == 200, "the negative control"


def test_a_large_body_is_a_413_that_reaches_the_client_before_it_is_sent(shop: Shop) -> None:
    for path, words in (
        ("/v1/customers", '"code": "payload_too_large"'),
        ("/token", '{"message": "The body is larger'),
        ("/admin/login/", "The file is larger than"),
    ):
        url = shop.server.url + path
        answer = requests.post(url, data=b"x" * 70_000_000, headers=shop.headers, timeout=60)
        assert (answer.status_code, words in answer.text) == (413, True), answer.text
    with connect(shop.server.port) as client:
        asked = {"Content_Length": "99999999", "Expect": "100-continue"}
        client.sendall(head("POST", "/v1/customers", **asked, **shop.headers))
        assert client.recv(4096).startswith(b"HTTP/1.1 413 ")


def test_a_body_in_chunks_and_one_that_waits_for_100_are_taken(shop: Shop) -> None:
    body = b'{"first_name": "Ann", "email": "chunks@example.com"}'
    url = f"{shop.server.url}/v1/customers"
    made = requests.post(url, data=iter([body[:9], body[9:]]), headers=shop.headers, timeout=30)
    assert made.status_code == 201
    with connect(shop.server.port) as client:
        asked = {"Content_Length": str(len(body)), "Expect": "100-continue", "Connection": "close"}
        client.sendall(head("POST", "/v1/customers", **asked, **shop.headers))
        assert client.recv(100).startswith(b"HTTP/1.1 100 ")
        client.sendall(body)
        assert answer_of(client)[0] == 201


def test_a_body_that_cannot_be_read_or_ends_early_is_a_400(shop: Shop) -> None:
    cases = (({"Transfer_Encoding": "chunked"}, b"what\r\n"), ({"Content_Length": "500"}, b"{}"))
    for length, words in cases:
        with connect(shop.server.port) as client:
            client.sendall(head("POST", "/v1/customers", **length) + words)
            client.shutdown(socket.SHUT_WR)
            status, headers, body = answer_of(client)
        assert (status, headers["connection"]) == (400, "close"), length
        assert b'"message": "The request body ended early or cannot be read.' in body


def test_requests_in_a_row_are_answered_in_order_and_health_for_any_host(shop: Shop) -> None:
    with connect(shop.server.port) as client:
        client.sendall(
            head("HEAD", "/healthz") + head("HEAD", "/v1/customers?limit=1", **shop.headers)
            + head("HEAD", "/customers", **shop.headers)
            + head("GET", "/nowhere", Connection="close")
        )  # fmt: skip
        answers = rest_of(client).split(b"HTTP/1.1 ")[1:]
    assert [one[:3] for one in answers] == [b"200", b"200", b"200", b"404"]
    assert all(one.endswith(b"\r\n\r\n") for one in answers[:3]), "HEAD has no body"
    for path, status in (("/healthz", 200), ("/readyz", 200), ("/v1/customers", 400)):
        elsewhere = {"Host": "10.0.0.7:8000"}
        answer = requests.get(shop.server.url + path, headers=elsewhere, timeout=20)
        assert answer.status_code == status, path
