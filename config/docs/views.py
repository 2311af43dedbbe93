"""The documentation that the software serves about itself."""

from functools import cache

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from . import guide
from .codes import error_codes


@cache
def document() -> bytes:
    """Return the committed OpenAPI document, which a test keeps current."""
    return (settings.BASE_DIR / "config" / "openapi.json").read_bytes()


def openapi(request: HttpRequest) -> HttpResponse:
    """Serve the OpenAPI document of every surface."""
    return HttpResponse(document(), content_type="application/json")


def front(request: HttpRequest) -> HttpResponse:
    """Lead an integrator in: what is here, and in which order to read it."""
    return render(request, "docs/front.html", {"pages": guide.pages().values()})


def guide_page(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one page of the guide."""
    pages = guide.pages()
    if slug not in pages:
        raise Http404
    order = list(pages.values())
    at = order.index(pages[slug])
    beside = {"previous": order[at - 1] if at else None, "next": (*order, None)[at + 1]}
    return render(request, "docs/page.html", {"page": order[at], "pages": order, **beside})


def reference(request: HttpRequest) -> HttpResponse:
    """Show the operations of every surface, one under the other."""
    return render(request, "docs/reference.html")


def changelog(request: HttpRequest) -> HttpResponse:
    """Tell what changed, from the project's own file."""
    return render(request, "docs/changelog.html", {"body": guide.changelog()})


def error_list(request: HttpRequest) -> HttpResponse:
    """List every error code."""
    return render(request, "docs/errors.html", {"codes": sorted(error_codes().items())})


def error_page(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one error code: where `doc_url` points."""
    found = error_codes().get(code)
    if found is None:
        raise Http404
    return render(request, "docs/error.html", {"code": code, "error": found})
