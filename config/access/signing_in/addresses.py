from ipaddress import IPv6Address, ip_address

from django.conf import settings
from django.http import HttpRequest

NOWHERE = "0.0.0.0"  # noqa: S104 - an address of nobody, where the server was told none


def client_address(request: HttpRequest) -> str:
    """Return where a request came from, by what our own proxies noted and nobody else.

    Of an IPv6 address its network of 64 bits: whoever has one address there has all of them.
    """
    try:
        address = ip_address(_noted(request))
    except ValueError:
        return NOWHERE
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(IPv6Address(int(address) >> 64 << 64))


def _noted(request: HttpRequest) -> str:
    """Each proxy adds to the right whom it heard from; what stands further left is hearsay."""
    chain = [*request.META.get("HTTP_X_FORWARDED_FOR", "").split(","), ""]
    forwarded = [one.strip() for one in chain if one.strip()]
    proxies: int = settings.PROXIES
    if proxies and len(forwarded) >= proxies:
        return forwarded[-proxies]
    return str(request.META.get("REMOTE_ADDR", ""))
