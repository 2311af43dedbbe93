"""The documentation that the software serves about itself."""

from functools import cache
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.utils import extend_schema
from rest_framework.views import APIView

from config.errors import Refusal

from .errors import FRAME_CODES


@cache
def document() -> bytes:
    """Return the committed OpenAPI document, which a test keeps current."""
    return (settings.BASE_DIR / "config" / "openapi.json").read_bytes()


class Document(APIView):
    authentication_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Any) -> HttpResponse:
        """The OpenAPI document of every surface."""
        return HttpResponse(document(), content_type="application/json")


def browse(request: HttpRequest) -> HttpResponse:
    """Show the operations of every surface, one under the other."""
    return render(request, "docs/reference.html")


def error_list(request: HttpRequest) -> HttpResponse:
    """List every error code."""
    codes = [(code, *words) for code, words in sorted(error_codes().items())]
    return render(request, "docs/errors.html", {"codes": codes})


def error_page(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one error code: where `doc_url` points."""
    meanings = error_codes()
    if code not in meanings:
        raise Http404
    meaning, advice = meanings[code]
    return render(request, "docs/error.html", {"code": code, "meaning": meaning, "advice": advice})


@cache
def error_codes() -> dict[str, tuple[str, str]]:
    """Return what every code means and what to do about it, the rules' codes and the frame's."""
    codes = dict(FRAME_CODES)
    waiting = [Refusal]
    while waiting:
        refusal = waiting.pop()
        waiting += refusal.__subclasses__()
        codes.setdefault(refusal.code, (str(refusal.message), refusal.advice))
    return codes
