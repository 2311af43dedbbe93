"""The views that issue and revoke access tokens (contract, "Getting in")."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, JsonResponse
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.views import APIView

from config.access.oauth import client_id_of, issue_token, revoke_token

from .bodies import read_bytes, read_object
from .error_bodies import MessageError, OAuthError
from .input_fields import Accepted
from .limits import Quota, count_stranger, count_token_request, headers_of
from .problems import Refused, bad_request
from .surfaces import m2m, oauth
from .unknown import UnknownNames


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


class RevocationForm(serializers.Serializer):
    """Parameters of RFC 7009, section 2.1; the credentials may come by HTTP Basic instead."""

    token = serializers.CharField(help_text="The access token that is to stop working.")
    token_type_hint = serializers.CharField(
        required=False,
        help_text="`access_token`, the only type there is; anything else is ignored.",
    )
    client_id = serializers.CharField(required=False, help_text="The id of the token's client.")
    client_secret = serializers.CharField(required=False, help_text="The client's secret.")


class Revoked(serializers.Serializer):
    """Nothing: the token does not work, whether it did before or not."""


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
    answers: type[serializers.Serializer] = Token


# The statuses that all three views answer with, as the document explains them.
_STATUSES = {
    401: "The client id or secret is wrong.",
    405: "Only POST.",
    408: "The body did not arrive in time.",
    413: "Too large.",
    429: "Too many requests from this address; try again.",
    503: "The database cannot answer; try again.",
}


class TokenView(ABC, APIView):
    """The base of the views that issue or revoke an access token.

    `server` is what answers, given the parameters and the Authorization header.
    """

    operation: ClassVar[Operation]
    server: ClassVar[Callable[[dict[str, str], str], tuple[int, dict[str, Any]]]] = issue_token
    authentication_classes = ()
    http_method_names = ["post"]
    left: Quota | None = None

    @abstractmethod
    def read(self, request: Any) -> tuple[dict[str, str], str]:
        """Return the parameters and the Authorization header; raises the 400 and the 413."""

    def ask(self, request: Any) -> tuple[int, dict[str, Any]]:
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
        status, document = type(self).server(form, authorization)
        # The headers do not tell a wrong secret from an unknown client.
        self.left = count_stranger(request) if is_known and status == 401 else left
        return status, document

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Pragma"] = "no-cache"
        if self.left is not None:
            for name, value in headers_of((self.left,)).items():
                response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)


class FormView(TokenView):
    """The base of the views that take a form, as OAuth has it."""

    surface = oauth

    def respond(self, request: Any) -> HttpResponse:
        status, document = self.ask(request)
        response = JsonResponse(document, status=status) if document else HttpResponse()
        if status == 401:
            response["WWW-Authenticate"] = 'Basic realm="token"'
        return response

    def read(self, request: Any) -> tuple[dict[str, str], str]:
        return _form(request._request), _authorization(request)


class FormToken(FormView):
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
        return self.respond(request)


class FormRevocation(FormView):
    server = revoke_token
    operation = Operation(
        "oauth_revoke",
        {"application/x-www-form-urlencoded": RevocationForm},
        {400: "The request is not right.", **_STATUSES},
        OAuthError,
        Revoked,
    )

    def post(self, request: Any) -> HttpResponse:
        """Revoke an access token, from the next request on (RFC 7009).

        The client authenticates as for a token, and can revoke its own tokens only. An unknown
        token is answered alike, since it does not work either.
        """
        return self.respond(request)


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
        status, document = self.ask(request)
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
