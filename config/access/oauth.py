"""OAuth 2.0 client credentials: Django OAuth Toolkit with our clients, scopes and clock."""

import json
from base64 import b64decode
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlencode

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models.functions import Now
from django.utils.functional import SimpleLazyObject
from oauth2_provider.models import get_access_token_model
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.scopes import BaseScopes
from oauthlib.oauth2 import BackendApplicationServer

from .hashers import new_credential
from .models import ApiClient
from .scopes import SCOPES

TOKEN_SECONDS = 3600
TOKENS_AT_ONCE = 10_000

_nobodys_secret = SimpleLazyObject(lambda: make_password("nobody", hasher="regulars_secret"))


class ClientScopes(BaseScopes):
    """A client may request only its own scopes, and gets all of them if it requests none."""

    def get_all_scopes(self) -> dict[str, str]:
        return SCOPES

    def get_available_scopes(self, application: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        return application.scopes if application else []

    def get_default_scopes(self, application: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        return self.get_available_scopes(application)


class TokenValidator(OAuth2Validator):
    """Look up clients with their company, in the same time whether or not the client exists."""

    def _load_application(self, client_id: str, request: Any) -> ApiClient | None:
        if not client_id or "\x00" in client_id:
            return None
        client = ApiClient.objects.select_related("company").filter(client_id=client_id).first()
        if client is None or not client.is_usable(request):
            check_password("somebody", str(_nobodys_secret))
            return None
        request.client = client
        return client

    def _create_access_token(self, expires: Any, *args: Any, **kwargs: Any) -> Any:
        """Save the token with an expiry by the database's clock, which is also used to check it."""
        expires = Now() + timedelta(seconds=TOKEN_SECONDS)
        return super()._create_access_token(expires, *args, **kwargs)


def remove_expired_tokens() -> int:
    """Remove up to TOKENS_AT_ONCE expired tokens; return how many were removed.

    Django OAuth Toolkit's `clear_expired` uses this process's clock.
    """
    tokens = get_access_token_model().objects
    expired = tokens.filter(expires__lt=Now()).values_list("pk", flat=True)[:TOKENS_AT_ONCE]
    return tokens.filter(pk__in=list(expired)).delete()[0]


def client_id_of(form: dict[str, str], authorization: str) -> str:
    """Return the client id of a token request, from HTTP Basic or its form; "" if there is none."""
    basic = authorization.removeprefix("Basic ")
    if basic == authorization:
        return form.get("client_id", "")
    try:
        name = unquote(b64decode(basic, validate=True).decode().partition(":")[0])
    except ValueError:
        return ""
    return "" if "\x00" in name else name


def issue_token(form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
    """Issue an access token; return the status and body of the response.

    `form` has the parameters of RFC 6749 section 4.4.2; `authorization` is the header or "".
    Tokens live 3600 seconds; errors are those of RFC 6749 section 5.2.
    """
    return _answer("create_token_response", "/oauth/token", form, authorization)


def revoke_token(form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
    """Revoke an access token (RFC 7009); return the status and body of the response.

    `form` has the token and the client's credentials, as for `issue_token`. An unknown token, or
    another client's, gets the same response as a revoked one.
    """
    # Ignore the hint: there is one type of token, and RFC 7009 allows an unknown hint.
    sent = {name: value for name, value in form.items() if name != "token_type_hint"}
    return _answer("create_revocation_response", "/oauth/revoke", sent, authorization)


def _answer(
    endpoint: str, path: str, form: dict[str, str], authorization: str
) -> tuple[int, dict[str, Any]]:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    if authorization:
        headers["HTTP_AUTHORIZATION"] = authorization
    server = BackendApplicationServer(
        TokenValidator(), token_generator=_new_token, token_expires_in=TOKEN_SECONDS
    )
    with transaction.atomic():
        _, body, status = getattr(server, endpoint)(path, "POST", urlencode(form), headers)
    return status, json.loads(body or "{}")


def _new_token(request: Any, refresh_token: bool = False) -> str:
    return new_credential("token", request.client.company_id)
