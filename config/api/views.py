"""Doors that stand around the surfaces: tokens, the document, addresses that lead nowhere."""

from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework import serializers
from rest_framework.views import APIView

from config.access.oauth import issue_token

from .accepting import Accepted
from .bodies import read_bytes, read_object
from .error_bodies import MessageError, OAuthError
from .errors import answer
from .limits import Quota, count_stranger, headers_of
from .problems import Problem, Refused, bad_request
from .surfaces import m2m, oauth, surface_of


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
    """What a client was given when it was made."""

    client_id = serializers.CharField()
    client_secret = serializers.CharField(trim_whitespace=False)
    scope = serializers.CharField(required=False)


@dataclass(frozen=True)
class Operation:
    """What the document says of a door that is no resource: what it takes, and what it answers.

    The description is that of the method. What makes the document is loaded where it is made, and
    in no worker.
    """

    id: str
    takes: dict[str, Any]
    words: dict[int, str]
    error: type[serializers.Serializer]


class TokenDoor(APIView):
    """Base of the two ways to ask for a token; who asks is counted before anything is looked at."""

    operation: ClassVar[Operation]
    authentication_classes = ()
    http_method_names = ["post"]
    left: Quota | None = None

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        self.left = count_stranger(request)
        super().initial(request, *args, **kwargs)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Pragma"] = "no-cache"
        if self.left is not None:
            for name, value in headers_of((self.left,)).items():
                response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)


class FormToken(TokenDoor):
    surface = oauth
    operation = Operation(
        "oauth_token",
        {"application/x-www-form-urlencoded": TokenForm},
        {
            400: "The request, the grant or the scope is not right.",
            401: "No such client, or not its secret.",
            405: "Only POST.",
            413: "Too large.",
            429: "Too many requests from this address; try again.",
            503: "The database cannot answer; try again.",
        },
        OAuthError,
    )

    def post(self, request: Any) -> HttpResponse:
        """Ask for an access token (OAuth 2.0 client credentials).

        It lives for 3600 seconds and there is no refresh token. Who asks for no scope gets all that
        the client has.
        """
        status, document = issue_token(_form(request._request), _authorization(request))
        response = JsonResponse(document, status=status)
        if status == 401:
            response["WWW-Authenticate"] = 'Basic realm="token"'
        return response


class JsonToken(TokenDoor):
    surface = m2m
    operation = Operation(
        "json_token",
        {"application/json": ClientCredentials},
        {
            400: "The request or the scope is not right.",
            401: "No such client, or not its secret.",
            405: "Only POST.",
            413: "Too large.",
            415: "Not JSON.",
            429: "Too many requests from this address; try again.",
            503: "The database cannot answer; try again.",
        },
        MessageError,
    )

    def post(self, request: Any) -> HttpResponse:
        """Ask for an access token with a JSON body, as clients of the M2M surface do."""
        credentials = ClientCredentials(data=read_object(request._request))
        credentials.is_valid(raise_exception=True)
        form = {"grant_type": "client_credentials", **credentials.validated_data}
        status, document = issue_token(form, "")
        if status == 200:
            return JsonResponse(document)
        if status == 401:
            raise Refused(401, "invalid_client", "No such client, or not its secret.")
        raise Refused(400, document["error"], document.get("error_description", "Not valid."))


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
        raise bad_request("A parameter holds a character that cannot be.")
    return form


def _authorization(request: Any) -> str:
    header = request.META.get("HTTP_AUTHORIZATION", "")
    return header if header.isascii() else ""


def nowhere(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer an address that leads nowhere, in the words of the surface that it looks like."""
    return answer(
        Problem(404, "not_found", "There is nothing here."), surface_of(request.path_info)
    )


def broken(request: HttpRequest) -> HttpResponse:
    """Answer what nobody expected; the log has the rest."""
    problem = Problem(500, "internal_error", "Something went wrong on our side.")
    return answer(problem, surface_of(request.path_info))


def unreadable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Answer what Django itself refuses to read."""
    problem = Problem(400, "bad_request", "The request could not be read.")
    return answer(problem, surface_of(request.path_info))
