"""Webhook receivers: HTTP servers that a test starts on loopback addresses."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Got(NamedTuple):
    """A received request: its path, its headers with lower-case names, its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> str:
        return self.headers["webhook-id"]


class Receiver:
    """Stores requests, and answers each with the status, headers and body that `answer` returns."""

    def __init__(self, host: str = "127.0.0.2") -> None:
        self.got: list[Got] = []
        self.answer: Callable[[Got], tuple[int, dict[str, str], bytes]] = lambda got: (204, {}, b"")
        self._server = ThreadingHTTPServer((host, 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://{host}:{self._server.server_port}"

    def messages(self) -> list[str]:
        return [one.message for one in self.got]

    def _handler(self) -> Any:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                named = {name.lower(): value for name, value in self.headers.items()}
                one = Got(self.path, named, self.rfile.read(length))
                receiver.got.append(one)
                status, headers, body = receiver.answer(one)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                # The sender may have been killed, or may have closed the connection.
                with suppress(ConnectionError):
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Log nothing."""

        return Handler


@contextmanager
def receiving(host: str = "127.0.0.2") -> Iterator[Receiver]:
    receiver = Receiver(host)
    thread = threading.Thread(target=receiver._server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver._server.shutdown()
        receiver._server.server_close()
        thread.join()
