"""A line for a shell that tries a new credential out, at the address that the world knows."""

import shlex
from collections.abc import Iterable

from django.conf import settings

# What can be read without knowing an id, by the scope that it takes.
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
    """Return the command that gets an access token."""
    return shlex.join(
        [
            *("curl", "--user", f"{client_id}:{secret}"),
            *("--data", "grant_type=client_credentials", f"{settings.PUBLIC_URL}/oauth/token"),
        ]
    )


def curl_for_key(key: str, scopes: Iterable[str]) -> str:
    """Return the command that reads something that the key may; "" where it may read no list."""
    path = next((READABLE[scope] for scope in scopes if scope in READABLE), "")
    if not path:
        return ""
    header = f"Authorization: Bearer {key}"
    return shlex.join(["curl", "--header", header, f"{settings.PUBLIC_URL}{path}"])
