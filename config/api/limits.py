"""How often each client, company and address may send requests.

The counters are PostgreSQL's (access/sql/rate_limits.sql): with any number of workers, no two
requests see the same count. The headers are those of the IETF's draft "RateLimit header fields for
HTTP".
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
# One statement, so that a request for a token is counted before its secret is looked at.
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
    """A limit as it stands after a request: `seconds` until some of what is used comes back."""

    name: str
    quota: int
    left: int | None
    seconds: int | None

    def refusal(self, *others: "Quota", passed: str = "") -> Refused:
        """Return the 429 that says which limit was passed and how long to wait."""
        sentence = _PASSED[passed or self.name].format(quota=self.quota)
        sentence = f"{sentence} Retry in {self.seconds} s."
        headers = headers_of((self, *others)) | {"Retry-After": str(self.seconds)}
        return Refused(429, "too_many_requests", sentence, headers=headers)


def headers_of(quotas: tuple[Quota, ...]) -> dict[str, str]:
    """Return the header fields that tell of limits, and of how many may be at work at once."""
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
    """Count a request whose credential is wrong, by its address; raises the 429 past the limit."""
    values = {"address": _subject(request), "quota": settings.ADDRESS_LIMIT}
    return _address_quota("address", *fetch_rows(_COUNT, values)[0])


def count_token_request(request: Any, client_id: str) -> tuple[Quota, bool]:
    """Count a request for a token; return its limit, and whether there is such a client.

    A client has a limit of its own at each address, so that wrong credentials of its neighbours do
    not block it; what names no client counts for the address. It is counted before the secret is
    looked at, so that guessing costs little. Raises the 429 past the limit.
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
    """Return the counter of an address, or of a client at that address."""
    name = f"address:{client_address(request)}"
    return uuid5(NAMESPACE_URL, f"{name} client:{client_id}" if client_id else name)


def _address_quota(passed: str, is_admitted: bool, left: int, seconds: int) -> Quota:
    quota = Quota("address", settings.ADDRESS_LIMIT, left, seconds)
    if not is_admitted:
        raise quota.refusal(passed=passed)
    return quota
