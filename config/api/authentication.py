"""Authenticates requests and counts them towards the rate limits.

One statement does both, in its own transaction, so that the count stays even if the request is
rolled back. If the credential is cached, the statement is deferred and sent in one round trip with
the first transaction of the request. The response is sent only after the cached credential was
verified.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from django.conf import settings
from django.db import connection

from config.access.actions import KEY_MARK
from config.access.hashers import digest
from config.statements.compiling import Placeholder, Statement, fetch_rows
from config.statements.messages import BEGIN_READ_ONLY, COMMIT, PlannedRun, Run, Unprepared, Values
from config.statements.prepared import Outcome, Result, raise_error, run_batches
from config.tenancy.actors import Actor
from config.tenancy.authors import SETTINGS, Author

from .incoming import reason_of
from .limits import Quota, count_stranger, headers_of
from .problems import Refused

_LOOK_UP = """
SELECT company, country, credential, name, scopes, granted, refused_by,
       client_quota, client_left, client_seconds, company_quota, company_left, company_seconds
  FROM access_admit(%(is_key)s, %(sought)s, %(client_quota)s, %(company_quota)s)
"""
# The interval makes PostgreSQL notice a killed worker even while its request waits for a lock, so
# that the place (one of the company's concurrent requests) becomes free soon.
_TAKE_PLACE = """
SELECT set_config('client_connection_check_interval', '1s', true),
       access_claim_place(%(company)s, %(places)s)
