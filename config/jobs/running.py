"""Run a job, from the check of its author's rights to its result."""

import logging
from collections.abc import Callable
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from config.errors import Refusal
from config.outages import AWAY
from config.tenancy.authors import Author, written_by
from config.tenancy.scoping import acting_for
from config.times import database_now

from .actions import remove_given_file, share_beginning
from .kinds import KINDS
from .models import AUTHORS, Job, JobRefusal
from .work import StopAsked, Superseded, Work, WorkerEnds, check_rights

MOST_ATTEMPTS = 10

log = logging.getLogger(__name__)


def run_job(company: UUID, job: UUID, *, is_ending: Callable[[], bool] = lambda: False) -> None:
    """Run a job, unless it is over; raises WorkerEnds, and the error that made the job fail."""
    work = _begin(company, job, is_ending)
    if work is None:
        return
    author = Author.of(work.actor, work.job.id.hex, work.job.reason)
    try:
        with written_by(author), timezone.override(work.company.timezone):
            check_rights(work.job, work.actor)
            counts = KINDS[work.job.kind].run(work)
    except Superseded:
        return
    except WorkerEnds:
        work.close(Job.QUEUED)
        raise
    except StopAsked:
        work.close(Job.CANCELLED)
        with acting_for(company):
            remove_given_file(work.job, actor=work.actor)
    except Refusal as refusal:
        work.close(Job.FAILED, message=str(refusal))
    except AWAY:
        # The worker retries the job, which continues from its last step.
        raise
    except Exception:
        log.exception("The work %s (%s) broke.", work.job.id, work.job.kind)
        message = _("Something went wrong, which we have noted. Try it once more.")
        work.close(Job.FAILED, message=message)
        raise
    else:
        work.close(Job.DONE, result=dict(counts))


def _begin(company: UUID, id: UUID, is_ending: Callable[[], bool]) -> Work | None:
    """Start an attempt at the job, which alone may write; return None if the job is over."""
    with acting_for(company):
        share_beginning(company)
        jobs = Job.objects.select_for_update(of=("self",)).select_related(*AUTHORS, "company")
        job = jobs.filter(pk=id).first()
        if job is None or job.is_over:
            return None
        job.attempt += 1
        job.state, job.heard_at = Job.RUNNING, database_now()
        job.started_at = job.started_at or job.heard_at
        if not KINDS[job.kind].resumes:
            job.done, job.total, job.refused, job.kept = 0, None, 0, {}
            JobRefusal.objects.filter(job=job).remove()
        if too_often := job.attempt > MOST_ATTEMPTS:
            job.state, job.ended_at = Job.FAILED, job.heard_at
            job.message = _("It was begun %(count)d times and never came to its end.") % {
                "count": MOST_ATTEMPTS
            }
        job.save()
    if too_often:
        return None
    return Work(job, job.company, job.author.actor_in(job.company), is_ending)
