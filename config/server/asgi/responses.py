"""Responses of Django, complete or in chunks."""

from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

from config.api.errors import answer
from config.api.problems import Problem
from config.api.surfaces import surface_of
from config.api.views import BACK_OFFICE, sentence_page
from config.tenancy.ids import new_id

from .requests import Environ

type Send = Callable[[dict[str, Any]], Awaitable[None]]
type Headers = list[tuple[bytes, bytes]]

# The minimum size of a chunk of a stream, except the last one.
CHUNK = 64 * 1024


class Response(NamedTuple):
    """A status, headers, and either a body or a stream."""

    status: int
    headers: Headers
    body: bytes = b""
    stream: "Stream | None" = None

    @property
    def start(self) -> dict[str, Any]:
        return {"type": "http.response.start", "status": self.status, "headers": self.headers}


class Stream:
    """The chunks of a streaming response; any free thread may produce the next one."""

    def __init__(self, response: Any) -> None:
        self._response, self._chunks = response, iter(response)

    def next(self) -> bytes:
        """Return the next chunk, or no bytes after the last one."""
        parts, size = [], 0
        for part in self._chunks:
            parts.append(part)
            size += len(part)
            if size >= CHUNK:
                break
        return b"".join(parts)

    def close(self) -> None:
        self._response.close()


def respond(handler: Callable[..., Any], environ: Environ) -> Response:
    """Call a WSGI application, and return its response for ASGI."""
    started: list[Any] = []
    made = handler(environ, lambda *started_with: started.append(started_with))
    status, headers, *_ = started[0]
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    stream = getattr(made, "streaming", False) and environ["REQUEST_METHOD"] != "HEAD"
    if stream:
        return Response(int(status[:3]), raw, stream=Stream(made))
    body = b"" if environ["REQUEST_METHOD"] == "HEAD" else b"".join(made)
    if hasattr(made, "close"):
        made.close()
    return Response(int(status[:3]), raw, body)


def refusal(problem: Problem, path: str) -> Response:
    """Return the response to a request that does not reach Django, in the format of its surface."""
    if path.startswith(BACK_OFFICE):
        made = sentence_page(problem, "Nothing was saved.")
    else:
        made = answer(problem, surface_of(path))
    headers = {**made.headers, "Request-Id": new_id().hex, "Cache-Control": "no-store"}
    raw = [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()]
    return Response(made.status_code, raw, made.content)


def document(status: int, body: bytes) -> Response:
    """Return a small JSON response that must not be cached."""
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    return Response(status, headers, body)
