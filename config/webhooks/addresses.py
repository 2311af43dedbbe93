"""Where messages may be sent: over https, to hosts on the public internet.

A client that sets a webhook's URL chooses where this server connects to, from inside its network.
So every address that is not public is refused, in whatever form it is written.
"""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from .errors import InvalidWebhookUrl

LONGEST = 2000

# Ports of services that are never webhooks: databases, queues, caches, cluster consoles. Below 1024
# only web ports are allowed, which excludes mail, remote shells and directories.
WEB_PORTS = frozenset((80, 443))
SERVICE_PORTS = frozenset(
    (
        *(1433, 1521, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3128, 3306, 3389, 4369, 5432, 5433),
        *(5672, 5900, 5984, 6000, 6379, 6443, 6667, 7000, 7001, 8500, 9042, 9092, 9200, 9300),
        *(10250, 11211, 15672, 26257, 27017, 50000),
    )
)

type Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Names that no public server has: of this machine, of its network, and reserved ones.
_LOCAL_NAMES = (
    *(".localhost", ".local", ".internal", ".intranet", ".lan", ".home.arpa", ".test"),
    ".invalid",
)
_LOW_32 = (1 << 32) - 1
# IPv6 networks that a gateway translates to the IPv4 address in the last 32 bits.
_TRANSLATED = tuple(map(ipaddress.IPv6Network, ("64:ff9b::/96", "::/96", "::ffff:0:0:0/96")))
_PRIVATE_TRANSLATED = ipaddress.IPv6Network("64:ff9b:1::/48")


def check_address(url: str) -> None:
    """Raise InvalidWebhookUrl unless the URL may be used; host names are resolved when sending."""
    parts = _split(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and settings.PRIVATE_WEBHOOKS):
        raise InvalidWebhookUrl(_("Must begin with https://."))
    if parts.username is not None or parts.password is not None:
        raise InvalidWebhookUrl(
            _("Must not have a user name or a password: the signature authenticates the sender.")
        )
    if "#" in url:
        raise InvalidWebhookUrl(_("Must not have a fragment after #, which is never sent."))
    if parts.port is not None and not _may_use(parts.port):
        raise InvalidWebhookUrl(
            _(
                "Port %(port)d cannot be used. Use 443, 80 or a port above 1023 that no other "
                "well-known service uses."
            )
            % {"port": parts.port}
        )
    if not _could_be_reached(parts.hostname or ""):
        raise InvalidWebhookUrl(
            _("The internet cannot reach this host. Name one with a public address.")
        )


def may_connect(address: Address) -> bool:
    """Return whether a message may be sent to an address: it is public, or allowed in settings."""
    return is_public(address) or any(address in network for network in settings.PRIVATE_WEBHOOKS)


def is_public(address: Address) -> bool:
    """Return whether an address, and any address embedded in it, is on the public internet."""
    return all(
        one.is_global and not one.is_multicast and not getattr(one, "is_site_local", False)
        for one in (address, *_wrapped(address))
    )


def _split(url: str) -> SplitResult:
    """Return the parts of a URL; raises InvalidWebhookUrl if it is not one."""
    sentence = _("Must be a URL such as https://example.com/regulars.")
    if len(url) > LONGEST or not url.isprintable() or " " in url or "\\" in url:
        raise InvalidWebhookUrl(sentence)
    try:
        parts = urlsplit(url)
        # Reading an invalid port raises ValueError.
        if not parts.hostname or parts.port == 0:
            raise InvalidWebhookUrl(sentence)
        parts.hostname.encode("idna")
    except ValueError:
        raise InvalidWebhookUrl(sentence) from None
    return parts


def _may_use(port: int) -> bool:
    """Return whether messages may be sent to a port; browsers have a similar list."""
    return port in WEB_PORTS or (port > 1023 and port not in SERVICE_PORTS)


def _could_be_reached(host: str) -> bool:
    name = host.rstrip(".")
    try:
        return may_connect(ipaddress.ip_address(name.partition("%")[0]))
    except ValueError:
        pass
    last = name.rpartition(".")[2]
    # Clients read a host that ends in a number as an IPv4 address: 127.1, 0x7f.1, 2130706433.
    if last.isdigit() or last.startswith("0x"):
        return False
    if settings.PRIVATE_WEBHOOKS:
        return True
    return "." in name and not f".{name}".endswith(_LOCAL_NAMES)


def _wrapped(address: Address) -> list[Address]:
    """Return the IPv4 addresses that are embedded in an IPv6 address."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    found: list[Address | None] = [address.ipv4_mapped, address.sixtofour]
    found += address.teredo or ()
    if any(address in network for network in _TRANSLATED):
        found.append(ipaddress.IPv4Address(int(address) & _LOW_32))
    if address in _PRIVATE_TRANSLATED:
        found.append(ipaddress.IPv4Address(0))
    return [one for one in found if one is not None]
