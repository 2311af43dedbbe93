"""Disconnect clients that send or receive too slowly."""

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

# The minimum pace of a client after it has used up its seconds.
BYTES_A_SECOND = 16 * 1024
# The socket option for the number of unsent bytes on macOS; Python does not define it.
SO_NWRITE = 0x1024
AT_ONCE = struct.pack("ii", 1, 0)


class TooSlow(Exception):
    """The client sends or receives too slowly."""


class Pace:
    """How long a request may still wait for its client: waiting uses it up, bytes add to it."""

    def __init__(self) -> None:
        self._left = float(settings.CLIENT_SECONDS)

    async def wait_for(self, awaitable: Awaitable[Any]) -> Any:
        """Wait for the client, and return the result; raises TooSlow."""
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
    """Disconnects clients that do not read a complete response that granian is sending.

    granian has no deadline for writing, so this looks for connections with unsent bytes.
    """

    def __init__(self) -> None:
        self._deadlines: dict[Client, float] = {}
        self._is_watching = False

    def began(self, client: Client) -> None:
        """Remove a client's deadline: it sends its next request, so it has read the response."""
        self._deadlines.pop(client, None)

    def wrote(self, client: Client, count: int) -> None:
        """Set the deadline by which the client must have read a response of `count` bytes."""
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
    """Close a client's connection, so that the client sees that its response is incomplete.

    If the application stops early, granian ends the response normally, and it has no way to close a
    connection. So the socket is found by the client's address.
    """
    for other, connection in _connections():
        if other == client:
            _shut(connection)


def _connections() -> Iterator[tuple[Client, socket.socket]]:
    """Yield each connection of this process, as a copy of its socket that is closed afterwards."""
    for name in os.listdir("/dev/fd"):
        with suppress(OSError):
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                with socket.socket(fileno=os.dup(int(name))) as connection:
                    peer = connection.getpeername()
                    if connection.family in (socket.AF_INET, socket.AF_INET6):
                        yield (peer[0], peer[1]), connection


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        # The linger option discards unsent bytes.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        connection.shutdown(socket.SHUT_RDWR)


def _unsent(connection: socket.socket) -> int:
    if sys.platform == "darwin":
        return connection.getsockopt(socket.SOL_SOCKET, SO_NWRITE)
    waiting = array.array("i", [0])
    fcntl.ioctl(connection, termios.TIOCOUTQ, waiting)
    return waiting[0]
