"""Rate limits for each client, company and address.

The counters are in PostgreSQL (access/sql/rate_limits.sql), so that they are exact with any number
of workers. The headers follow the IETF draft "RateLimit header fields for HTTP".
"""

from functools import lru_cache
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from django.conf import settings

from config.access.signing_in.addresses import client_address
from config.statements.compiling import fetch_rows

from .problems import Refused

WINDOW = 60
_COUNT = "SELECT * FROM access_count(%(address)s, %(quota)s)"
# Counts a token request before its secret is checked, in one statement with the look-up.
_COUNT_CLIENT = """
SELECT client.is_known, counted.*
  FROM (SELECT EXISTS (SELECT 1 FROM access_apiclient WHERE client_id = %(client_id)s)) AS
       client (is_known),
       access_count(CASE WHEN client.is_known THEN %(pair)s::uuid ELSE %(address)s::uuid END,
                    %(quota)s) AS counted
"""
_PASSED = {
    "client": "This client may send {quota:,} requests a minute, and has sent them. Send fewer.",
    "company": "All clients of the company together may send {quota:,} requests a minute, and have "
    "sent them. Send fewer.",
    "address": "More than {quota:,} requests with a wrong credential came from this address within "
    "a minute. Check the credential.",
    "token": "More than {quota:,} token requests came from this address within a minute. A token "
    "lasts an hour: reuse it.",
}


class Quota(NamedTuple):
    """A rate limit after a request: how many are `left`, and `seconds` until there are more."""

    name: str
    quota: int
    left: int | None
    seconds: int | None

    def refusal(self, *others: "Quota", passed: str = "") -> Refused:
        """Return the 429, which names the exceeded limit and the time to wait."""
        sentence = _PASSED[passed or self.name].format(quota=self.quota)
        sentence = f"{sentence} Retry in {self.seconds} s."
        headers = headers_of((self, *others)) | {"Retry-After": str(self.seconds)}
        return Refused(429, "too_many_requests", sentence, headers=headers)


def headers_of(quotas: tuple[Quota, ...]) -> dict[str, str]:
    """Return the RateLimit headers; those of a company include its concurrent requests."""
    policies = _policies(settings.AT_ONCE, *[(one.name, one.quota) for one in quotas])
    states = [
        f'"{name}";r={left};t={seconds}' for name, _, left, seconds in quotas if left is not None
    ]
    return {"RateLimit-Policy": policies, "RateLimit": ", ".join(states)}


@lru_cache(1024)
def _policies(at_once: int, *quotas: tuple[str, int]) -> str:
    policies = [f'"{name}";q={quota};w={WINDOW}' for name, quota in quotas]
    if any(name == "company" for name, _ in quotas):
        policies.append(f'"at-once";q={at_once};qu="concurrent-requests"')
    return ", ".join(policies)


def count_stranger(request: Any) -> Quota:
    """Count a request with a wrong credential for its address; raises a 429 above the limit."""
    values = {"address": _subject(request), "quota": settings.ADDRESS_LIMIT}
    return _address_quota("address", *fetch_rows(_COUNT, values)[0])


def count_token_request(request: Any, client_id: str) -> tuple[Quota, bool]:
    """Count a token request; return its quota, and whether the client exists.

    Each client has its own limit per address, so that other clients at the address cannot block it;
    requests of unknown clients count for the address. Call this before the secret is checked, so
    that guesses are limited. Raises a 429 above the limit.
    """
    values = {
        "client_id": client_id,
        "pair": _subject(request, client_id),
        "address": _subject(request),
        "quota": settings.ADDRESS_LIMIT,
    }
    is_known, *counted = fetch_rows(_COUNT_CLIENT, values)[0]
    return _address_quota("token", *counted), is_known


def _subject(request: Any, client_id: str = "") -> UUID:
    """Return the id of the counter of an address, or of a client at that address."""
    name = f"address:{client_address(request)}"
    return uuid5(NAMESPACE_URL, f"{name} client:{client_id}" if client_id else name)


def _address_quota(passed: str, is_admitted: bool, left: int, seconds: int) -> Quota:
    quota = Quota("address", settings.ADDRESS_LIMIT, left, seconds)
    if not is_admitted:
        raise quota.refusal(passed=passed)
    return quota
