"""Requests that may be sent twice: `Idempotency-Key` (contract, section 6).

Effect and answer are one transaction: whoever asks again under the same key gets the answer that
was given, and a request of which nothing was heard again has either been done, with its answer
kept, or has left no trace. Nothing is marked as begun, so nothing can get stuck.
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
# Headers that belong to an answer, whenever it is given; all others are made anew.
_KEPT_HEADERS = ("ETag", "Location", IGNORED)
_DECIDED = (409, 422)
# A request header that makes another request of it.
GUARD = "Refuse-Duplicates"
_SAVEPOINT = "once"
_REUSED = "Another request was sent under this key. Make a new key for each request."

# Waits for a twin that is still at work, and looks at what it left behind.
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
    """Ends a request with the answer that it was given before."""

    def __init__(self, status: int, headers: str, body: str) -> None:
        self.answer = HttpResponse(body, status=status, content_type="application/json")
        for name, value in {**json.loads(headers), REPLAYED: "true"}.items():
            self.answer[name] = value
        super().__init__(status)


class IdempotentRequest:
    """A request under a key, from its beginning in a transaction to its answer.

    An integrator's keys are one set, whichever token comes with them, and whichever of the two API
    keys that an integration may have. Of an answer that `shows_secret` only that it was given is
    kept.
    """

    def __init__(
        self, request: Any, body: dict[str, Any], actor: Actor, *, shows_secret: bool = False
    ) -> None:
        """Read the key; raises the 400 for one that is no key."""
        self.shows_secret = shows_secret
        self.key = read_key(request)
        self.company = actor.company_id
        who = actor.credential_id if actor.kind == "client" else actor.name
        self.caller = f"{actor.kind} {who}"
        self.fingerprint = _fingerprint(request, body)

    def take(self) -> None:
        """Lock the key until the transaction ends, and mark where to go back to if refused.

        Raises Replay if the request was answered before, and the 409 or 422.
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
        """Keep what was decided; what was refused leaves no other trace."""
        is_good = response.status_code < 400
        if not is_good and not _is_decided(response):
            transaction.set_rollback(True)
            return
        if not is_good:
            # A refusal inside an atomic block marks the transaction as broken. Django would then
            # refuse to go back to the savepoint, which mends it.
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
    """Return the key of a request; raises the 400 for one that is no key."""
    key = request.META["HTTP_IDEMPOTENCY_KEY"].strip()
    if not _KEY.fullmatch(key):
        sentence = f"Must be 1 to {LONGEST_KEY} printable ASCII characters; got {quoted(key)}."
        raise bad_request(f"Idempotency-Key: {sentence}", {"Idempotency-Key": sentence})
    return key


def _fingerprint(request: Any, document: dict[str, Any]) -> str:
    """Return what stands for a request: its method, its address, its body's meaning, its guard."""
    body = json.dumps(document, sort_keys=True, separators=(",", ":"))
    guard = request.headers.get(GUARD, "").strip().lower()
    whole = f"{request.method} {request.get_full_path()}\n{body}" + (guard and f"\n{guard}")
    return sha256(whole.encode()).hexdigest()


def _is_decided(response: HttpResponse) -> bool:
    """Whether asking again later would be another request: what says when to, is not decided."""
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
