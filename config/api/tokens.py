"""The views that issue and revoke access tokens (contract, "Getting in")."""

from abc import ABC, abstractmethod
from collections import Counter
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
from .limits import Quota, count_stranger, count_token_request, headers_of
from .problems import Refused, bad_request, quoted
from .surfaces import m2m, oauth
from .token_shapes import ClientCredentials, RevocationForm, Revoked, Token, TokenForm
from .unknown import UnknownNames


@dataclass(frozen=True)
class Operation:
    """The documentation of an endpoint that is no Resource: its input and its responses.

    The description is the docstring of the method. Workers do not load drf-spectacular, so this is
    a plain dataclass instead of its decorator.
    """

    id: str
    takes: dict[str, Any]
    words: dict[int, str]
    error: type[serializers.Serializer]
    answers: type[serializers.Serializer] = Token
    succeeded: str = "The access token, and how long it works."


_WRONG_CLIENT = (
    "The client id or secret is wrong. Check both, and that the client is not suspended."
)
# The descriptions of the statuses that all three views can return.
_STATUSES = {
    401: "The client id or the secret is wrong, or the client is suspended.",
    405: "The path takes POST only.",
    408: "The body did not arrive in time; send the request again.",
    413: "The body is larger than 1 MiB.",
    429: "Too many requests by this client or from this address; try again after `Retry-After` "
    "seconds.",
    503: "The server cannot answer now; try again after `Retry-After` seconds.",
}


class TokenView(ABC, APIView):
    """Base class of the views that issue or revoke access tokens.

    `server` is the function that handles the parameters and the Authorization header.
    """

    operation: ClassVar[Operation]
    server: ClassVar[Callable[[dict[str, str], str], tuple[int, dict[str, Any]]]] = issue_token
    authentication_classes = ()
    http_method_names = ["post"]
    left: Quota | None = None

    @abstractmethod
    def read(self, request: Any) -> tuple[dict[str, str], str]:
        """Return the parameters and the Authorization header; raises a 400 or 413."""

    def ask(self, request: Any) -> tuple[int, dict[str, Any]]:
        """Return the status and the body of the response; raises a 429.

        Only failed requests count towards the limit of the address.
        """
        try:
            form, authorization = self.read(request)
        except (Refused, ValidationError):
            self.left = count_stranger(request)
            raise
        client_id = client_id_of(form, authorization)
        left, is_known = count_token_request(request, client_id)
        status, document = type(self).server(form, authorization)
        if "error" in document:
            document["error_description"] = self.sentence_of(document["error"], form)
        # The headers must not reveal whether the client exists.
        self.left = count_stranger(request) if is_known and status == 401 else left
        return status, document

    def sentence_of(self, error: str, form: dict[str, str]) -> str:
        """Return the message for an error code of RFC 6749, section 5.2."""
        if error == "invalid_client":
            return _WRONG_CLIENT
        if error == "invalid_scope":
            asked = quoted(form.get("scope", ""))
            return (
                f"scope: The client does not have all of {asked}. Ask for scopes of its own, or "
                "leave scope out for all of them."
            )
        grant = form.get("grant_type")
        sent = "it is missing" if grant is None else f"got {quoted(grant)}"
        return f"grant_type: Must be client_credentials; {sent}."

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        response["Pragma"] = "no-cache"
        if self.left is not None:
            for name, value in headers_of((self.left,)).items():
                response[name] = value
        return super().finalize_response(request, response, *args, **kwargs)


class FormView(TokenView):
    """Base class of the views that take a form, as OAuth 2.0 requires."""

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
        {400: "The form cannot be read, or the grant type or a scope is not allowed.", **_STATUSES},
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
        {400: "The form cannot be read, or has no token.", **_STATUSES},
        OAuthError,
        Revoked,
        "The token does not work any more. The body is empty.",
    )

    def sentence_of(self, error: str, form: dict[str, str]) -> str:
        if error == "invalid_client":
            return _WRONG_CLIENT
        return "token: Send the access token that is to stop working."

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
        {
            400: "The body cannot be read, or a field or a scope is not allowed.",
            415: "The body is not JSON.",
            **_STATUSES,
        },
        MessageError,
    )

    def post(self, request: Any) -> HttpResponse:
        """Ask for an access token with a JSON body, as clients of the M2M surface do."""
        status, document = self.ask(request)
        if status == 200:
            return self.unknown.report(JsonResponse(document))
        if status == 401:
            raise Refused(401, "invalid_client", _WRONG_CLIENT)
        raise Refused(400, document["error"], document["error_description"])

    def read(self, request: Any) -> tuple[dict[str, str], str]:
        self.unknown = UnknownNames(is_lenient=self.surface.is_lenient)
        body = read_object(request._request)
        credentials = ClientCredentials(data=body, context={"unknown": self.unknown})
        credentials.is_valid(raise_exception=True)
        return {"grant_type": "client_credentials", **credentials.validated_data}, ""


def _form(request: HttpRequest) -> dict[str, str]:
    """Return the parameters of a form; raises a 400 if it is invalid or repeats a parameter."""
    if request.content_type != "application/x-www-form-urlencoded":
        sent = quoted(request.content_type) if request.content_type else "none"
        raise bad_request(
            f"The content type must be application/x-www-form-urlencoded; got {sent}."
        )
    try:
        text = read_bytes(request).decode("ascii")
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise bad_request(
            "The form cannot be read. Send up to 20 parameters, percent-encoded as UTF-8."
        )
    form = dict(pairs)
    if len(form) < len(pairs):
        repeated = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise bad_request(f"{repeated[:100]}: Given more than once. Send it once.")
    for name, text in form.items():
        if "\x00" in text:
            raise bad_request(f"{name[:100]}: Must not contain null characters.")
    return form


def _authorization(request: Any) -> str:
    """Return the Authorization header with its scheme capitalized, as oauthlib expects."""
    header = request.META.get("HTTP_AUTHORIZATION", "")
    scheme, _, credentials = header.partition(" ")
    return f"{scheme.capitalize()} {credentials.strip()}".strip() if header.isascii() else ""
