"""curl commands that try out a new credential, at the public address of the server."""

import shlex
from collections.abc import Iterable

from django.conf import settings

# A path that can be read without an id, for each scope.
READABLE = {
    "customers:read": "/customers?limit=1",
    "bookings:read": "/v1/bookings?per_page=1",
    "invoices:read": "/v1/invoices?per_page=1",
    "coupons:read": "/v1/coupons?per_page=1",
    "packages:read": "/v1/pass-products?per_page=1",
    "plans:read": "/v1/plans?per_page=1",
    "services:read": "/v1/services?per_page=1",
    "events:read": "/v1/events?per_page=1",
    "videos:read": "/v1/media?per_page=1",
    "changes:read": "/v1/changes",
}


def curl_for_client(client_id: str, secret: str) -> str:
    """Return the curl command that requests an access token."""
    return shlex.join(
        [
            *("curl", "--user", f"{client_id}:{secret}"),
            *("--data", "grant_type=client_credentials", f"{settings.PUBLIC_URL}/oauth/token"),
        ]
    )


def curl_for_key(key: str, scopes: Iterable[str]) -> str:
    """Return a curl command that the key has the scope for, "" if it can read no list."""
    path = next((READABLE[scope] for scope in scopes if scope in READABLE), "")
    if not path:
        return ""
    header = f"Authorization: Bearer {key}"
    return shlex.join(["curl", "--header", header, f"{settings.PUBLIC_URL}{path}"])
