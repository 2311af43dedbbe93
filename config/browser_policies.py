"""Content security and permissions policies of pages, and which pages hold a secret."""

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.middleware.gzip import GZipMiddleware
from django.utils.csp import CSP

# For responses that are not pages.
NOTHING = {
    "default-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
# The documentation has no script; its search is a form.
DOCUMENTATION = {
    **NOTHING,
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "form-action": [CSP.SELF],
}
# Unfold's Alpine evaluates expressions and writes style attributes, so both are allowed. Script and
# style elements without a nonce, and event handler attributes, are not.
BACK_OFFICE = {
    **NOTHING,
    "connect-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE, CSP.UNSAFE_EVAL],
    "script-src-attr": [CSP.NONE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "style-src-attr": [CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
    "font-src": [CSP.SELF],
    "form-action": [CSP.SELF],
}
# No page uses these.
PERMISSIONS = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)


def mark_secret[Answer: HttpResponseBase](response: Answer) -> Answer:
    """Mark a response as showing a secret, so that it is not compressed."""
    response.shows_secret = True  # type: ignore[attr-defined]
    return response


def holds_secret(response: HttpResponseBase) -> bool:
    return getattr(response, "shows_secret", False)


class CompressedPages(GZipMiddleware):
    """Compresses responses, except those that show a secret.

    If a page reflects a guess, its compressed size reveals whether the guess matches part of the
    secret (BREACH).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if holds_secret(response):
            return response
        return super().process_response(request, response)


class BrowserPolicies(ContentSecurityPolicyMiddleware):
    """Tells browsers what the pages of each part of the site may load and use."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        response.headers["Permissions-Policy"] = PERMISSIONS
        if request.path_info.startswith("/admin/"):
            response._csp_config = BACK_OFFICE  # type: ignore[attr-defined]
        elif request.path_info.startswith("/docs/"):
            response._csp_config = DOCUMENTATION  # type: ignore[attr-defined]
        return super().process_response(request, response)
