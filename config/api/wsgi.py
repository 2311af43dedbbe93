"""The way in for web servers."""

import time
from threading import local
from typing import Any
from weakref import finalize

from django.core.handlers.wsgi import WSGIHandler
from django.db import DEFAULT_DB_ALIAS, close_old_connections, connections

from .middleware import StraightToEndpoint

# After this long a thread gives its connection back, and takes another.
SECONDS_WITH_A_CONNECTION = 60


class Thread:
    """A thread of the web server, and when it last took a connection.

    The connection goes back to the pool when the thread ends: threads end when there is little to
    do, and the pool would count what they held as taken for good.
    """

    def __init__(self) -> None:
        self.until = 0.0
        wrapper = connections[DEFAULT_DB_ALIAS]
        # Whoever clears up after the thread is another one.
        wrapper.inc_thread_sharing()
        finalize(self, wrapper.close).atexit = False


class Application(WSGIHandler):
    """Django's handler, which lets a thread keep its connection between calls of the API.

    Around each request the handler tells whoever listens that it begins and that it has ended, and
    the connection goes back to the pool and comes again. For a short read that is a fifth of the
    work, and nobody has anything to do there.
    """

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if not environ.get("PATH_INFO", "").startswith(StraightToEndpoint.prefixes):
            return super().__call__(environ, start_response)
        _renew_connection()
        response: Any = self.get_response(self.request_class(environ))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        if response.streaming or response.status_code >= 500:
            # Its end is told, and gives the connection back.
            return response
        return [response.content]


# As long-lived as the threads themselves.
_own = local()


def _renew_connection() -> None:
    thread = _own.__dict__.get("thread")
    if thread is None:
        thread = _own.thread = Thread()
    if time.monotonic() > thread.until:
        close_old_connections()
        thread.until = time.monotonic() + SECONDS_WITH_A_CONNECTION
