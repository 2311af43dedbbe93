"""Idempotent requests: the `Idempotency-Key` header (contract, section 6).

The changes of a request and its stored response are one transaction. A retry with the same key gets
the stored response. If the first response was lost, either the changes and the response are stored,
or nothing is. No "in progress" state is stored, so no key can get stuck.
"""

import json
import re
from hashlib import sha256
from typing import Any

from django.db import OperationalError, transaction
from django.http import HttpResponse
from psycopg import errors as pg

from config.statements.compiling import fetch_rows
from config.statements.messages import Run, Unprepared
from config.statements.prepared import results_of, run_batches
from config.tenancy.actors import Actor
from config.tenancy.answers import HOURS_KEPT, KeptAnswer
from config.tenancy.ids import new_id

from .problems import Refused, bad_request, quoted
from .unknown import HEADER as IGNORED

LONGEST_KEY = 255
REPLAYED = "Idempotent-Replayed"

_KEY = re.compile(rf"[\x20-\x7e]{{1,{LONGEST_KEY}}}")
# The headers that are stored with a response; all others are set again for a replay.
_KEPT_HEADERS = ("ETag", "Location", IGNORED)
_DECIDED = (409, 422)
# A request header that is part of the fingerprint.
GUARD = "Refuse-Duplicates"
_SAVEPOINT = "once"
_REUSED = "Another request was sent under this key. Make a new key for each request."

# Waits for another request with this key to finish, and returns its stored response.
_TAKE = """
SELECT fingerprint, status, headers, body FROM access_take_key(%(caller)s, %(key)s, %(hours)s)
"""
_KEEP = """
INSERT INTO access_keptanswer AS kept
       (id, company_id, caller, key, fingerprint, status, headers, body)
VALUES (%(id)s, %(company)s, %(caller)s, %(key)s, %(fingerprint)s,
        %(status)s, %(headers)s, %(body)s)
    ON CONFLICT (company_id, caller, key) DO UPDATE
   SET fingerprint = excluded.fingerprint, status = excluded.status, headers = excluded.headers,
       body = excluded.body, created_at = excluded.created_at
"""


class Replay(Exception):
    """Ends a request with the stored response."""

    def __init__(self, status: int, headers: str, body: str) -> None:
        self.answer = HttpResponse(body, status=status, content_type="application/json")
        for name, value in {**json.loads(headers), REPLAYED: "true"}.items():
            self.answer[name] = value
        super().__init__(status)


class IdempotentRequest:
    """A request with an Idempotency-Key, from the start of its transaction to its response.

    Idempotency keys belong to an integration: to an API client with all its tokens, or to a name of
    API keys, of which two may be live. If a response `shows_secret`, its body is not stored.
    """

    def __init__(
        self, request: Any, body: dict[str, Any], actor: Actor, *, shows_secret: bool = False
    ) -> None:
        """Read the key; raises a 400 for an invalid one."""
        self.shows_secret = shows_secret
        self.key = read_key(request)
        self.company = actor.company_id
        who = actor.credential_id if actor.kind == "client" else actor.name
        self.caller = f"{actor.kind} {who}"
        self.fingerprint = _fingerprint(request, body)

    def take(self) -> None:
        """Lock the key until the transaction ends, and set the savepoint for refused requests.

        Raises Replay if there is a stored response, a 422 if the key was used for a different
        request, or a 409.
        """
        asked = {"caller": self.caller, "key": self.key, "hours": HOURS_KEPT}
        try:
            (outcome,) = run_batches([Run(_TAKE, asked), Unprepared(f"SAVEPOINT {_SAVEPOINT}")])
            found = results_of(outcome)[-2].rows()
        except OperationalError as error:
            if isinstance(error.__cause__, pg.LockNotAvailable):
                raise _in_flight()
            raise
        for fingerprint, status, headers, body in found:
            if fingerprint != self.fingerprint:
                raise _reused()
            if not body:
                raise _not_kept()
            if body == KeptAnswer.ERASED:
                raise _erased()
            raise Replay(status, headers, body)

    def close(self, response: HttpResponse) -> None:
        """Store a final response; roll back all changes of a refused request."""
        is_good = response.status_code < 400
        if not is_good and not _is_decided(response):
            transaction.set_rollback(True)
            return
        if not is_good:
            # A refusal inside an atomic block marks the transaction for rollback. Django would then
            # not roll back to the savepoint, after which the transaction is usable again.
            transaction.set_rollback(False)
            transaction.savepoint_rollback(_SAVEPOINT)
        headers = {name: response[name] for name in _KEPT_HEADERS if response.has_header(name)}
        is_secret = self.shows_secret and is_good
        body = "" if is_secret else response.content.decode()
        fetch_rows(
            _KEEP,
            {
                "id": new_id(),
                "company": self.company,
                "caller": self.caller,
                "key": self.key,
                "fingerprint": self.fingerprint,
                "status": response.status_code,
                "headers": json.dumps(headers),
                "body": body,
            },
        )


def read_key(request: Any) -> str:
    """Return the Idempotency-Key of a request; raises a 400 for an invalid one."""
    key = request.META["HTTP_IDEMPOTENCY_KEY"].strip()
    if not _KEY.fullmatch(key):
        sentence = f"Must be 1 to {LONGEST_KEY} printable ASCII characters; got {quoted(key)}."
        raise bad_request(f"Idempotency-Key: {sentence}", {"Idempotency-Key": sentence})
    return key


def _fingerprint(request: Any, document: dict[str, Any]) -> str:
    """Return a digest of a request: its method, URL, parsed body and GUARD header."""
    body = json.dumps(document, sort_keys=True, separators=(",", ":"))
    guard = request.headers.get(GUARD, "").strip().lower()
    whole = f"{request.method} {request.get_full_path()}\n{body}" + (guard and f"\n{guard}")
    return sha256(whole.encode()).hexdigest()


def _is_decided(response: HttpResponse) -> bool:
    """Whether a refusal is final; it is not if Retry-After asks the client to retry."""
    return response.status_code in _DECIDED and not response.has_header("Retry-After")


def _in_flight() -> Refused:
    return Refused(
        409,
        "request_in_flight",
        "The first request under this Idempotency-Key is not answered yet. Retry in 1 s.",
        headers={"Retry-After": "1"},
    )


def _not_kept() -> Refused:
    return Refused(
        409,
        "answer_not_kept",
        "The first request under this Idempotency-Key was done. Its answer showed a secret, which "
        "is not stored: make a new one.",
    )


def _erased() -> Refused:
    return Refused(
        409,
        "answer_erased",
        "The first request under this Idempotency-Key was done. Its answer had data of a person "
        "who was erased since. Do not send the request again: read what it made, or list it.",
    )


def _reused() -> Refused:
    return Refused(
        422, "idempotency_key_reused", f"Idempotency-Key: {_REUSED}", {"Idempotency-Key": _REUSED}
    )
