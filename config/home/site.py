from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from config.access.signing_in.factors import led_to_factor
from config.admin.site import CompanySite


class BackOffice(CompanySite):
    """The site of the back-office: it requires a second factor and starts with the home page."""

    def way_in(self, request: HttpRequest) -> HttpResponse | None:
        return led_to_factor(request)

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        # The page imports admin classes, which register themselves at this site.
        from .page import home

        return super().index(request, {**home(request, self), **(extra_context or {})})
