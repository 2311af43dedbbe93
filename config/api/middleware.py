import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from config.access.ids import new_id

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
