"""Middleware of every request, and of requests to the API."""

import re
from collections.abc import Callable
from typing import Any

from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest, HttpResponse
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.urls import resolve

from config.browser_policies import BACK_OFFICE, DOCUMENTATION, PERMISSIONS
from config.tenancy.ids import new_id

from .compression import compress
from .surfaces import SURFACES

_SANE = re.compile(r"[A-Za-z0-9._:/+=-]{1,128}\Z")


class RequestId:
    """Gives every answer its `Request-Id`: the caller's when it is sane, else one of ours.

    Nothing is to be kept by caches on the way, unless the answer says otherwise.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.META.get("HTTP_REQUEST_ID", "")
        request.id = given if _SANE.match(given) else new_id().hex  # type: ignore[attr-defined]
        response = self.get_response(request)
        response["Request-Id"] = request.id  # type: ignore[attr-defined]
        response.headers.setdefault("Cache-Control", "no-store")
        return response


class StraightToEndpoint:
    """Takes what is asked of a surface straight to its endpoint.

    What comes after it in the settings is for people at a browser: static files, sessions and their
    limits, cookies, forgery of forms, messages, frames. An endpoint knows none of them, and to pass
    through them took a fifth of what a short answer costs a worker.
    """

    prefixes = tuple({prefix for surface in SURFACES for prefix in surface.prefixes})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.answer: Callable[[HttpRequest], Any] = convert_exception_to_response(_endpoint)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(self.prefixes):
            return self.get_response(request)
        response = self.answer(request)
        response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
        compress(request, response)
        if not response.streaming:
            response.headers["Content-Length"] = str(len(response.content))
        return response


class BrowserPolicies(ContentSecurityPolicyMiddleware):
    """Tells browsers what the pages of each part of the site may load and use."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers["Permissions-Policy"] = PERMISSIONS
        if request.path_info.startswith("/admin/"):
            response._csp_config = BACK_OFFICE  # type: ignore[attr-defined]
        elif request.path_info.startswith("/docs/"):
            response._csp_config = DOCUMENTATION  # type: ignore[attr-defined]
        return super().process_response(request, response)


def _endpoint(request: HttpRequest) -> Any:
    request.get_host()
    match = request.resolver_match = resolve(request.path_info)
    return match.func(request, *match.args, **match.kwargs)
