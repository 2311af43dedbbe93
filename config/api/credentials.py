"""How the document names the credential of a request."""

from rest_framework.authentication import BaseAuthentication


class Credential(BaseAuthentication):
    """Names access tokens and API keys in the document.

    Requests are authenticated by `config.api.authentication`.
    """
