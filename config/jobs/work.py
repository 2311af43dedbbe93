"""Work in a worker's hands: what a kind reads, and by which it reports how far it is."""

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
        self._saved = time.monotonic()

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
        """Note how far it is; written at most once a second."""
        self.done = done
        if total is not None:
            self.total = total
        is_time = time.monotonic() - self._saved >= SECONDS_BETWEEN
        if is_time or len(self._refusals) >= REFUSALS_AT_ONCE:
            self.save()

    def save(self) -> None:
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

    def start_over(self) -> None:
        """Forget what an earlier attempt did, where a kind that resumes cannot go on with it."""
        with acting_for(self.company.id):
            JobRefusal.objects.filter(job=self.job).remove()
        self.done, self.refused, self.kept = 0, 0, {}

    def writing(self, name: str, content_type: str, **about: Any) -> Writer:
        """Return what writes a file of this work: `with work.writing(…) as out: out.write(…)`."""
        return new_file(name, content_type, actor=self.actor, job=self.job, **about)

    def close(self, state: str, **facts: Any) -> None:
        """Write how it ended, unless another attempt has begun."""
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
        """Lock the job and return it with its author as they are now; None if it is another's."""
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
    """Raise NotAllowedAnyMore for work of an author who has left, or may not do it any more."""
    staff, permission = job.staff, job.permission
    if staff is None:
        _check_credential(job, actor)
        return
    staff.role = actor.role
    if not staff.role or (permission and not staff.has_perm(permission)):
        raise NotAllowedAnyMore


def _check_credential(job: Job, actor: Actor) -> None:
    """Raise NotAllowedAnyMore for work of an API client or key that may not do it any more."""
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
    """Return text without what no database can keep."""
    return text.replace("\x00", "�").encode("utf-8", "replace").decode()
