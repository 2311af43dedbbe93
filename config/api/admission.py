"""Who comes in: looked up and counted before the request's transaction begins.

One statement does both, on the request's own connection, so that its count stands whatever becomes
of the request. It goes out together with the first statement of what is asked for, where the
credential is one that has come before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from django.db import DatabaseError

from config.access.actions import KEY_MARK
from config.access.actors import Actor
from config.access.hashers import digest
from config.statements.compiling import Opening, is_free, rows_of, run_with
from config.statements.kept import STALE, Kept, Row, Rows, Values

from .authentication import presented, reason_of, refused
from .limits import Quota, count_stranger, headers_of
from .problems import Refused

_ADMIT = """
SELECT * FROM access_admit(
    %(is_key)s, %(sought)s, %(client_quota)s, %(company_quota)s, %(expected)s)
"""
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
_LOOK = "SELECT access_look('{company}', {places}); "
_NO_PLACE = "RG429"
_NOT_AS_EXPECTED = ("RG401", *STALE)

# What `access_admit` returns: both quotas, then who comes, then what is left of the quotas.
_QUOTAS, _WHO, _LEFT = slice(0, 2), slice(2, 8), slice(9, 13)
_COMPANY, _REFUSED_BY = 2, 8


class NotAsExpected(Exception):
    """Who comes may not be who was expected; nothing was changed."""


@dataclass(slots=True)
class Known:
    """Who came with a credential when it was last looked up, and what the look-up said of them."""

    actor: Actor
    raw: list[bytes | None] | None = None


# By the digest of the credential.
_known: dict[str, Known] = {}
MOST_KNOWN = 10_000


class Admission(Opening):
    """Who is let in, and what is left of the limits.

    `with` it, PostgreSQL is told with each statement whose rows it is about; raises the 429 while
    too many are at work.

    Whoever came with a credential before is expected to be who comes with it now. Then nothing is
    asked until the first statement, which goes out in one message with the admission: PostgreSQL
    runs it only behind one that is as expected.
    """

    actor: Actor

    def __init__(self, request: Any) -> None:
        """Read the credential of a request; raises the 401 for none or two."""
        credential = presented(request)
        self._request = request
        self._is_key = credential.startswith(KEY_MARK)
        self._sought = digest(credential)
        self._expected: Known | None = None
        self.quotas: tuple[Quota, ...] = ()

    def expect(self) -> bool:
        """Take who came with the credential before for who comes; says whether anybody has."""
        self._expected = _known.get(self._sought) if is_free() else None
        if self._expected is None:
            return False
        self.actor = self._expected.actor
        return True

    def settle(self) -> None:
        """Look the credential up and count it, unless that was done; raises the 401 and the 429."""
        if not self.quotas:
            self._expected = None
            self._take(rows_of(_ADMIT, self._asked(None))[0])

    def check(self) -> None:
        """Settle, and raise NotAsExpected, once, where another was expected than has come."""
        expected = self._expected
        self.settle()
        self._expected = None
        if expected is not None and expected.actor != self.actor:
            raise NotAsExpected

    @property
    def sql(self) -> str:
        return _LOOK.format(company=self.actor.company_id, places=int(settings.AT_ONCE))

    def rows(self, kept: Kept, text: str, values: Values) -> Rows:
        if self.quotas:
            return super().rows(kept, text, values)
        return self._rows_behind(kept, text, values, self.sql.encode())

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        super().__exit__(kind, error, traceback)
        _check_placed(error)

    def begin(self, request: Any) -> None:
        """Tell PostgreSQL whose transaction this is; raises the 429 while too many are at work.

        Raises NotAsExpected where it is not theirs who were expected; then nothing was begun.
        """
        told = {
            "company": str(self.actor.company_id),
            "kind": self.actor.kind,
            "name": self.actor.name,
            "credential": str(self.actor.credential_id),
            "request": getattr(request, "id", ""),
            "reason": reason_of(request) or "",
            "places": settings.AT_ONCE,
        }
        try:
            if self.quotas:
                rows_of(_BEGIN, told)
            else:
                run_with(lambda kept: self._rows_behind(kept, _BEGIN, told, b""))
        except DatabaseError as error:
            _check_placed(error)
            raise
        self.check()

    def _rows_behind(self, kept: Kept, text: str, values: Values, begin: bytes) -> Rows:
        """Run a statement in one message with the admission; raises NotAsExpected."""
        first = _ADMIT, self._asked(self.actor)
        try:
            row, found = kept.rows_after(first, (text, values), begin)
        except psycopg.Error as error:
            if error.sqlstate not in _NOT_AS_EXPECTED:
                raise
            raise NotAsExpected from error
        self._take_again(row)
        if isinstance(found, psycopg.Error):
            raise found
        return found

    def tell(self, response: Any) -> None:
        """Write into an answer what is left."""
        if self.quotas:
            for name, value in headers_of(self.quotas).items():
                response[name] = value

    def _asked(self, expected: Actor | None) -> dict[str, Any]:
        return {
            "is_key": self._is_key,
            "sought": self._sought,
            "client_quota": settings.CLIENT_LIMIT,
            "company_quota": settings.COMPANY_LIMIT,
            "expected": expected and expected.company_id,
        }

    def _take(self, found: Sequence[Any]) -> None:
        """Take what came of the look-up and of the count; raises the 401 and the 429."""
        if found[_COMPANY] is None or found[_REFUSED_BY]:
            _known.pop(self._sought, None)
        if found[_COMPANY] is None:
            count_stranger(self._request)
            raise refused()
        of_client, of_company = _quotas(*found[_QUOTAS], *found[_LEFT])
        if found[_REFUSED_BY] == "client":
            raise of_client.refusal(of_company)
        if found[_REFUSED_BY]:
            raise of_company.refusal(of_client)
        self.quotas = of_client, of_company
        self.actor = self._actor(*found[_WHO])
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[self._sought] = Known(self.actor)

    def _take_again(self, row: Row) -> None:
        """The same for one who was let in as expected: seldom is anything new but the counts."""
        who = row.raw[_WHO]
        if self._expected and self._expected.raw == who:
            self.quotas = _quotas(*map(int, (*row.raw[_QUOTAS], *row.raw[_LEFT])))  # type: ignore[arg-type]
        else:
            self._take(row.read())
            _known[self._sought].raw = who

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


def admit(request: Any) -> Admission:
    """Look a request's credential up and count it; raises the 401, and the 429 past a limit.

    Of whom it is known who comes, that waits for the first statement, or for `settle`.
    """
    admission = Admission(request)
    if not admission.expect():
        admission.settle()
    return admission


def _quotas(
    client: int, company: int,
    client_left: int, client_seconds: int, company_left: int, company_seconds: int,
) -> tuple[Quota, Quota]:  # fmt: skip
    return (
        Quota("client", client, client_left, client_seconds),
        Quota("company", company, company_left, company_seconds),
    )


def _check_placed(error: BaseException | None) -> None:
    """Raise the 429 for who found no place."""
    if isinstance(error, DatabaseError) and getattr(error.__cause__, "sqlstate", 0) == _NO_PLACE:
        sentence = (
            f"{settings.AT_ONCE} requests of the company are being answered already. "
            "Wait a second and try again."
        )
        raise Refused(429, "too_many_at_once", sentence, headers={"Retry-After": "1"})
