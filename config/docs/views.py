"""Views that serve the documentation."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from . import openapi, reference, site
from .pages import Page, renderer

# How long a search may be; the rest is cut off.
LONGEST_SEARCH = 200


def openapi_document(request: HttpRequest) -> HttpResponse:
    """Serve the OpenAPI document of every surface."""
    return HttpResponse(openapi.committed(), content_type="application/json")


def llms(request: HttpRequest) -> HttpResponse:
    """List every page of the documentation, for programs that read text."""
    return HttpResponse(site.llms(), content_type="text/plain; charset=utf-8")


def page(request: HttpRequest, where: str = "") -> HttpResponse:
    """Show one page of the documentation: as HTML, or at its address with `.md` as Markdown."""
    is_twin = request.path_info.endswith(".md")
    pages = site.twins() if is_twin else site.all_pages()
    found = pages.get(request.path_info)
    if found is None:
        raise Http404
    if is_twin:
        return HttpResponse(found.text, content_type="text/markdown; charset=utf-8")
    if found.address == reference.INDEX:
        return _searchable(request, found)
    return render(request, "docs/page.html", {"page": found, **_beside(found)})


def _searchable(request: HttpRequest, found: Page) -> HttpResponse:
    """Show the index of the reference, or the search results if `q` is given."""
    text = request.GET.get("q", "")[:LONGEST_SEARCH].strip()
    results = renderer().render(site.search(text)) if text else ""
    return render(request, "docs/reference.html", {"page": found, "q": text, "results": results})


def _beside(found: Page) -> dict[str, object]:
    """Return the pages of a page's menu, and the pages before and after it."""
    if not found.menu:
        return {}
    pages = site.menus()[found.menu]
    at = pages.index(found)
    before = pages[at - 1] if at else None
    return {"pages": pages, "previous": before, "next": [*pages, None][at + 1]}
