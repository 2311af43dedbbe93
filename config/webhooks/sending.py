"""One attempt to deliver a message, never to an address that is not public.

The host is resolved once per attempt. All of its addresses are checked, and the connection goes to
one of these: without proxy, without redirects, without resolving the name again. The certificate is
checked against the name.
"""

import asyncio
import ipaddress
import logging
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from django.utils.translation import gettext as _
from yarl import URL

from .addresses import check_address, may_connect
from .errors import InvalidWebhookUrl
from .messages import SECONDS, Message, Outcome
from .signing import headers

# After the status has arrived, the body is read for this long at most.
SECONDS_OF_ANSWER = 2
ANSWER_KEPT = 1_000
NAMES_AT_ONCE = 32

log = logging.getLogger(__name__)

type Resolve = Callable[[str, int], Awaitable[list[str]]]


class NotPublic(OSError):
    """A host has an address to which nothing may be sent."""


class Sender:
    """Sends messages; `resolve` returns the addresses of a host."""

    def __init__(self, resolve: Resolve | None = None) -> None:
        self._names = _Names(resolve)

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            resolver=self._names,
            use_dns_cache=False,
            force_close=True,
            limit=0,
            socket_factory=_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            headers={"Content-Type": "application/json", "User-Agent": "Regulars-Webhooks"},
            skip_auto_headers=("Accept-Encoding",),
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def send(self, message: Message) -> Outcome:
        """Try to deliver a message; failures are part of the outcome."""
        began = time.monotonic()
        facts: dict[str, Any]
        try:
            async with asyncio.timeout(SECONDS):
                facts = await self._post(message)
        except (aiohttp.ClientError, OSError, InvalidWebhookUrl) as error:
            facts = {"error": _sentence(error)}
        except Exception:
            # An unexpected error counts as an attempt too, or the message would be retried forever.
            log.exception("A webhook could not be sent.")
            facts = {"error": _("It could not be sent.")}
        return Outcome(round((time.monotonic() - began) * 1000), **facts)

    async def _post(self, message: Message) -> dict[str, Any]:
        check_address(message.url)
        if not message.secrets:
            return {"error": _("Its secret cannot be read any more: give it a new one.")}
        # The receiver compares this with its own clock, so it is not the database's time.
        at = int(time.time())
        signed = headers(message.id, at, message.body, message.secrets)
        # The URL stays as it was typed, because the receiver may have signed its own address.
        url = URL(message.url, encoded=message.url.isascii())
        request = self._session.post(
            url, data=message.body.encode(), headers=signed, allow_redirects=False
        )
        async with request as response:
            moved = 300 <= response.status < 400
            facts = {
                "status": response.status,
                "error": _("No redirect is followed: name the address itself.") if moved else "",
                "retry_after": response.headers.get("Retry-After", "")[:100],
                "answer": await _beginning(response),
            }
            # The rest of the response is not read.
            response.close()
            return facts


class _Names(AbstractResolver):
    """Resolves hosts, and returns no address unless all of a host's addresses are allowed."""

    def __init__(self, resolve: Resolve | None) -> None:
        self._resolve = resolve or self._ask
        # A host whose name servers do not answer must not block other hosts.
        self._threads = ThreadPoolExecutor(NAMES_AT_ONCE, "webhook names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = [ipaddress.ip_address(one) for one in await self._resolve(host, port)]
        if not all(map(may_connect, found)):
            raise NotPublic
        return [
            ResolveResult(
                hostname=host,
                host=str(address),
                port=port,
                family=socket.AF_INET if address.version == 4 else socket.AF_INET6,
                proto=socket.IPPROTO_TCP,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for address in dict.fromkeys(found)
        ]

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _ask(self, host: str, port: int) -> list[str]:
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(self._threads, _resolve, host, port)
        return [str(address[0]) for *_, address in found]


def _resolve(host: str, port: int) -> list[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)


def _socket(info: aiohttp.AddrInfoType) -> socket.socket:
    """Open a socket for the address of the connection, which is checked again here.

    A host that is written as an IP address is not resolved, so this is its only check.
    """
    family, kind, protocol, _name, address = info
    if not may_connect(ipaddress.ip_address(str(address[0]))):
        raise NotPublic
    opened = socket.socket(family, kind, protocol)
    opened.setblocking(False)
    return opened


async def _beginning(response: aiohttp.ClientResponse) -> str:
    """Return the start of a response's body, as far as it arrives in time and can be stored."""
    found = b""
    with suppress(aiohttp.ClientError, OSError, ValueError):
        async with asyncio.timeout(SECONDS_OF_ANSWER):
            while len(found) < ANSWER_KEPT:
                piece = await response.content.read(ANSWER_KEPT - len(found))
                if not piece:
                    break
                found += piece
    return found.decode(errors="replace").replace("\0", "�")


def _sentence(error: Exception) -> str:
    """Return why there is no response, without details about our own network."""
    causes: list[BaseException] = [error]
    while (before := causes[-1].__cause__ or causes[-1].__context__) and len(causes) < 10:
        causes.append(before)
    if any(isinstance(one, NotPublic) for one in causes):
        return _("The internet cannot reach this host: it has an address that is not public.")
    match error:
        case InvalidWebhookUrl():
            return str(error)
        case TimeoutError():
            return _("There was no answer within %(seconds)d seconds.") % {"seconds": SECONDS}
        case aiohttp.ClientConnectorCertificateError():
            return _("The certificate is not to be trusted: %(why)s") % {
                "why": getattr(error.certificate_error, "verify_message", "")
            }
        case aiohttp.ClientConnectorDNSError():
            return _("The name of the host cannot be resolved.")
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return _("No encrypted connection could be made.")
        case aiohttp.ClientConnectorError():
            return _("No connection could be made.")
        case aiohttp.ServerConnectionError() | ConnectionError():
            return _("The connection ended before there was an answer.")
    return _("The response is not valid HTTP.")
