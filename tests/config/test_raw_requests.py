"""Bytes that no HTTP client sends: each gets a response or a closed connection, never a 500."""

import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from itertools import product

import pytest
import requests

from tests.servers import Server, started

pytestmark = pytest.mark.long

MEGABYTE = 1_048_576
ORDINARY = "Host: localhost"
FORM = "Content-Type: application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    data = tmp_path_factory.mktemp("raw") / "data"
    with started(data, "--no-demo", "--workers", "1") as server:
        yield server
        assert requests.get(f"{server.url}/healthz", timeout=30).status_code == 200
        log = server.log.read_text()
        assert "Traceback" not in log, log
        assert "panicked" not in log, log


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    return "\r\n".join([line, *headers, "", ""]).encode("latin-1") + body


def send(server: Server, sent: bytes) -> list[int]:
    """Send bytes; return the statuses of all responses."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as client:
        received = b""
        with suppress(ConnectionError, TimeoutError):
            client.sendall(sent)
            while part := client.recv(65_536):
                received += part
                client.settimeout(1)
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", received)]


BROKEN = [
    *(b"\r\n\r\n", b"\x00" * 200, b"GET\r\n\r\n", b"GET /healthz\r\n"),
    *(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", bytes.fromhex("160301007501") + b"\x01" * 115),
    *(request(line, ORDINARY) for line in ("GET / HTTP/9.9", "G\xe9T / HTTP/1.1")),
    *(request("GET / HTTP/1.1", ORDINARY, header)
      for header in ("X Y: 1", "X-Y: 1\r\n 2", "X-Y: a\x01b")),
    *(request("POST /token HTTP/1.1", ORDINARY, f"Content-Length: {length}")
      for length in ("-1", "abc", "9" * 30)),
    request(f"GET /{'x' * 600_000} HTTP/1.1", ORDINARY),
    request("GET / HTTP/1.1", ORDINARY, f"X-Y: {'x' * 600_000}"),
    request("GET / HTTP/1.1", ORDINARY, *(f"X-{n}: y" for n in range(2_000))),
]  # fmt: skip


def test_bytes_that_are_no_request_are_refused(server: Server, subtests: pytest.Subtests) -> None:
    for sent in BROKEN:
        with subtests.test(str(sent[:60])):
            assert all(400 <= status < 500 for status in send(server, sent))


LINES = [
    *("GET /% HTTP/1.1", "GET /%zz HTTP/1.1", "GET /%00 HTTP/1.1", "GET /%ff%fe HTTP/1.1"),
    *("GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1", "GET // HTTP/1.1", "GET //evil.example HTTP/1.1"),
    *("GET /v1/customers/%00 HTTP/1.1", "GET /customers/%ff HTTP/1.1"),
    *("GET /admin/%00/ HTTP/1.1", "GET /admin/login/?next=%00 HTTP/1.1"),
    *("GET /admin/login/?next=//evil.example HTTP/1.1", "GET /admin HTTP/1.1"),
    *("GET /admin/invitation/%00/%00/ HTTP/1.1", "GET /admin/forgotten/%00/%ff/ HTTP/1.1"),
    *("GET /static/%00 HTTP/1.1", "GET /static/../manage.py HTTP/1.1", "GET /static/ HTTP/1.1"),
    *("GET /docs/guide/%00 HTTP/1.1", "GET /docs/errors/%ff HTTP/1.1", "GET /docs HTTP/1.1"),
    *("GET /healthz?%00 HTTP/1.1", "GET /docs/?q=%ff&&=&a[]=%00 HTTP/1.1"),
    f"GET /docs/?{'a=b&' * 2_000} HTTP/1.1",
    f"GET /{'x' * 60_000} HTTP/1.1",
    *("GET http://localhost/healthz HTTP/1.1", "GET http://elsewhere.example/ HTTP/1.1"),
    *("OPTIONS * HTTP/1.1", "OPTIONS /v1/customers HTTP/1.1", "OPTIONS /admin/ HTTP/1.1"),
    *("CONNECT localhost:443 HTTP/1.1", "TRACE / HTTP/1.1", "FOO /docs/ HTTP/1.1"),
    *("get /healthz HTTP/1.1", f"{'X' * 300} / HTTP/1.1", "PROPFIND /admin/login/ HTTP/1.1"),
    *("POST /healthz HTTP/1.1", "DELETE /readyz HTTP/1.1", "PUT /favicon.ico HTTP/1.1"),
    "GET /healthz HTTP/1.0",
]


HEADERS = [
    *("Host: a b", "Host: \xff", "Host: [::1", "Host: localhost:99999", "Host: ", "X-Y: 1"),
    *("Host: localhost\r\nHost: localhost", "Host: elsewhere.example"),
    *(f"{ORDINARY}\r\nCookie: {cookie}" for cookie in (
        r'sessionid="aaaaaaaa\000aaaa"', r'csrftoken="\000"', "messages=x", "=;;=", "\xff=\xff",
        r'sessionid="\303\251aaaaaaaa"', f"sessionid={'a' * 5_000}",
    )),
    *(f"{ORDINARY}\r\n{header}" for header in (
        "Range: bytes=9-1", "Range: lines=1", "If-Modified-Since: never", "If-None-Match: \"",
        "Accept-Encoding: ;q=,,", "Accept: */*;q=x", "Accept-Language: \xff", "Expect: nonsense",
        "Expect: 100-continue", "Authorization: Basic \xff", "X-Forwarded-For: ,,\xff",
        "X-Forwarded-Proto: gopher", "Request-Id: \xff", "Upgrade: websocket", "Upgrade: h2c",
        "Referer: http://[", "Origin: http://[", "Content-Type: text/html; charset=\"",
    )),
]  # fmt: skip


PAGES = ("/v1/customers", "/admin/login/", "/admin/", "/docs/", "/static/docs/docs.css")


def test_an_odd_path_method_or_header_is_served(server: Server, subtests: pytest.Subtests) -> None:
    odd = [(line, ORDINARY) for line in LINES]
    odd += [(f"GET {path} HTTP/1.1", header) for path, header in product(PAGES, HEADERS)]
    for line, header in odd:
        with subtests.test(f"{line[:60]} {header[:60]}"):
            (status,) = send(server, request(line, header, "Connection: close"))
            assert status < 500


FRAMED = [
    *("Content-Length: 5, 5", "Content-Length: +5", "Content-Length: 5\r\nContent-Length: 6"),
    *("Content-Length: 5\r\nContent-Length: 5", "Content-Length: 99", "Content-Length: 0x5"),
    *("Content-Length: 5\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked, chunked"),
    *("Transfer-Encoding: identity", "Transfer-Encoding: gzip, chunked"),
    *("Transfer-Encoding: xchunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x"),
    *("Transfer-Encoding: chunked", "Transfer-Encoding:\x0bchunked", "Content-Length:"),
]


TYPES = [
    *("multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x"),
    *("multipart/form-data; boundary=\xff", "application/x-www-form-urlencoded; charset=utf-16"),
    *("\xff/\xff", "application/json; charset=x"),
]
TAKE_BODIES = ("/token", "/oauth/token", "/v1/customers", "/admin/login/", "/docs/")


def test_a_body_of_odd_length_or_type_is_refused(server: Server, subtests: pytest.Subtests) -> None:
    typed = [f"Content-Type: {type}\r\nContent-Length: 5" for type in TYPES]
    for path, header in product(TAKE_BODIES, FRAMED + typed):
        with subtests.test(f"{path} {header}"):
            headers = (ORDINARY, header, "Connection: close")
            statuses = send(server, request(f"POST {path} HTTP/1.1", *headers, body=b"hello"))
            assert all(400 <= status < 500 for status in statuses)
            assert len(statuses) == 1 or header in FRAMED


def test_a_body_that_is_too_large_gets_a_response_that_the_client_reads(
    server: Server, subtests: pytest.Subtests
) -> None:
    """The client sends the whole body before it reads the response."""
    cases = [
        *(("/v1/customers", 11, 401), ("/v1/customers", 100, 401), ("/customers", 11, 401)),
        *(("/token", 11, 413), ("/oauth/token", 11, 413), ("/docs/", 11, 405)),
        *(("/nowhere", 11, 404), ("/static/docs/docs.css", 11, 405)),
        *(("/admin/login/", 11, 403), ("/admin/login/", 70, 413)),
    ]
    part = b"x" * MEGABYTE
    for (path, megabytes, expected), is_chunked in product(cases, (False, True)):
        length = f"Content-Length: {megabytes * MEGABYTE}"
        if is_chunked:
            length = "Transfer-Encoding: chunked"
        with (
            subtests.test(f"{megabytes} to {path}, {length}"),
            socket.create_connection(("127.0.0.1", server.port), timeout=60) as client,
        ):
            client.sendall(request(f"POST {path} HTTP/1.1", ORDINARY, FORM, length))
            for _ in range(megabytes):
                client.sendall(b"%x\r\n%b\r\n" % (MEGABYTE, part) if is_chunked else part)
            if is_chunked:
                client.sendall(b"0\r\n\r\n")
            assert int(client.recv(65_536).split()[1]) == expected


def test_a_client_that_waits_for_leave_is_refused_before_it_sends(server: Server) -> None:
    headers = (ORDINARY, FORM, f"Content-Length: {11 * MEGABYTE}", "Expect: 100-continue")
    assert send(server, request("POST /v1/customers HTTP/1.1", *headers)) == [401]