"""
_AUTHOR = ("actor", "request", "reason")
_SET_AUTHOR = Statement(f"SELECT {SETTINGS}", tuple(map(Placeholder, _AUTHOR)))
_NO_PLACE = "RG429"

# The columns of _LOOK_UP: the actor, the limit that refuses the request, and both limits.
_ACTOR, _OF_CLIENT, _OF_COMPANY = slice(0, 6), slice(7, 10), slice(10, 13)
_COMPANY, _REFUSED_BY = 0, 6


class StaleCredential(Exception):
    """The cached credential has changed; nothing was written and no response was sent."""


class Cached(NamedTuple):
    """A cached look-up: the actor, and its columns as PostgreSQL sent them, if known."""

    actor: Actor
    raw: list[bytes | None] | None = None


# The key is the digest of the credential.
_cache: dict[str, Cached] = {}
MAX_CACHED = 10_000


class Authentication:
    """The actor of a request, and the remaining rate limits.

    Starts the transactions of the request: each sets the company for row-level security and takes a
    place, one of the concurrent requests that a company may have. The first one also verifies the
    credential, unless `verify` has done so.
    """

    actor: Actor

    def __init__(self, request: Any) -> None:
        """Read the credential of a request; set its actor if it is cached.

        Raises a 401 for no credential and a 400 for two different ones.
        """
        credentials = _credentials_in(request.META)
        if len(credentials) != 1:
            raise _two_credentials(request) if credentials else _refused()
        credential = credentials.pop()
        self._request = request
        self._is_key = credential.startswith(KEY_MARK)
        self._digest = digest(credential)
        self._look_up = Run(
            _LOOK_UP,
            {
                "is_key": self._is_key,
                "sought": self._digest,
                "client_quota": settings.CLIENT_LIMIT,
                "company_quota": settings.COMPANY_LIMIT,
            },
        )
        self.quotas: tuple[Quota, ...] = ()
        self.is_verified = False
        # In an open transaction the count could be rolled back, so do not defer the look-up.
        self._cached = None if connection.in_atomic_block else _cache.get(self._digest)
        self.is_cached = self._cached is not None
        if self._cached is not None:
            self.actor = self._cached.actor

    def verify(self) -> None:
        """Look up the credential and count the request, unless that was done.

        Raises a 401, a 429, or, on the first call only, StaleCredential if the cached actor has
        changed. The actor is set even if a 429 is raised.
        """
        cached, self._cached = self._cached, None
        if not self.is_verified:
            self._accept(fetch_rows(*self._look_up)[0])
            if cached is not None and cached.actor != self.actor:
                raise StaleCredential

    def begin(self) -> None:
        """Set the author of changes in the open transaction; raises what `read` raises."""
        request = self._request
        author = Author.of(self.actor, getattr(request, "id", ""), reason_of(request) or "")
        self.read(_SET_AUTHOR, dict(zip(_AUTHOR, author.settings, strict=True)))

    def read(self, statement: Statement, values: Values) -> Result:
        """Run a statement for the company, in one of the company's places.

        A deferred look-up is sent in the same round trip, in its own transaction. If no transaction
        is open, the statement runs in a read-only one. Raises a 429 while too many requests of the
        company are in progress, and StaleCredential.
        """
        company = self.actor.company_id
        run = PlannedRun if statement.plans_anew else Run
        transaction: list[Run | Unprepared] = [
            Unprepared(f"SET LOCAL regulars.company = '{company}'"),
            Run(_TAKE_PLACE, {"company": company, "places": settings.AT_ONCE}),
            run(statement.fixed_text or statement.text(values), values),
        ]
        at = -1
        if not connection.in_atomic_block:
            transaction, at = [BEGIN_READ_ONLY, *transaction, COMMIT], -2
        if self.is_verified:
            (outcome,) = run_batches(transaction)
        else:
            found, outcome = run_batches([self._look_up], transaction)
            self._accept_cached(found)
        if isinstance(outcome, psycopg.Error):
            if outcome.sqlstate == _NO_PLACE:
                raise _no_place()
            raise_error(outcome)
        return outcome[at]

    def _accept(self, row: Sequence[Any], raw: list[bytes | None] | None = None) -> None:
        """Set the actor and the quotas from the look-up; raises a 401 or a 429.

        The actor and its raw columns are cached in one step, because other threads may read the
        cache at any time.
        """
        if row[_COMPANY] is None or row[_REFUSED_BY]:
            _cache.pop(self._digest, None)
        if row[_COMPANY] is None:
            count_stranger(self._request)
            raise _refused()
        self.actor = self._actor(*row[_ACTOR])
        of_client, of_company = (
            Quota("client", *row[_OF_CLIENT]),
            Quota("company", *row[_OF_COMPANY]),
        )
        if row[_REFUSED_BY] == "client":
            raise of_client.refusal(of_company)
        if row[_REFUSED_BY]:
            raise of_company.refusal(of_client)
        self.quotas, self.is_verified = (of_client, of_company), True
        if len(_cache) >= MAX_CACHED:
            _cache.clear()
        _cache[self._digest] = Cached(self.actor, raw)

    def _accept_cached(self, outcome: Outcome) -> None:
        """Compare the look-up with the cached credential; raises StaleCredential if they differ.

        Usually only the counts have changed, so the raw columns are compared, not parsed.
        """
        cached, self._cached = self._cached, None
        assert cached is not None
        if isinstance(outcome, psycopg.Error):
            raise_error(outcome)
        (result,) = outcome
        raw = result.raw()
        if cached.raw == raw[_ACTOR] and raw[_REFUSED_BY] is None:
            numbers: list[Any] = raw
            of_client = Quota("client", *map(int, numbers[_OF_CLIENT]))
            self.quotas = of_client, Quota("company", *map(int, numbers[_OF_COMPANY]))
            self.is_verified = True
            return
        (row,) = result.rows()
        if row[_COMPANY] is None or row[_REFUSED_BY]:
            # Not counted yet: `verify` then refuses the request, outside of its transaction.
            raise StaleCredential
        self._accept(row, raw[_ACTOR])
        if self.actor != cached.actor:
            raise StaleCredential

    def _actor(
        self, company: Any, country: str, credential_id: Any, name: str,
        scopes: list[str], granted: str | None,
    ) -> Actor:  # fmt: skip
        may = frozenset(scopes)
        if granted is not None:
            may &= frozenset(granted.split())
        return Actor(
            "key" if self._is_key else "client", name, company, country, credential_id, may
        )


def company_of(environ: Mapping[str, Any]) -> UUID | str | None:
    """Return the company of a cached credential, or else the digest of the credential.

    Returns None unless there is exactly one credential. Runs no query.
    """
    credentials = _credentials_in(environ)
    if len(credentials) != 1:
        return None
    sought = digest(credentials.pop())
    cached = _cache.get(sought)
    return cached.actor.company_id if cached else sought


def _no_place() -> Refused:
    sentence = (
        f"The company may have {settings.AT_ONCE} requests answered at once, and has them. "
        "Send fewer side by side. Retry in 1 s."
    )
    return Refused(429, "too_many_at_once", sentence, headers={"Retry-After": "1"})


def _credentials_in(environ: Mapping[str, Any]) -> set[str]:
    """Return the credentials in the headers of a request; a correct client sends one."""
    scheme, _, bearer = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    key = environ.get("HTTP_X_API_KEY", "").strip()
    return {key, bearer.strip() if scheme.lower() == "bearer" else ""} - {""}


def _refused() -> Refused:
    """Return the 401; it is the same for every invalid credential, so that it reveals nothing."""
    return Refused(
        401,
        "not_authenticated",
        "The request has no valid credential. Send an access token or an API key as "
        "Authorization: Bearer …",
        headers={"WWW-Authenticate": "Bearer"},
    )


def _two_credentials(request: Any) -> Refused:
    return Refused(
        400,
        "bad_request",
        "Authorization and X-API-Key carry two different credentials. Send one of them.",
        headers=headers_of((count_stranger(request),)),
    )
