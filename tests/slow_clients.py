"""Clients that are slow on purpose, and a server that blocks a thread for each of them."""

import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import requests

from tests.servers import ROOT, Server, free_port
from tests.threads import wait_until


def connect(port: int, *, buffer: int | None = None) -> socket.socket:
    """Open a connection; `buffer` limits its receive buffer, in bytes."""
    client = socket.socket()
    if buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    client.settimeout(30)
    client.connect(("127.0.0.1", port))
    return client


def head(method: str, path: str, **headers: str) -> bytes:
    """Return the start line and headers of a request; underscores in names become hyphens."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode()


@contextmanager
def hanging(port: int, count: int, begin: bytes, *, reads: bool = False) -> Iterator[None]:
    """Hold connections that stop in the middle of a request, or that do not read the response."""
    with ExitStack() as stack:
        buffer = 4096 if reads else None
        clients = [stack.enter_context(connect(port, buffer=buffer)) for _ in range(count)]
        for client in clients:
            client.sendall(begin)
        time.sleep(1)
        if not reads:
            for client in clients:
                client.sendall(b"x")
        yield
        assert not ended(clients), "the clients still hang"


def drip(client: socket.socket, *, within: float) -> bool:
    """Send a byte every half second until the server answers or closes the connection.

    Returns False if the server did neither within `within` seconds.
    """
    until = time.monotonic() + within
    while time.monotonic() < until:
        client.sendall(b"x")
        if select.select([client], [], [], 0.5)[0]:
            return True
    return False


def sip(client: socket.socket, *, seconds: float) -> bytes:
    """Read a byte every half second for `seconds`, and then read the rest."""
    until, sips = time.monotonic() + seconds, b""
    try:
        while time.monotonic() < until:
            sips += client.recv(1)
            time.sleep(0.5)
    except ConnectionResetError:
        return sips
    return sips + rest_of(client)


def ended(clients: list[socket.socket]) -> list[socket.socket]:
    """Return the connections that the server has closed; each still has unread data."""
    readable, _, _ = select.select(clients, [], [], 0)
    return [one for one in readable if not one.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)]


def rest_of(client: socket.socket) -> bytes:
    """Read until the server closes the connection."""
    parts = []
    try:
        while part := client.recv(65_536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


@contextmanager
def threads_that_wait(server: Server) -> Iterator[int]:
    """Start a server whose threads block on request bodies and responses; yield its port."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"]
    command += ["--port", str(port), "--blocking-threads", "8", "--log-level", "error"]
    environment = server.environment
    process = subprocess.Popen([*command, "config.wsgi:application"], cwd=ROOT, env=environment)
    try:
        wait_until(lambda: is_answered(f"http://127.0.0.1:{port}/healthz"), 120)
        yield port
    finally:
        process.kill()
        process.wait()


def is_answered(url: str, *, within: float = 20, **headers: str) -> bool:
    """Return whether a request is answered; without a free thread, a server never answers."""
    try:
        return requests.get(url, headers=headers, timeout=within).status_code == 200
    except (requests.ConnectionError, requests.Timeout):
        return False
