"""The way into the API: Django's handler, and the middleware that leads to an endpoint."""

import re
import secrets
import time
from collections.abc import Callable
from threading import local
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.core.handlers.wsgi import WSGIHandler
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from .compression import SHORTEST, compress
from .surfaces import SURFACES

# After this long a thread gives its connection back, and takes another.
SECONDS_WITH_A_CONNECTION = 60
# How the paths of the API begin.
PREFIXES = tuple({prefix for surface in SURFACES for prefix in surface.prefixes})
_SANE = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}\Z")


# Until when a thread keeps its connection.
_own = local()


class Application(WSGIHandler):
    """Django's handler, which lets a thread keep its connection between requests to the API.

    Django sends signals around each request, and its connection goes back to the pool and comes
    again. For a short read that is a fifth of the work, and the API has no use for it.
    """

    def __call__(self, environ: Any, start_response: Any) -> Any:
        if not environ.get("PATH_INFO", "").startswith(PREFIXES):
            return super().__call__(environ, start_response)
        if time.monotonic() > _own.__dict__.get("until", 0.0):
            close_old_connections()
            _own.until = time.monotonic() + SECONDS_WITH_A_CONNECTION
        response: Any = self.get_response(self.request_class(environ))
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        if response.streaming or response.status_code >= 500:
            # Django ends the request, which gives the connection back.
            return response
        return [response.content]


class ApiMiddleware:
    """Gives every answer its `Request-Id`, and takes requests to the API straight to an endpoint.

    The id is the caller's if it is sane, else one of ours. Caches on the way keep nothing, unless
    the answer says otherwise.

    The middleware that the settings name after this one is for people at a browser: static files,
    sessions, cookies, CSRF, messages, frames. No endpoint uses it, and it took a fifth of the time
    of a short answer.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answer: Callable[[HttpRequest], Any] = convert_exception_to_response(_endpoint)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_REQUEST_ID", "")
        id = request.id = given if _SANE.match(given) else secrets.token_hex(16)  # type: ignore[attr-defined]
        if request.path_info.startswith(PREFIXES):
            response = self.answer(request)
            headers = response.headers
            headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
            if response.streaming or len(response.content) >= SHORTEST:
                compress(request, response)
            if not response.streaming:
                headers["Content-Length"] = str(len(response.content))
        else:
            response = self.get_response(request)
            headers = response.headers
        headers["Request-Id"] = id
        headers.setdefault("Cache-Control", "no-store")
        return response


def _endpoint(request: HttpRequest) -> Any:
    request.get_host()
    match = request.resolver_match = resolve(request.path_info)
    return match.func(request, *match.args, **match.kwargs)
