"""The security schemes in the OpenAPI document."""

from rest_framework.authentication import BaseAuthentication


class Credential(BaseAuthentication):
    """Documents access tokens and API keys; it authenticates nothing.

    `config.api.authentication` authenticates requests.
    """
