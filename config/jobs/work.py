"""Work in a worker's hands: what a kind reads, and by which it tells how far it is."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from django.db.models.functions import Now

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for

from .files import Writer, new_file
from .models import Job, JobRefusal

SECONDS_BETWEEN = 1.0
REFUSALS_AT_ONCE = 500


class Stop(Exception):
    """The work is to end here; a kind lets this pass."""


class StopAsked(Stop):
    """Somebody asked for it."""


class Superseded(Stop):
    """It was begun again elsewhere, or is over."""


class WorkerEnds(Stop):
    """The worker was told to end; another one will go on."""


class Work:
    """One attempt at a job; see the package for what a kind may count on."""

    def __init__(
        self,
        job: Job,
        company: Company,
        actor: Actor,
        is_ending: Callable[[], bool] = lambda: False,
    ) -> None:
        self.job, self.company, self.actor = job, company, actor
        self.parameters: dict[str, Any] = job.parameters
        self.done, self.total, self.refused = job.done, job.total, job.refused
        self.kept: dict[str, Any] = job.kept
        self._is_ending = is_ending
        self._refusals: list[JobRefusal] = []
        self._told = time.monotonic()

    @contextmanager
    def step(self) -> Iterator[None]:
        """Work in one transaction, which keeps how far it is as well."""
        self._heed_worker()
        before = self.done, self.total, self.refused, deepcopy(self.kept), [*self._refusals]
        try:
            with acting_for(self.company.id):
                self._hold()
                yield
                self._keep()
        except BaseException:
            self.done, self.total, self.refused, self.kept, self._refusals = before
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Work in one transaction that keeps nothing of how far it is."""
        with acting_for(self.company.id):
            yield

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far it is; written at most once a second."""
        self.done = done
        if total is not None:
            self.total = total
        is_time = time.monotonic() - self._told >= SECONDS_BETWEEN
        if is_time or len(self._refusals) >= REFUSALS_AT_ONCE:
            self.tell()

    def tell(self) -> None:
        """Write how far it is, now."""
        self._heed_worker()
        with acting_for(self.company.id):
            self._hold()
            self._keep()

    def refuse(self, what: str, why: str, address: str = "", *, line: int | None = None) -> None:
        """Report one thing that was not done, with the address of its page where it has one.

        `line` is that of a row of a file.
        """
        self.refused += 1
        self._refusals.append(
            JobRefusal(
                company_id=self.company.id,
                job=self.job,
                number=self.refused,
                line=line,
                what=keepable(what),
                why=keepable(why),
                address=address,
            )
        )

    def writing(self, name: str, content_type: str, **about: Any) -> Writer:
        """Return what writes a file of this work: `with work.writing(…) as out: out.write(…)`."""
        return new_file(name, content_type, actor=self.actor, job=self.job, **about)

    def close(self, state: str, **facts: Any) -> None:
        """Write how it ended, unless another attempt has begun."""
        ended = None if state == Job.QUEUED else Now()
        with acting_for(self.company.id):
            if list(self._mine()):
                self._keep()
                Job.objects.filter(pk=self.job.pk).update(state=state, ended_at=ended, **facts)

    def _heed_worker(self) -> None:
        if self._is_ending():
            raise WorkerEnds

    def _hold(self) -> None:
        """Lock the job for this attempt; raises Superseded or StopAsked."""
        asked = list(self._mine())
        if not asked:
            raise Superseded
        if asked[0] is not None:
            raise StopAsked

    def _mine(self) -> Any:
        """Lock the job and return when it was asked to stop; no row where it is another's."""
        mine = Job.objects.filter(pk=self.job.pk, attempt=self.job.attempt, state=Job.RUNNING)
        return mine.select_for_update().values_list("stop_asked_at", flat=True)

    def _keep(self) -> None:
        waiting, self._refusals = self._refusals, []
        JobRefusal.objects.bulk_create(waiting, batch_size=REFUSALS_AT_ONCE)
        Job.objects.filter(pk=self.job.pk).update(
            done=self.done, total=self.total, refused=self.refused, kept=self.kept, heard_at=Now()
        )
        self._told = time.monotonic()


def keepable(text: str) -> str:
    """Return text without what no database can keep."""
    return text.replace("\x00", "�").encode("utf-8", "replace").decode()
