"""One delivery attempt over the network: only to public addresses, and within a time limit.

A trap listens on every address of this machine; no attempt may connect to it (threat 35).
"""

import asyncio
import datetime
import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from standardwebhooks.webhooks import Webhook

from config.webhooks import sending
from config.webhooks.addresses import is_public
from config.webhooks.messages import Message, Outcome
from config.webhooks.secrets import new_secret
from config.webhooks.sending import Resolve, Sender
from tests.receivers import Receiver, receiving

SECRET = new_secret()
NOT_PUBLIC = [
    *("127.0.0.1", "127.1.2.3", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1"),
    *("169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fec0::1", "ff02::1"),
    *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:0:127.0.0.1", "::127.0.0.1"),
    *("64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "64:ff9b:1::a9fe:a9fe", "2002:7f00:1::1"),
    *("2002:a9fe:a9fe::1", "2001:0:4136:e378:8000:63bf:f5ff:fffe", "2001:db8::1", "fd00:ec2::254"),
]
PUBLIC = ["93.184.215.14", "1.1.1.1", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::101:101"]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    """A receiver at a private address that the operator allows."""
    settings.PRIVATE_WEBHOOKS = [ipaddress.ip_network("127.0.0.2/32")]
    with receiving() as one:
        yield one


class Trap:
    """Listens on one port on every address of this machine, and counts connections."""

    def __init__(self) -> None:
        self._count = 0
        self.socket = socket.create_server(
            ("", 0), family=socket.AF_INET6, dualstack_ipv6=True, backlog=50
        )
        self.socket.setblocking(False)
        self.port = self.socket.getsockname()[1]

    @property
    def connections(self) -> int:
        with suppress(BlockingIOError):
            while True:
                self.socket.accept()[0].close()
                self._count += 1
        return self._count


@pytest.fixture
def trap() -> Iterator[Trap]:
    one = Trap()
    with one.socket:
        yield one


def resolving(*answers: list[str]) -> Resolve:
    """Return a resolver that gives these answers in turn, and repeats the last one."""
    left = list(answers)

    async def resolve(host: str, port: int) -> list[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


def send(url: str, resolve: Resolve | None = None, secrets: tuple[str, ...] = (SECRET,)) -> Outcome:
    async def once() -> Outcome:
        async with Sender(resolve) as sender:
            return await sender.send(Message("msg_1", url, '{"a":"ö"}', secrets))

    return asyncio.run(once())


def test_a_host_with_an_address_that_is_not_public_is_never_connected_to(
    trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    for addresses in (*([one] for one in NOT_PUBLIC), ["1.1.1.1", "127.0.0.1"]):
        outcome = send(f"https://hook.example.com:{trap.port}/", resolving(addresses))
        assert outcome.status is None, addresses
        assert "not public" in outcome.error, addresses
        assert addresses[-1] not in outcome.error
    assert trap.connections == 0
    assert all(is_public(ipaddress.ip_address(one)) for one in PUBLIC)
    # The negative control: without the check, the attempt reaches the trap.
    monkeypatch.setattr(sending, "may_connect", lambda address: True)
    monkeypatch.setattr(sending, "SECONDS", 0.5)
    send(f"https://hook.example.com:{trap.port}/", resolving(["127.0.0.1"]))
    assert trap.connections > 0


def test_such_an_address_itself_is_not_either_however_it_is_written(
    trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender refuses such an address even if the check of the form misses it."""
    monkeypatch.setattr(sending, "check_address", lambda url: None)
    hosts = [f"[{address}]" if ":" in address else address for address in NOT_PUBLIC]
    for host in (*hosts, "2130706433", "0x7f000001", "127.1", "0177.0.0.1", "localhost"):
        outcome = send(f"http://{host}:{trap.port}/")
        assert (outcome.status, bool(outcome.error)) == (None, True), host
    assert trap.connections == 0


def test_a_name_is_resolved_once_however_it_resolves_later(receiver: Receiver, trap: Trap) -> None:
    url = receiver.url.replace("127.0.0.2", "hook.example.com")
    outcome = send(url, resolving(["127.0.0.2"], ["127.0.0.1"]))
    assert outcome.status == 204
    assert receiver.got[0].headers["host"] == url.removeprefix("http://")
    assert trap.connections == 0


def test_neither_a_redirect_nor_a_proxy_of_the_environment_is_followed(
    receiver: Receiver, trap: Trap, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{trap.port}")
    assert send(receiver.url).status == 204
    for status in (301, 302, 303, 307, 308):
        to = {"Location": f"http://127.0.0.1:{trap.port}/"}
        receiver.answer = lambda got, status=status, to=to: (status, to, b"")  # type: ignore[misc]
        outcome = send(receiver.url)
        assert (outcome.status, outcome.has_arrived) == (status, False)
        assert "redirect" in outcome.error
    assert (len(receiver.got), trap.connections) == (6, 0)


def test_a_message_is_sent_as_it_is_kept_and_signed(receiver: Receiver) -> None:
    other = new_secret()
    outcome = send(f"{receiver.url}/a%20b?c=%2F", secrets=(SECRET, other))
    assert outcome.has_arrived
    (got,) = receiver.got
    assert (got.path, got.body) == ("/a%20b?c=%2F", '{"a":"ö"}'.encode())
    assert got.headers["content-type"] == "application/json"
    for secret in (SECRET, other):
        assert Webhook(secret).verify(got.body, got.headers) == {"a": "ö"}


def test_nothing_is_sent_unsigned_or_without_its_setting(receiver: Receiver, settings: Any) -> None:
    assert "secret" in send(receiver.url, secrets=()).error
    settings.PRIVATE_WEBHOOKS = []
    assert "https" in send(receiver.url).error
    assert receiver.got == []


def test_the_beginning_of_an_answer_is_kept_and_the_rest_not_read(receiver: Receiver) -> None:
    receiver.answer = lambda got: (500, {"Retry-After": "7"}, b"no\0 \xff" + b"x" * 10_000_000)
    outcome = send(receiver.url)
    assert (outcome.status, outcome.has_arrived, outcome.retry_after) == (500, False, "7")
    assert outcome.answer.startswith("no� �xxx")
    assert len(outcome.answer) == sending.ANSWER_KEPT


def speaking(*pieces: bytes, pause: float = 0.0) -> str:
    """Return the address of a server that sends these bytes to one client, then nothing more."""
    server = socket.create_server(("127.0.0.2", 0))

    def serve() -> None:
        connection, _ = server.accept()
        for piece in pieces:
            threading.Event().wait(pause)
            try:
                connection.sendall(piece)
            except OSError:
                break
        threading.Event().wait(0.3)
        connection.close()
        server.close()

    threading.Thread(target=serve, daemon=True).start()
    return f"http://127.0.0.2:{server.getsockname()[1]}/"


@pytest.mark.usefixtures("receiver")
def test_what_is_no_answer_is_told_in_a_sentence() -> None:
    for says in (b"SSH-2.0-x\r\n", b"HTTP/1.1 9999 x\r\n\r\n", b"", b"HTTP/1.1 101 x\r\n\r\n"):
        outcome = send(speaking(says))
        assert not outcome.has_arrived, says
        assert outcome.error or outcome.status == 101, says
    with socket.create_server(("127.0.0.2", 0)) as gone:
        port = gone.getsockname()[1]
    assert send(f"http://127.0.0.2:{port}/").error == "No connection could be made."

    async def resolve(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    outcome = send("https://nowhere.example.com/", resolve)
    assert outcome.error == "The name of the host cannot be resolved."


@pytest.mark.usefixtures("receiver")
def test_a_dripping_answer_or_body_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "SECONDS", 0.2)
    outcome = send(speaking(b"HTTP/1.1 200 OK\r\n", *[b"a"] * 20, pause=0.05))
    assert (outcome.status, outcome.milliseconds < 900) == (None, True)
    assert "no answer within" in outcome.error
    monkeypatch.setattr(sending, "SECONDS", 10)
    monkeypatch.setattr(sending, "SECONDS_OF_ANSWER", 0.1)
    start = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    outcome = send(speaking(start, *[b"a"] * 6, pause=0.05))
    assert outcome.has_arrived, "a body that drips changes nothing about the status"
    assert outcome.answer.startswith("a")


def certificate(folder: Path, name: str) -> Path:
    """Write a self-signed certificate for a host, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today, day = datetime.datetime.now(datetime.UTC), datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(1).not_valid_before(today - day).not_valid_after(today + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    kept = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    pem = serialization.Encoding.PEM
    file = folder / f"{name}.pem"
    file.write_bytes(key.private_bytes(pem, *kept) + made.public_bytes(pem))
    return file


@pytest.mark.parametrize(
    ("name", "is_known", "arrives"),
    [("hook.example.com", True, True), ("hook.example.com", False, False), ("x.com", True, False)],
)
def test_the_certificate_is_checked_against_the_name(
    receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    name: str, is_known: bool, arrives: bool,
) -> None:  # fmt: skip
    file = certificate(tmp_path, name)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    receiver._server.socket = server.wrap_socket(receiver._server.socket, server_side=True)
    if is_known:
        trusting = ssl.create_default_context(cafile=str(file))
        monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    url = f"https://hook.example.com:{receiver._server.server_port}/"
    outcome = send(url, resolving(["127.0.0.2"]))
    assert outcome.has_arrived is arrives
    assert ("certificate" in outcome.error) is not arrives
    assert [got.body for got in receiver.got] == ['{"a":"ö"}'.encode()] * arrives
