"""The inputs and outputs of the endpoints that issue and revoke access tokens."""

from rest_framework import serializers

from .input_fields import Accepted, ChoiceIn, TextField

_ID_OF_CLIENT = "The id of the API client, which was shown when it was created."
_OWN_SECRET = "The secret of the API client, which was shown only once."  # noqa: S105
_OR_BASIC = "Absent if the credentials are sent by HTTP Basic."
_CLIENT_ID = f"{_ID_OF_CLIENT} {_OR_BASIC}"
_CLIENT_SECRET = f"{_OWN_SECRET} {_OR_BASIC}"
_SCOPE = (
    "The scopes that the token gets, with spaces between them. Absent: all scopes of the client."
)


class Token(serializers.Serializer):
    """An access token: good for `expires_in` seconds, for the scopes in `scope`."""

    access_token = serializers.CharField(
        help_text="The token. Send it with each request as `Authorization: Bearer …`."
    )
    token_type = serializers.ChoiceField(
        ["Bearer"], help_text="Always `Bearer`: whoever has the token can use it."
    )
    expires_in = serializers.IntegerField(
        help_text="For how many seconds the token works. There is no refresh token; get a new one."
    )
    scope = serializers.CharField(
        help_text="The scopes of the token, with spaces between them: `customers:read notes:read`."
    )


class TokenForm(serializers.Serializer):
    """Parameters of RFC 6749, section 4.4.2; the credentials may come by HTTP Basic instead."""

    grant_type = serializers.ChoiceField(
        ["client_credentials"], help_text="Always `client_credentials`, the only grant there is."
    )
    scope = serializers.CharField(required=False, help_text=_SCOPE)
    client_id = serializers.CharField(required=False, help_text=_CLIENT_ID)
    client_secret = serializers.CharField(required=False, help_text=_CLIENT_SECRET)


class RevocationForm(serializers.Serializer):
    """Parameters of RFC 7009, section 2.1; the credentials may come by HTTP Basic instead."""

    token = serializers.CharField(help_text="The access token that is to stop working.")
    token_type_hint = serializers.CharField(
        required=False,
        help_text="`access_token`, the only type there is; anything else is ignored.",
    )
    client_id = serializers.CharField(required=False, help_text=_CLIENT_ID)
    client_secret = serializers.CharField(required=False, help_text=_CLIENT_SECRET)


class Revoked(serializers.Serializer):
    """An empty response: the token is revoked, or did not work before."""


class ClientCredentials(Accepted):
    """The credentials that a client was given when it was created."""

    client_id = TextField(required=True, help_text=_ID_OF_CLIENT)
    client_secret = TextField(
        required=True,
        trim_whitespace=False,
        # Do not quote a secret in the error, since errors are logged.
        error_messages={"invalid": "Must be text."},
        help_text=_OWN_SECRET,
    )
    scope = TextField(allow_null=False, allow_blank=False, help_text=_SCOPE)
    grant_type = ChoiceIn(
        ["client_credentials"],
        required=False,
        help_text="Always `client_credentials`; it may be left out.",
    )
