"""Views beside the surfaces: access tokens and the error handlers of Django."""

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.views import APIView

from config.access.oauth import client_id_of, issue_token
from config.outages import outage_of

from .bodies import read_bytes, read_object
from .error_bodies import MessageError, OAuthError
from .errors import answer, outage_problem, unreadable_problem
from .input_fields import Accepted
from .limits import Quota, count_stranger, count_token_request, headers_of
from .problems import Problem, Refused, bad_request
from .surfaces import m2m, oauth, surface_of
from .unknown import UnknownNames

BACK_OFFICE = "/admin/"


class Token(serializers.Serializer):
    """An access token: good for `expires_in` seconds, for the scopes in `scope`."""

    access_token = serializers.CharField()
    token_type = serializers.ChoiceField(["Bearer"])
    expires_in = serializers.IntegerField()
    scope = serializers.CharField()


class TokenForm(serializers.Serializer):
    """Parameters of RFC 6749, section 4.4.2; the credentials may come by HTTP Basic instead."""

    grant_type = serializers.ChoiceField(["client_credentials"])
    scope = serializers.CharField(required=False)
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)


class ClientCredentials(Accepted):
    """The credentials that a client was given when it was created."""

    client_id = serializers.CharField()
    client_secret = serializers.CharField(trim_whitespace=False)
    scope = serializers.CharField(required=False)
    grant_type = serializers.ChoiceField(
        ["client_credentials"], required=False, help_text="It is always this one."
    )


@dataclass(frozen=True)
class Operation:
    """The documentation of an endpoint that is no resource: its input and its answers.

    The description is that of the method. What makes the document is loaded where it is made, and
    in no worker.
    """

    id: str
    takes: dict[str, Any]
    words: dict[int, str]
    error: type[serializers.Serializer]


# The statuses that both views answer with, as the document explains them.
_STATUSES = {
    401: "The client id or secret is wrong.",
    405: "Only POST.",
    408: "The body did not arrive in time.",
    413: "Too large.",
    429: "Too many requests from this address; try again.",
    503: "The database cannot answer; try again.",
}


class TokenView(ABC, APIView):
    """The base of the two views that issue an access token."""

    operation: ClassVar[Operation]
    authentication_classes = ()
    http_method_names = ["post"]
    left: Quota | None = None

    @abstractmethod
    def read(self, request: Any) -> tuple[dict[str, str], str]:
        """Return the parameters and the Authorization header; raises the 400 and the 413."""

    def issue(self, request: Any) -> tuple[int, dict[str, Any]]:
        """Return the status and the document that answer a request; raises the 429.

        Only a request that fails counts for its address.
        """
        try:
            form, authorization = self.read(request)
        except (Refused, ValidationError):
            self.left = count_stranger(request)
            raise
        client_id = client_id_of(form, authorization)
        left, is_known = count_token_request(request, client_id)
        status, document = issue_token(form, authorization)
        # The headers do not tell a wrong secret from an unknown client.
        self.left = count_stranger(request) if is_known and status == 401 else left
        return status, document

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Pragma"] = "no-cache"
        if self.left is not None:
            for name, value in headers_of((self.left,)).items():
                response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)


class FormToken(TokenView):
    surface = oauth
    operation = Operation(
        "oauth_token",
        {"application/x-www-form-urlencoded": TokenForm},
        {400: "The request, the grant or the scope is not right.", **_STATUSES},
        OAuthError,
    )

    def post(self, request: Any) -> HttpResponse:
        """Ask for an access token (OAuth 2.0 client credentials).

        It lives for 3600 seconds and there is no refresh token. Who asks for no scope gets all that
        the client has.
        """
        status, document = self.issue(request)
        response = JsonResponse(document, status=status)
        if status == 401:
            response["WWW-Authenticate"] = 'Basic realm="token"'
        return response

    def read(self, request: Any) -> tuple[dict[str, str], str]:
        return _form(request._request), _authorization(request)


