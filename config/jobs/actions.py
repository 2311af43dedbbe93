"""Start, stop and clean up background jobs."""

import datetime
import json
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, transaction
from django.db.models import CharField, Func, Q, Sum, Value
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _
from procrastinate.contrib.django.models import ProcrastinateJob

from config.tenancy.actors import Actor
from config.tenancy.scoping import TenantQuerySet

from .errors import JobOver, TooManyJobs, TooMuchStored
from .kinds import KINDS
from .models import Chunk, Job, JobRefusal, StoredFile, authored_by

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DAYS_KEPT = 7
MOST_LETTERS = 200
# How long a job may wait for a worker before it is marked failed.
PATIENCE = datetime.timedelta(minutes=10)
# About how many jobs a company may have under way before an integrator gets TooManyJobs.
MOST_WAITING = 10
# How many bytes of uploaded files a company may have stored.
MOST_STORED = 2_000 * 1_048_576

# The reason that the request gave for its changes (config.tenancy.authors).
_REASON = Coalesce(
    Func(Value("regulars.reason"), Value(True), function="current_setting"),
    Value(""),
    output_field=CharField(),
)


@transaction.atomic
def start_job(
    kind: str,
    parameters: Mapping[str, object],
    *,
    title: "StrOrPromise" = "",
    permission: str = "",
    scope: str = "",
    once: str | None = None,
    actor: Actor,
) -> Job:
    """Start a background job once this transaction has committed.

    The actor is a staff member, an API client or an API key. `parameters` are stored as JSON. If a
    job of this kind was already started with the same `once`, that job is returned and nothing is
    started.
    """
    from .tasks import run

    facts = {
        "company_id": actor.company_id,
        "kind": kind,
        "once": once,
        "title": str(title or KINDS[kind].label)[:MOST_LETTERS],
        "permission": permission,
        "scope": scope,
        "reason": _REASON,
        **authored_by(actor),
        "parameters": json.loads(json.dumps(parameters, cls=DjangoJSONEncoder)),
    }
    if once is None:
        job, is_new = Job.objects.create(**facts), True
    else:
        names = {name: facts.pop(name) for name in ("company_id", "kind", "once")}
        job, is_new = Job.objects.get_or_create(**names, defaults=facts)
    if is_new:
        # A company runs one job of a kind at a time; the others wait for it.
        turn = run.configure(lock=f"jobs.{actor.company_id}.{kind}")
        job.task = turn.defer(company_id=str(actor.company_id), job_id=str(job.id))
        job.save(update_fields=["task"])
    return job


def check_room(kinds: Collection[str], *, actor: Actor) -> None:
    """Raise TooManyJobs for an integrator whose company has too many jobs of these kinds under way.

    Two simultaneous requests may exceed the limit by one, which is precise enough for storage.
    """
    jobs = Job.objects.visible_to(actor).under_way().filter(kind__in=kinds)
    if not actor.is_staff and jobs.count() >= MOST_WAITING:
        raise TooManyJobs


def check_storage(size: int, *, actor: Actor) -> None:
    """Raise TooMuchStored if an uploaded file of `size` bytes exceeds the company's storage.

    Two simultaneous requests may exceed the limit by one file each.
    """
    given = StoredFile.objects.visible_to(actor).filter(job=None, removed_at=None)
    stored = given.aggregate(all=Sum("size", default=0))["all"]
    if stored + size > MOST_STORED:
        sentence = _(
            "The company's files take %(stored)s MB of %(most)s MB, and this one does not fit. "
            "Cancel imports that are not needed, or wait: files are removed after %(days)d days."
        )
        raise TooMuchStored(
            sentence
            % {"stored": f"{stored >> 20:,}", "most": f"{MOST_STORED >> 20:,}", "days": DAYS_KEPT}
        )


def hold_work(*, actor: Actor) -> bool:
    """Keep the company's jobs from starting until this transaction ends.

    Return whether a job is under way.
    """
    _lock_beginnings("pg_advisory_xact_lock", actor.company_id)
    return Job.objects.visible_to(actor).under_way().exists()


