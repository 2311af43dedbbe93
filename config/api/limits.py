"""How often each client, company and address may come.

The counters are PostgreSQL's (access/migrations): however many workers there are, no two requests
see the same count. The headers are those of the IETF's draft "RateLimit header fields for HTTP".
"""

from functools import lru_cache
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings

from config.access.signing_in.addresses import client_address
from config.statements.compiling import rows_of

from .problems import Refused

WINDOW = 60
_COUNT = "SELECT * FROM access_count(%(address)s, %(quota)s)"
_WHO = {
    "client": "This client has sent its {quota} requests of a minute.",
    "company": "All clients of the company together have sent their {quota} requests of a minute.",
    "address": "Too many requests without a valid credential came from your address.",
}


class Quota(NamedTuple):
    """A limit as it stands after a request: `seconds` until some of what is used comes back."""

    name: str
    quota: int
    left: int | None
    seconds: int | None

    @property
    def state(self) -> str:
        return f'"{self.name}";r={self.left};t={self.seconds}'

    def refusal(self, *others: "Quota") -> Refused:
        """Return the 429 that says how long to wait."""
        wait = "a second" if self.seconds == 1 else f"{self.seconds} seconds"
        sentence = f"{_WHO[self.name].format(quota=self.quota)} Wait {wait} and try again."
        headers = headers_of((self, *others)) | {"Retry-After": str(self.seconds)}
        return Refused(429, "too_many_requests", sentence, headers=headers)


def headers_of(quotas: tuple[Quota, ...]) -> dict[str, str]:
    """Return the header fields that tell of limits, and of how many may be at work at once."""
    policies = _policies(settings.AT_ONCE, *((one.name, one.quota) for one in quotas))
    states = [quota.state for quota in quotas if quota.left is not None]
    return {"RateLimit-Policy": policies, "RateLimit": ", ".join(states)}


@lru_cache(1024)
def _policies(at_once: int, *quotas: tuple[str, int]) -> str:
    policies = [f'"{name}";q={quota};w={WINDOW}' for name, quota in quotas]
    if any(name == "company" for name, _ in quotas):
        policies.append(f'"at-once";q={at_once};qu="concurrent-requests"')
    return ", ".join(policies)


def count_stranger(request: Any) -> Quota:
    """Count who comes without a credential that opens, by address; raises the 429 past the limit.

    It stands before any secret is looked at, so that guessing neither goes on nor costs much.
    """
    address = uuid5(NAMESPACE_URL, f"address:{client_address(request)}")
    told = {"address": address, "quota": settings.ADDRESS_LIMIT}
    is_admitted, left, seconds = rows_of(_COUNT, told)[0]
    quota = Quota("address", settings.ADDRESS_LIMIT, left, seconds)
    if not is_admitted:
        raise quota.refusal()
    return quota
