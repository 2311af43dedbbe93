"""The ASGI application that granian calls for every request."""

import asyncio
import logging
from collections.abc import Callable, Hashable
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import connections
from django.http import HttpRequest

from config.access.signing_in.addresses import address_of
from config.api.authentication import Authentication, StaleCredential, company_of
from config.api.problems import Refused
from config.outages import ERRORS
from config.server.health import ready

from .connections import Pace, SlowReaders, TooSlow, cut
from .requests import Body, ClientGone, Environ, Receive, environ_of
from .responses import Response, Send, document, refusal, respond
from .threads import Stranger, Task, Threads
from .uploads import SCOPES, Uploads

log = logging.getLogger("regulars.server")

ALIVE = document(200, b'{"status": "ok"}')
NO_DATABASE = document(503, b'{"status": "unavailable", "reason": "The database is too slow."}')
# How long the health check of the database may take, and how long a request may wait for a thread.
SECONDS_TO_CHECK = 5
SECONDS_TO_WAIT = 30
# After how much of this wait the server starts to check whether the client has disconnected.
SECONDS_UNWATCHED = 1


class WebApplication:
    """Takes requests from granian, and passes them to threads that run a WSGI application."""

    def __init__(self, handler: Callable[..., Any]) -> None:
        self._handler = handler
        # Threads close their connections when they end, or the pool would count these as used
        # forever.
        self._threads = Threads(settings.THREADS, "request", connections.close_all)
        self._slow_readers = SlowReaders()
        self._uploads = Uploads()
        self._health = Threads(1, "health check", connections.close_all)
        self._check: asyncio.Future[Response] | None = None

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        self._slow_readers.began(scope["client"])
        path = scope["path"] if scope["method"] in ("GET", "HEAD") else ""
        if path == "/healthz":
            await self._send(ALIVE, scope, send)
        elif path == "/readyz":
            await self._send(await self._ready(), scope, send)
        else:
            await self._answer(scope, receive, send)

    async def _ready(self) -> Response:
        """Return whether the database can be used; simultaneous requests share one check."""
        if self._check is None or self._check.done():
            self._check = self._health.run(_check_database).future
        try:
            return await asyncio.wait_for(asyncio.shield(self._check), SECONDS_TO_CHECK)
        except TimeoutError:
            return NO_DATABASE

    async def _answer(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        body: Body | None = None
        company: UUID | None = None
        group: Hashable = None
        try:
            environ = environ_of(scope)
            body = Body(environ, receive)
            if body.needs_place:
                company = await self._take_place(environ)
            if company or not body.needs_place:
                await body.read()
            else:
                body.leave_unread()
            group = _group(environ)
            function = partial(respond, self._handler, environ)
            response = await self._in_thread(function, group, receive)
        except Refused as refused:
            response = refusal(refused.problem, scope["path"])
        finally:
            if body is not None:
                body.close()
            if company is not None:
                self._uploads.give_back(company)
        if response.stream is None:
            await self._send(response, scope, send)
        else:
            await self._stream(response, group, scope["client"], receive, send)
        if body is not None:
            await body.discard()

    async def _take_place(self, environ: Environ) -> UUID | None:
        """Reserve a place for a large file, and return the company that it is reserved for.

        Returns None if the credential is invalid or lacks the scope for the file. Raises the 429 or
        the 503 if there is no place.
        """
        # Without the cache, which could still have a revoked credential and reserve a place for it.
        look_up = partial(_company_of_sender, environ)
        company: UUID | None = await self._in_thread(look_up, _group(environ))
        if company is None:
            return None
        self._uploads.take(company)
        return company

    async def _send(self, response: Response, scope: dict[str, Any], send: Send) -> None:
        await send(response.start)
        await send({"type": "http.response.body", "body": response.body})
        self._slow_readers.wrote(scope["client"], len(response.body))

    async def _stream(
        self, response: Response, group: Hashable, client: Any, receive: Receive, send: Send
    ) -> None:
        """Send a stream at the client's pace; no thread waits for the client."""
        stream, pace = response.stream, Pace()
        assert stream is not None
        gone = asyncio.ensure_future(_client_gone(receive))
        try:
            await send(response.start)
            while not gone.done() and (chunk := await self._in_thread(stream.next, group)):
                message = {"type": "http.response.body", "body": chunk, "more_body": True}
                await pace.wait_for(send(message))
                pace.moved(len(chunk))
            await send({"type": "http.response.body", "body": b""})
            self._slow_readers.wrote(client, 0)
        except TooSlow:
            cut(client)
        except Exception:
            log.exception("A response broke off.")
            cut(client)
        finally:
            gone.cancel()
            await self._in_thread(stream.close, group)

    async def _in_thread(
        self, function: Callable[[], Any], group: Hashable, receive: Receive | None = None
    ) -> Any:
        """Run a function in a thread as soon as one is free for the group.

        With `receive`, raises ClientGone, or the 503 if the wait is too long. Most tasks start
        soon, and watching the client costs more than they do, so watching starts after a delay.
        """
        task = self._threads.run(function, group)
        if task.has_begun or receive is None:
            return await task.future
        loop = asyncio.get_running_loop()
        late = loop.call_later(SECONDS_UNWATCHED, self._watch, task, receive)
        try:
            return await task.future
        finally:
            late.cancel()

    def _watch(self, task: Task, receive: Receive) -> None:
        """Watch for a disconnect of a client whose request still waits for a thread."""
        if not task.has_begun:
            watching = asyncio.ensure_future(self._give_up(task, receive))
            task.future.add_done_callback(lambda _: watching.cancel())

    async def _give_up(self, task: Task, receive: Receive) -> None:
        """Refuse a request whose client has disconnected, or that waited too long for a thread."""
        refused: Refused = ClientGone()
        try:
            async with asyncio.timeout(SECONDS_TO_WAIT - SECONDS_UNWATCHED):
                await _client_gone(receive)
        except TimeoutError:
            sentence = "All threads of the server are in use. Retry in 5 s."
            refused = Refused(503, "overloaded", sentence, headers={"Retry-After": "5"})
        self._threads.give_up(task, refused)


async def _client_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _group(environ: Environ) -> Hashable:
    """Return the group for sharing threads: the company, if it is known."""
    company = company_of(environ)
    return company if isinstance(company, UUID) else Stranger(company or address_of(environ))


def _company_of_sender(environ: Environ) -> UUID | None:
    """Return the company of the request's credential if it may send the file, else None.

    Returns None too if the database is unavailable. The check counts as a request of the
    credential.
    """
    try:
        authentication = Authentication(WSGIRequest(environ))
        # If the cached credential was stale, `verify` has replaced the actor by the current one.
        with suppress(StaleCredential):
            authentication.verify()
    except (Refused, *ERRORS):
        return None
    finally:
        connections.close_all()
    actor = authentication.actor
    return actor.company_id if SCOPES[environ["PATH_INFO"]] in actor.scopes else None


def _check_database() -> Response:
    try:
        response = ready(HttpRequest())
        return document(response.status_code, response.content)
    finally:
        connections.close_all()