def share_beginning(company: UUID) -> None:
    """Wait while `hold_work` keeps a company's jobs from starting, and make it wait in turn."""
    _lock_beginnings("pg_advisory_xact_lock_shared", company)


def _lock_beginnings(lock: str, company: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {lock}(hashtextextended(%s, 0))", [f"regulars.jobs.{company}"])


@transaction.atomic
def stop_job(job: Job, *, actor: Actor) -> None:
    """Cancel a waiting job, or stop a running one at its next step; finished steps are not undone.

    Raises JobOver.
    """
    under_way = Job.objects.visible_to(actor).under_way().filter(pk=job.pk)
    is_over = under_way.filter(state=Job.QUEUED).update(
        state=Job.CANCELLED, stop_asked_at=Now(), ended_at=Now()
    )
    if not is_over and not under_way.filter(state=Job.RUNNING).update(stop_asked_at=Now()):
        raise JobOver
    job.refresh_from_db()
    if is_over:
        remove_given_file(job, actor=actor)


@transaction.atomic
def remove_given_file(job: Job, *, actor: Actor) -> None:
    """Remove the file that an integrator uploaded for a job that was cancelled.

    Files of staff stay, because a check and its import use the same file.
    """
    given = job.parameters.get("file")
    if given and not job.staff_id:
        files = StoredFile.objects.visible_to(actor).filter(job=None, pk=given)
        _remove(files, actor=actor)


@transaction.atomic
def give_up_lost_jobs(*, actor: Actor) -> int:
    """Mark jobs as failed that no worker runs or will run; return their number."""
    quiet = Now() - PATIENCE
    jobs = Job.objects.visible_to(actor).under_way()
    waiting = dict(
        jobs.filter(Q(heard_at__lt=quiet) | Q(heard_at=None, created_at__lt=quiet)).values_list(
            "pk", "task"
        )
    )
    live = set(
        ProcrastinateJob.objects.filter(
            id__in=filter(None, waiting.values()), status__in=("todo", "doing")
        ).values_list("id", flat=True)
    )
    lost = [job for job, task in waiting.items() if task not in live]
    return jobs.filter(pk__in=lost).update(
        state=Job.FAILED,
        ended_at=Now(),
        message=_("It was interrupted, and nobody went on with it. Start it again."),
    )


@transaction.atomic
def remove_old_files(*, actor: Actor) -> int:
    """Remove files and refusals of jobs that ended DAYS_KEPT days ago; return how many files."""
    since = Now() - datetime.timedelta(days=DAYS_KEPT)
    old = StoredFile.objects.visible_to(actor).filter(
        Q(job=None) | Q(job__ended_at__lt=since), created_at__lt=since
    )
    removed = _remove(old, actor=actor)
    over = Job.objects.visible_to(actor).filter(ended_at__lt=since)
    refusals = JobRefusal.objects.visible_to(actor).filter(created_at__lt=since)
    refusals.filter(job__in=over.values("pk")).remove()
    return removed


@transaction.atomic
def remove_file(file: StoredFile, *, actor: Actor) -> None:
    """Remove the content of a file."""
    _remove(StoredFile.objects.visible_to(actor).filter(pk=file.pk), actor=actor)


@transaction.atomic
def remove_all_files(*, actor: Actor) -> int:
    """Remove the content, names and facts of all files of the company.

    Return the number of files whose content was removed.
    """
    files = StoredFile.objects.visible_to(actor)
    removed = _remove(files, actor=actor)
    files.exclude(name="", about={}).update(name="", about={})
    return removed


def _remove(files: TenantQuerySet[StoredFile], *, actor: Actor) -> int:
    keys = list(files.filter(removed_at=None).values_list("pk", flat=True))
    found = StoredFile.objects.visible_to(actor).filter(pk__in=keys)
    # Locked first, so that a file that is being written gets no further chunk.
    list(found.order_by("pk").select_for_update(no_key=True).values_list("pk"))
    Chunk.objects.visible_to(actor).filter(file__in=keys).remove()
    return found.update(removed_at=Now())
