"""A running job, as its kind uses it: to read its parameters and to report progress."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import Any

from django.db.models.functions import Now
from django.utils.translation import gettext as _

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import acting_for

from .errors import NotAllowedAnyMore
from .files import Writer, new_file
from .models import AUTHORS, Job, JobRefusal

SECONDS_BETWEEN = 1.0
REFUSALS_AT_ONCE = 500


class Stop(Exception):
    """The job must stop here; a kind must not catch this."""


class StopAsked(Stop):
    """Somebody asked the job to stop."""


class Superseded(Stop):
    """Another attempt at the job has started, or the job is over."""


class WorkerEnds(Stop):
    """The worker is shutting down; another worker continues the job."""


class Work:
    """One attempt at a job; the package's docstring says how it runs."""

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
        self._saved = time.monotonic()

    @contextmanager
    def step(self) -> Iterator[None]:
        """Run the block in one transaction, which also saves the progress."""
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
        """Run the block in one transaction that saves no progress."""
        with acting_for(self.company.id):
            yield

    def progress(self, done: int, total: int | None = None) -> None:
        """Report progress; it is saved at most once a second."""
        self.done = done
        if total is not None:
            self.total = total
        is_time = time.monotonic() - self._saved >= SECONDS_BETWEEN
        if is_time or len(self._refusals) >= REFUSALS_AT_ONCE:
            self.save()

    def save(self) -> None:
        """Save the progress now."""
        self._heed_worker()
        with acting_for(self.company.id):
            self._hold()
            self._keep()

    def refuse(self, what: str, why: str, address: str = "", *, line: int | None = None) -> None:
        """Report one thing that was not done, with the address of its page if it has one.

        `line` is the line in an imported file.
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

    def start_over(self) -> None:
        """Drop the progress of earlier attempts, if a kind that resumes cannot continue from it."""
        with acting_for(self.company.id):
            JobRefusal.objects.filter(job=self.job).remove()
        self.done, self.refused, self.kept = 0, 0, {}

    def writing(self, name: str, content_type: str, **about: Any) -> Writer:
        """Return a writer for a file of this job: `with work.writing(…) as out: out.write(…)`."""
        return new_file(name, content_type, actor=self.actor, job=self.job, **about)

    def close(self, state: str, **facts: Any) -> None:
        """Save the job's final state, unless another attempt has started."""
        ended = None if state == Job.QUEUED else Now()
        with acting_for(self.company.id):
            if self._mine():
                self._keep()
                Job.objects.filter(pk=self.job.pk).update(state=state, ended_at=ended, **facts)

    def _heed_worker(self) -> None:
        if self._is_ending():
            raise WorkerEnds

    def _hold(self) -> None:
        """Lock the job for this attempt; raises Superseded, StopAsked or NotAllowedAnyMore."""
        job = self._mine()
        if job is None:
            raise Superseded
        if job.stop_asked_at is not None:
            raise StopAsked
        check_rights(job, job.author.actor_in(self.company))

    def _mine(self) -> Job | None:
        """Lock the job and return it with its current author; None if another attempt started."""
        mine = Job.objects.filter(pk=self.job.pk, attempt=self.job.attempt, state=Job.RUNNING)
        return mine.select_related(*AUTHORS).select_for_update(of=("self",)).first()

    def _keep(self) -> None:
        waiting, self._refusals = self._refusals, []
        JobRefusal.objects.bulk_create(waiting, batch_size=REFUSALS_AT_ONCE)
        Job.objects.filter(pk=self.job.pk).update(
            done=self.done, total=self.total, refused=self.refused, kept=self.kept, heard_at=Now()
        )
        self._saved = time.monotonic()


def check_rights(job: Job, actor: Actor) -> None:
    """Raise NotAllowedAnyMore if the job's author has left, or has lost the right to run it."""
    staff, permission = job.staff, job.permission
    if staff is None:
        _check_credential(job, actor)
        return
    staff.role = actor.role
    if not staff.role or (permission and not staff.has_perm(permission)):
        raise NotAllowedAnyMore


def _check_credential(job: Job, actor: Actor) -> None:
    """Raise NotAllowedAnyMore if the job's API client or key has lost the right to run it."""
    names = {"name": actor.name, "scope": job.scope}
    if not job.author.may_work:
        raise NotAllowedAnyMore(
            _(
                "“%(name)s”, which started this, is suspended, revoked or expired. Start it again "
                "with another API client or API key."
            )
            % names
        )
    if job.scope not in actor.scopes:
        raise NotAllowedAnyMore(
            _(
                "“%(name)s”, which started this, no longer has the scope %(scope)s. Ask the "
                "company's staff to grant it, and start it again."
            )
            % names
        )


def keepable(text: str) -> str:
    """Return text without the characters that PostgreSQL cannot store."""
    return text.replace("\x00", "�").encode("utf-8", "replace").decode()
