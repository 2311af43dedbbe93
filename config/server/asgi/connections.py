"""Connections whose clients take too long over sending or receiving."""

import array
import asyncio
import fcntl
import os
import socket
import stat
import struct
import sys
import termios
import time
from collections.abc import Awaitable, Iterator
from contextlib import suppress
from typing import Any

from django.conf import settings

type Client = tuple[str, int]

# The pace below which a client is too slow, once it has used up its seconds.
BYTES_A_SECOND = 16 * 1024
# How many bytes wait to be sent or acknowledged; Python has no name for it on macOS.
SO_NWRITE = 0x1024
AT_ONCE = struct.pack("ii", 1, 0)


class TooSlow(Exception):
    """The client did not keep the pace."""


class Pace:
    """How long one request may still wait for its client: less as it waits, more as bytes move."""

    def __init__(self) -> None:
        self._left = float(settings.CLIENT_SECONDS)

    async def wait_for(self, awaitable: Awaitable[Any]) -> Any:
        """Return what the client lets us have; raises TooSlow."""
        started = time.monotonic()
        try:
            async with asyncio.timeout(self._left):
                result = await awaitable
        except TimeoutError:
            raise TooSlow
        self._left -= time.monotonic() - started
        return result

    def moved(self, count: int) -> None:
        self._left = min(self._left + count / BYTES_A_SECOND, settings.CLIENT_SECONDS)


class SlowReaders:
    """Cuts off clients that do not read a response that was handed to granian whole.

    granian has no deadline for writing, so connections with unsent bytes are looked for.
    """

    def __init__(self) -> None:
        self._deadlines: dict[Client, float] = {}
        self._is_watching = False

    def began(self, client: Client) -> None:
        """A client that sends its next request has read the response before."""
        self._deadlines.pop(client, None)

    def wrote(self, client: Client, count: int) -> None:
        """Expect the client to read so many bytes from now on."""
        seconds = settings.CLIENT_SECONDS + count / BYTES_A_SECOND
        self._deadlines[client] = time.monotonic() + seconds
        if not self._is_watching:
            self._is_watching = True
            self._look_again()

    def _look_again(self) -> None:
        asyncio.get_running_loop().call_later(settings.CLIENT_SECONDS / 3, self._look)

    def _look(self) -> None:
        now = time.monotonic()
        late = {client for client, deadline in self._deadlines.items() if deadline < now}
        for client in late:
            del self._deadlines[client]
        if late:
            for client, connection in _connections():
                if client in late and _unsent(connection):
                    _shut(connection)
        self._look_again()


def cut(client: Client) -> None:
    """End a client's connection, so that it sees that its response is not complete.

    granian ends a response like any other when the application gives up, and offers no way to
    close a connection; so its socket is found by the client's address.
    """
    for other, connection in _connections():
        if other == client:
            _shut(connection)


def _connections() -> Iterator[tuple[Client, socket.socket]]:
    """Yield the connections of this process, each by a socket that is closed afterwards."""
    for name in os.listdir("/dev/fd"):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                with socket.socket(fileno=os.dup(int(name))) as connection:
                    peer = connection.getpeername()
                    if connection.family in (socket.AF_INET, socket.AF_INET6):
                        yield (peer[0], peer[1]), connection


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        # Unsent bytes are dropped with the connection.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        connection.shutdown(socket.SHUT_RDWR)


def _unsent(connection: socket.socket) -> int:
    if sys.platform == "darwin":
        return connection.getsockopt(socket.SOL_SOCKET, SO_NWRITE)
    waiting = array.array("i", [0])
    fcntl.ioctl(connection, termios.TIOCOUTQ, waiting)
    return waiting[0]
