"""Collects API requests in memory; a thread of the web process writes them to the database.

Recording a read takes a lock and a dictionary entry, but no query. A process that is killed loses
the requests of the last SECONDS_BETWEEN seconds. While the database is unreachable, up to MOST_KEPT
requests are kept. Beyond that, the oldest ones of the company with the most entries are dropped, so
that a flood from one company drops no entries of others; the server log has the number dropped.
"""

import atexit
import logging
from collections import deque
from collections.abc import Iterable, Sized
from threading import Event, Lock, Thread
from time import monotonic
from typing import NamedTuple
from uuid import UUID

from django.db import connection

from config.outages import UNREACHABLE, outage_of
from config.tenancy.actors import Actor
from config.tenancy.ids import new_id

from .actions import CountedRequest, NotedRequest, record_requests

SECONDS_BETWEEN = 3.0
# The most requests, and the most counts, that are kept in memory.
MOST_KEPT = 10_000
# How long a process that exits waits for the batch that the thread is writing.
SECONDS_TO_END = 5.0

log = logging.getLogger("regulars.requests")


class Batch(NamedTuple):
    """The collected requests and counts of one company."""

    noted: deque[NotedRequest]
    counts: dict[CountedRequest, int]


type Batches = dict[UUID, Batch]


class Recorder:
    """The requests that this process has collected and not yet written.

    It records nothing unless `is_on`.
    """

    def __init__(self) -> None:
        self.is_on = False
        self._lock, self._writing = Lock(), Lock()
        self._batches: Batches = {}
        # The number of requests and of counts in the batches of all companies.
        self._notes = self._counts = 0
        self._limited: set[UUID | None] = set()
        self._dropped = 0
        self._is_over = Event()

    def start(self) -> None:
        """Start recording, and start the thread that writes."""
        self.is_on = True
        Thread(target=self._run, name="request log", daemon=True).start()
        atexit.register(self._end)

    def count(self, actor: Actor, operation: str, scope: str, status: int) -> None:
        """Count a request of an actor."""
        assert actor.credential_id is not None
        key = CountedRequest(
            actor.company_id, actor.credential_id, operation, scope, status, int(monotonic() / 60)
        )
        with self._lock:
            batch = self._batches.get(actor.company_id) or self._new_batch(actor.company_id)
            counts = batch.counts
            before = counts.get(key, 0)
            counts[key] = before + 1
            if not before:
                self._counts += 1
                self._drop_what_is_too_much()

    def note(
        self,
        actor: Actor,
        *,
        request_id: str,
        operation: str,
        method: str,
        path: str,
        status: int,
        error_code: str,
        seconds: float,
    ) -> None:
        """Record a request of an actor for the log.

        Only the first 429 of a credential is recorded per batch, because their number is not
        limited by anything else.
        """
        assert actor.credential_id is not None
        if status == 429:
            if actor.credential_id in self._limited:
                return
            self._limited.add(actor.credential_id)
        one = NotedRequest(
            id=new_id(),
            company_id=actor.company_id,
            answered_at=monotonic(),
            request_id=request_id,
            operation=operation,
            method=method[:20],
            path=path,
            status=status,
            error_code=error_code,
            milliseconds=round(seconds * 1000),
            credential_kind=actor.kind,
            credential_id=actor.credential_id,
            credential_name=actor.name,
        )
        with self._lock:
            batch = self._batches.get(actor.company_id) or self._new_batch(actor.company_id)
            batch.noted.append(one)
            self._notes += 1
            self._drop_what_is_too_much()

    def flush(self) -> None:
        """Write the batches, company by company.

        A failure for one company does not stop the others. After a database outage or a lock
        timeout the batch is kept for the next run; after other errors it is dropped, since it would
        fail again.
        """
        with self._lock:
            left, self._batches = self._batches, {}
            self._notes = self._counts = 0
            dropped, self._dropped = self._dropped, 0
            self._limited.clear()
        if dropped:
            log.warning("The log of API requests is %d requests short: memory was full.", dropped)
        for company_id in list(left):
            try:
                record_requests(company_id, *left[company_id])
            except Exception as error:
                # The text of a database error quotes values, so only its type is logged.
                name, outage = type(error).__name__, outage_of(error)
                if outage is not None:
                    log.warning("API requests wait for the database: %s", name)
                if outage == UNREACHABLE:
                    break
                if outage is not None:
                    continue
                log.error("API requests of company %s are not logged: %s", company_id, name)
            del left[company_id]
        if left:
            self._put_back(left)

    def _put_back(self, left: Batches) -> None:
        """Put batches that could not be written back, before the newer entries."""
        with self._lock:
            for company_id, (noted, counts) in left.items():
                later = self._batches.get(company_id) or self._new_batch(company_id)
                self._notes += len(noted)
                self._counts += len(counts.keys() - later.counts.keys())
                noted += later.noted
                for key, count in later.counts.items():
                    counts[key] = counts.get(key, 0) + count
                self._batches[company_id] = Batch(noted, counts)
            self._drop_what_is_too_much()

    def _new_batch(self, company_id: UUID) -> Batch:
        batch = self._batches[company_id] = Batch(deque(), {})
        return batch

    def _drop_what_is_too_much(self) -> None:
        """Drop the oldest requests and counts of the companies that have the most of them."""
        while self._notes > MOST_KEPT:
            _longest(batch.noted for batch in self._batches.values()).popleft()
            self._notes -= 1
            self._dropped += 1
        while self._counts > MOST_KEPT:
            counts = _longest(batch.counts for batch in self._batches.values())
            self._counts -= 1
            self._dropped += counts.pop(next(iter(counts)))

    def _run(self) -> None:
        while not self._is_over.wait(SECONDS_BETWEEN):
            with self._writing:
                self._write()

    def _end(self) -> None:
        """Write the last batch; wait if the thread is still writing the previous one."""
        self._is_over.set()
        if self._writing.acquire(timeout=SECONDS_TO_END):
            self._write()

    def _write(self) -> None:
        """Write the batches, and return the connection to the pool."""
        try:
            self.flush()
        except Exception:
            log.exception("API requests are not logged.")
        finally:
            connection.close()


def _longest[Kept: Sized](kept: Iterable[Kept]) -> Kept:
    return max(kept, key=len)


recorder = Recorder()
