"""Read the headers and the body of a request into a WSGI environment for Django."""

import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings

from config.api.bodies import UNREAD
from config.api.problems import Refused, bad_request

from .connections import Pace, TooSlow
from .uploads import LIMITS

type Environ = dict[str, Any]
type Receive = Callable[[], Awaitable[dict[str, Any]]]

# A larger body is stored on disk.
MOST_IN_MEMORY = 64 * 1024
# How much of a body that is too large is read anyway, so that the client sees the response.
MOST_DISCARDED = 256 * 1024 * 1024
# Headers that may occur once: of several, a proxy could use the first, and we another.
SINGLE = frozenset(
    b"authorization content-length content-type host idempotency-key request-id x-api-key"
    b" x-reason".split()
)
_ALWAYS = {
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}


class ClientGone(Refused):
    """The client disconnected before the response, or its body cannot be read.

    granian reports both in the same way, and answers 500 if the application sends nothing.
    """

    def __init__(self) -> None:
        sentence = "The request body ended early or cannot be read. Send the request again."
        super().__init__(400, "bad_request", sentence, headers={"Connection": "close"})


def environ_of(scope: dict[str, Any]) -> Environ:
    """Return the WSGI environment of an ASGI scope, without a body; raises the 400.

    `X_Forwarded_For` would get the same name as `X-Forwarded-For`, which our proxy sets and
    removes. So headers with an underscore are ignored, as nginx and Django's own server do.
    """
    raw = scope["raw_path"]
    environ = {
        **_ALWAYS,
        "REQUEST_METHOD": scope["method"],
        "PATH_INFO": (unquote_to_bytes(raw) if b"%" in raw else raw).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "REMOTE_ADDR": scope["client"][0],
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": str(scope["server"][1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "HTTP_HOST": "",
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": BytesIO(),
    }
    seen: set[bytes] = set()
    for header, content in scope["headers"]:
        if b"_" in header:
            continue
        if header in seen and header in SINGLE:
            raise bad_request(f"{header.decode()}: Send this header once.")
        name = _variable(header)
        value = content.decode() if content.isascii() else ""
        if header in seen:
            value = f"{environ[name]}{'; ' if header == b'cookie' else ', '}{value}"
        environ[name] = value
        seen.add(header)
    return environ


def _variable(header: bytes) -> str:
    name = header.decode("latin-1").upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"


class Body:
    """The body of a request, read before the request gets a thread.

    Back-office pages may send up to MAX_UPLOAD_BYTES, API paths for files up to their entry in
    LIMITS, and all other paths up to MAX_BODY_BYTES. A larger body is not read, and Django refuses
    it by its length.
    """

    def __init__(self, environ: Environ, receive: Receive) -> None:
        self._environ, self._receive = environ, receive
        self._is_page = environ["PATH_INFO"].startswith("/admin/")
        most_of_file = LIMITS.get(environ["PATH_INFO"], 0) * (environ["REQUEST_METHOD"] == "POST")
        most = settings.MAX_UPLOAD_BYTES if self._is_page else settings.MAX_BODY_BYTES
        self._most = most_of_file or most
        self._length = int(environ.get("CONTENT_LENGTH") or 0)
        self._is_chunked = environ.pop("HTTP_TRANSFER_ENCODING", None) is not None
        self._is_complete = not self._length and not self._is_chunked

    @property
    def needs_place(self) -> bool:
        """Whether it may be a file that is larger than other bodies of the API."""
        is_file = not self._is_page and self._most > settings.MAX_BODY_BYTES
        return is_file and (
            self._is_chunked or settings.MAX_BODY_BYTES < self._length <= self._most
        )

    def leave_unread(self) -> None:
        """Make Django refuse the request without its body, because no place is reserved for it."""
        self._environ[UNREAD] = True

    async def read(self) -> None:
        """Read the body into the environment; raises ClientGone, the 408, or the 413 of a page."""
        if self._is_complete:
            return
        size = self._length
        if self._length <= self._most:
            size = await self._spool()
        if size > self._most and self._is_page:
            sentence = f"The file is larger than {self._most:,} bytes. Send less."
            raise Refused(413, "payload_too_large", sentence)
        self._environ["CONTENT_LENGTH"] = str(size)

    async def _spool(self) -> int:
        self._environ["wsgi.input"] = file = SpooledTemporaryFile(MOST_IN_MEMORY)  # noqa: SIM115
        pace, size = Pace(), 0
        while not self._is_complete and size <= self._most:
            try:
                chunk = await self._chunk(pace)
            except TooSlow:
                sentence = "The body did not arrive in time. Send the request again."
                raise Refused(408, "timeout", sentence, headers={"Connection": "close"})
            file.write(chunk)
            size += len(chunk)
            self._is_complete = self._is_complete or (not self._is_chunked and size >= self._length)
        if size < self._length:
            raise ClientGone
        file.seek(0)
        return size

    async def _chunk(self, pace: Pace) -> bytes:
        message = await pace.wait_for(self._receive())
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk: bytes = message["body"]
        pace.moved(len(chunk))
        self._is_complete = not message["more_body"]
        return chunk

    async def discard(self) -> None:
        """Read the rest of the body, for clients that read the response only after sending it."""
        pace, size = Pace(), 0
        if "HTTP_EXPECT" in self._environ:
            return
        with suppress(TooSlow, ClientGone):
            while not self._is_complete and size < MOST_DISCARDED:
                size += len(await self._chunk(pace))

    def close(self) -> None:
        self._environ["wsgi.input"].close()
