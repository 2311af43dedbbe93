"""Views outside of the surfaces: read-only pages and Django's error handlers."""

import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from config.outages import outage_of

from .errors import answer, outage_problem, unreadable_problem
from .problems import Problem
from .surfaces import surface_of

BACK_OFFICE = "/admin/"


def read_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view to respond 405 to all methods except GET and HEAD."""

    # Read-only views need no CSRF token; without this, a POST would get a 403 instead of a 405.
    @csrf_exempt
    @wraps(view)
    def answer_reads(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        sentence = f"This path does not take {request.method}. Send GET, HEAD."
        problem = Problem(405, "method_not_allowed", sentence, headers={"Allow": "GET, HEAD"})
        return answer(problem, surface_of(request.path_info))

    return answer_reads


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Return the 404 for an unknown path, in the error format of its surface."""
    path = request.path_info[:200]
    sentence = f"No such endpoint: {request.method} {path}. See /docs/reference/."
    return answer(Problem(404, "not_found", sentence), surface_of(request.path_info))


def handler500(request: HttpRequest) -> HttpResponse:
    """Respond to an unhandled exception: 503 or 409 for a database outage, else 500."""
    outage = outage_of(sys.exception())
    problem = (
        outage_problem(outage)
        if outage
        else Problem(500, "internal_error", "Something went wrong on our side.")
    )
    advice = _("If you were saving something, look whether it was saved, and then do it again.")
    return _answer_problem(request, problem, advice)


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Respond to a request that Django refused to read."""
    problem = unreadable_problem(exception, host=request.META.get("HTTP_HOST", ""))
    return _answer_problem(request, problem, _("Nothing was saved."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Respond to an invalid CSRF token: an old page, blocked cookies or another site."""
    sentence = _("This page was opened too long ago, or cookies are off.")
    advice = _("Nothing was saved. Go back, reload the page and send the form again.")
    return sentence_page(Problem(403, "not_allowed", sentence), advice)


def sentence_page(problem: Problem, advice: str) -> HttpResponse:
    """Return an error page of the back-office that needs no database and no session."""
    page = render_to_string("admin/broken.html", {"message": problem.message, "advice": advice})
    return HttpResponse(page, status=problem.status, headers=problem.headers)


def _answer_problem(request: HttpRequest, problem: Problem, advice: str) -> HttpResponse:
    """Return a page for the back-office, or the error format of the surface elsewhere."""
    if request.path_info.startswith(BACK_OFFICE):
        return sentence_page(problem, advice)
    return answer(problem, surface_of(request.path_info))
