"""Who comes in, and how often: looked up and counted before the request's transaction begins.

One statement does both, on the request's own connection, so that its count stands whatever becomes
of the request. The counters are PostgreSQL's (access/migrations/limits.sql): however many workers
there are, no two requests see the same count. The headers are those of the IETF's draft "RateLimit
header fields for HTTP".
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.db import DatabaseError

from config.access.actions import KEY_MARK
from config.access.actors import Actor
from config.access.hashers import digest
from config.access.signing_in.addresses import client_address

from .authentication import presented, reason_of, refused
from .problems import Refused
from .statements import each_begun_by, row_of, rows_of

WINDOW = 60
_ADMIT = "SELECT * FROM access_admit($1, $2, $3, $4)"
_COUNT = "SELECT * FROM access_count($1, $2)"
# All that holds for the rest of the transaction. A worker that is killed is noticed even while its
# request waits for a row, so that the place of its company is soon free again.
_BEGIN = """
SELECT set_config('regulars.company', %(company)s, true),
       set_config('regulars.actor', jsonb_build_object(
           'kind', %(kind)s::text, 'name', %(name)s::text,
           'credential', %(credential)s::text)::text, true),
       set_config('regulars.request', %(request)s, true),
       set_config('regulars.reason', %(reason)s, true),
       set_config('client_connection_check_interval', '1s', true),
       access_claim_place(%(company)s::uuid, %(places)s)
"""
# The same for who only looks, and does nothing that anybody is to answer for.
_LOOK = (
    "SELECT set_config('regulars.company', '{company}', true),"
    " set_config('client_connection_check_interval', '1s', true),"
    " access_claim_place('{company}', {places}); "
)
_NO_PLACE = "RG429"
_WHO = {
    "client": "This client has sent its {quota} requests of a minute.",
    "company": "All clients of the company together have sent their {quota} requests of a minute.",
    "address": "Too many requests without a valid credential came from your address.",
}


@dataclass(frozen=True, slots=True)
class Quota:
    """A limit as it stands after a request: `seconds` until some of what is used comes back."""

    name: str
    quota: int
    left: int | None
    seconds: int | None

    @property
    def policy(self) -> str:
        return f'"{self.name}";q={self.quota};w={WINDOW}'

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
    policies = [quota.policy for quota in quotas]
    if any(quota.name == "company" for quota in quotas):
        policies.append(f'"at-once";q={settings.AT_ONCE};qu="concurrent-requests"')
    states = [quota.state for quota in quotas if quota.left is not None]
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}


@dataclass(frozen=True, slots=True)
class Admission:
    """Who was let in, and what is left of the limits."""

    actor: Actor
    quotas: tuple[Quota, ...]

    @contextmanager
    def looking(self) -> Iterator[None]:
        """Tell PostgreSQL with each statement whose rows it is about; raises the 429."""
        begin = _LOOK.format(company=self.actor.company_id, places=int(settings.AT_ONCE))
        with _placed(), each_begun_by(begin.encode()):
            yield

    def begin(self, request: Any) -> None:
        """Tell PostgreSQL whose transaction this is; raises the 429 while too many are at work."""
        told = {
            "company": str(self.actor.company_id),
            "kind": self.actor.kind,
            "name": self.actor.name,
            "credential": str(self.actor.credential_id),
            "request": getattr(request, "id", ""),
            "reason": reason_of(request) or "",
            "places": settings.AT_ONCE,
        }
        with _placed():
            rows_of(_BEGIN, told)

    def tell(self, response: Any) -> None:
        """Write into an answer what is left."""
        for name, value in headers_of(self.quotas).items():
            response[name] = value


@contextmanager
def _placed() -> Iterator[None]:
    """Raise the 429 for who found no place."""
    try:
        yield
    except DatabaseError as error:
        if getattr(error.__cause__, "sqlstate", None) != _NO_PLACE:
            raise
        sentence = (
            f"{settings.AT_ONCE} requests of the company are being answered already. "
            "Wait a second and try again."
        )
        raise Refused(429, "too_many_at_once", sentence, headers={"Retry-After": "1"})


def admit(request: Any) -> Admission:
    """Look a request's credential up and count it; raises the 401, and the 429 past a limit."""
    credential = presented(request)
    is_key = credential.startswith(KEY_MARK)
    told = (str(is_key), digest(credential), settings.CLIENT_LIMIT, settings.COMPANY_LIMIT)
    found = row_of(_ADMIT, [str(one).encode() for one in told])
    client_quota, company_quota, company, country, credential_id, name, scopes, granted = found[:8]
    refused_by, client_left, client_seconds, company_left, company_seconds = found[8:]
    if company is None:
        count_stranger(request)
        raise refused()
    of_client = Quota("client", client_quota, client_left, client_seconds)
    of_company = Quota("company", company_quota, company_left, company_seconds)
    if refused_by == "client":
        raise of_client.refusal(of_company)
    if refused_by:
        raise of_company.refusal(of_client)
    may = frozenset(scopes)
    if granted is not None:
        may &= frozenset(granted.split())
    actor = Actor("key" if is_key else "client", name, company, country, credential_id, may)
    return Admission(actor, (of_client, of_company))


def count_stranger(request: Any) -> Quota:
    """Count who comes without a credential that opens, by address; raises the 429 past the limit.

    It stands before any secret is looked at, so that guessing neither goes on nor costs much.
    """
    address = uuid5(NAMESPACE_URL, f"address:{client_address(request)}")
    told = str(address).encode(), str(settings.ADDRESS_LIMIT).encode()
    is_admitted, left, seconds = row_of(_COUNT, told)
    quota = Quota("address", settings.ADDRESS_LIMIT, left, seconds)
    if not is_admitted:
        raise quota.refusal()
    return quota