class JsonToken(TokenView):
    surface = m2m
    operation = Operation(
        "json_token",
        {"application/json": ClientCredentials},
        {400: "The request or the scope is not right.", 415: "Not JSON.", **_STATUSES},
        MessageError,
    )

    def post(self, request: Any) -> HttpResponse:
        """Ask for an access token with a JSON body, as clients of the M2M surface do."""
        status, document = self.issue(request)
        if status == 200:
            return self.unknown.report(JsonResponse(document))
        if status == 401:
            raise Refused(401, "invalid_client", "The client id or secret is wrong.")
        raise Refused(400, document["error"], document.get("error_description", "Not valid."))

    def read(self, request: Any) -> tuple[dict[str, str], str]:
        self.unknown = UnknownNames(is_lenient=self.surface.is_lenient)
        body = read_object(request._request)
        credentials = ClientCredentials(data=body, context={"unknown": self.unknown})
        credentials.is_valid(raise_exception=True)
        return {"grant_type": "client_credentials", **credentials.validated_data}, ""


def _form(request: HttpRequest) -> dict[str, str]:
    """Return the parameters of a form; raises a 400 for what is no form, or says a thing twice."""
    if request.content_type != "application/x-www-form-urlencoded":
        raise bad_request("Send the parameters as application/x-www-form-urlencoded.")
    try:
        text = read_bytes(request).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise bad_request("The parameters cannot be read.")
    form = dict(pairs)
    if len(form) < len(pairs):
        raise bad_request("A parameter is given twice.")
    if any("\x00" in text for text in form.values()):
        raise bad_request("A parameter contains a null character.")
    return form


def _authorization(request: Any) -> str:
    """Return the Authorization header, the name of its scheme as oauthlib wants it."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, credentials = header.partition(" ")
    return f"{scheme.capitalize()} {credentials.strip()}".strip() if header.isascii() else ""


def read_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Return a view that answers 405 to every method but GET and HEAD."""

    # A request that changes nothing needs no token against forgery.
    @csrf_exempt
    @wraps(view)
    def answer_reads(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in ("GET", "HEAD"):
            return view(request, *args, **kwargs)
        sentence = "This address takes GET and HEAD only."
        problem = Problem(405, "method_not_allowed", sentence, headers={"Allow": "GET, HEAD"})
        return answer(problem, surface_of(request.path_info))

    return answer_reads


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a path that no route matches, in the error format of its surface."""
    path = request.path_info[:200]
    sentence = f"No endpoint has the path “{path}”. See /docs/ for all paths."
    return answer(Problem(404, "not_found", sentence), surface_of(request.path_info))


def handler500(request: HttpRequest) -> HttpResponse:
    """Answer a request that raised an exception: 503 for an outage, 500 for anything else."""
    outage = outage_of(sys.exception())
    problem = (
        outage_problem(outage)
        if outage
        else Problem(500, "internal_error", "Something went wrong on our side.")
    )
    advice = _("If you were saving something, look whether it was saved, and then do it again.")
    return _answer_problem(request, problem, advice)


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer a request that Django itself refuses to read."""
    problem = unreadable_problem(exception, host=request.META.get("HTTP_HOST", ""))
    return _answer_problem(request, problem, _("Nothing was saved."))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without a valid CSRF token: an old page, blocked cookies or another site."""
    sentence = _("This page was opened too long ago, or cookies are off.")
    advice = _("Nothing was saved. Go back, reload the page and send the form again.")
    return sentence_page(Problem(403, "not_allowed", sentence), advice)


def sentence_page(problem: Problem, advice: str) -> HttpResponse:
    """Return a page of the back-office that needs neither the database nor a session."""
    page = render_to_string("admin/broken.html", {"message": problem.message, "advice": advice})
    return HttpResponse(page, status=problem.status, headers=problem.headers)


def _answer_problem(request: HttpRequest, problem: Problem, advice: str) -> HttpResponse:
    """Answer with a page in the back-office, elsewhere in the error format of the surface."""
    if request.path_info.startswith(BACK_OFFICE):
        return sentence_page(problem, advice)
    return answer(problem, surface_of(request.path_info))
