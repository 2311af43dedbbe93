from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse


def shown_once(
    pages: Any, request: HttpRequest, row: Any, text: str, values: list[tuple[str, str]]
) -> HttpResponse:
    """Return the page that shows a secret: the answer itself, for it is kept nowhere.

    A message or a redirect would leave it in a session, a cookie or an address.
    """
    context = {
        **pages.admin_site.each_context(request),
        "title": str(row),
        "opts": pages.opts,
        "original": row,
        "headline": str(row),
        "text": text,
        "values": values,
        "back": pages.address_of(row),
    }
    request.current_app = pages.admin_site.name
    return TemplateResponse(request, "admin/shown_once.html", context)
