from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from django.conf import settings
from django.http import HttpRequest

NOWHERE = "0.0.0.0"  # noqa: S104 - used if the client's address is unknown


def client_address(request: HttpRequest) -> str:
    """Return the client's address as reported by our own proxies."""
    return address_of(request.META)


def address_of(environ: Mapping[str, Any]) -> str:
    """Return the client's address from the WSGI environment of its request."""
    return _network(_noted(environ))


@lru_cache(1024)
def _network(noted: str) -> str:
    """Return an IPv4 address, or the /64 network of an IPv6 address: a client has all of it."""
    try:
        address = ip_address(noted)
    except ValueError:
        return NOWHERE
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64))


def _noted(environ: Mapping[str, Any]) -> str:
    """Each proxy appends its client's address on the right; clients can forge the rest."""
    chain = [*environ.get("HTTP_X_FORWARDED_FOR", "").split(","), ""]
    forwarded = [one.strip() for one in chain if one.strip()]
    proxies: int = settings.PROXIES
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies]
    return str(environ.get("REMOTE_ADDR", ""))
