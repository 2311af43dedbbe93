"""Receivers of webhooks: HTTP servers of the test's own, on addresses of this machine alone."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple


class Got(NamedTuple):
    """One request that came: its path, its headers with small letters, its body."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def message(self) -> str:
        return self.headers["webhook-id"]


class Receiver:
    """Keeps what comes, and answers as `answer` says: a status, headers and a body."""

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
                # Who sent it may have been killed meanwhile, or has heard enough.
                with suppress(ConnectionError):
                    self.end_headers()
                    self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

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
