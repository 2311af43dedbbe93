"""Background jobs, their refusals, and files in chunks."""

from functools import reduce
from operator import or_
from typing import Protocol
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.models import TenantForeignKey, TenantModel, check, index, once
from config.tenancy.personal import Personal
from config.tenancy.scoping import RemovableQuerySet, TenantQuerySet

AUTHORS = ("staff", "client", "key")


class Author(Protocol):
    """A staff member, an API client or an API key."""

    @property
    def may_work(self) -> bool:
        """Whether the author may still be authenticated."""

    def actor_in(self, company: Company) -> Actor:
        """Return the author as an actor of a company, with their current rights."""


# A constraint: exactly one of the author columns is set.
_ONE_AUTHOR = reduce(
    or_, (models.Q(**{f"{one}__isnull": one != author for one in AUTHORS}) for author in AUTHORS)
)


class Authored(TenantModel):
    """A row whose author is a staff member, an API client or an API key."""

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("started by"),
        editable=False,
    )
    client = TenantForeignKey(
        "access.ApiClient", null=True, related_name="+", db_index=False, editable=False
    )
    key = TenantForeignKey(
        "access.ApiKey", null=True, related_name="+", db_index=False, editable=False
    )

    class Meta(TenantModel.Meta):
        abstract = True

    @property
    def author(self) -> Author:
        """The staff member, the API client or the API key."""
        author = self.staff or self.client or self.key
        assert author is not None
        return author


def authored_by(actor: Actor) -> dict[str, UUID | None]:
    """Return the author column of an Authored row for an actor, with its value."""
    assert actor.kind in AUTHORS, "a command starts no background work"
    return {f"{actor.kind}_id": actor.credential_id}


class JobQuerySet(TenantQuerySet["Job"]):
    """Background jobs of companies."""

    def under_way(self) -> "JobQuerySet":
        return self.filter(state__in=Job.UNDER_WAY)


class Job(Authored):
    """A background job: its author, kind, progress and result.

    Staff need the `permission` to see it, and while it runs. An API client or API key needs the
    `scope` while it runs. `reason` is recorded with the changes that the job makes.

    `kept` is data that the kind stores in order to resume; `attempt` counts the starts of the job,
    and only the latest attempt may write.
    """

    QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
    UNDER_WAY = (QUEUED, RUNNING)
    STATES = (
        (QUEUED, _("Waiting")),
        (RUNNING, _("Running")),
        (DONE, _("Done")),
        (FAILED, _("Failed")),
        (CANCELLED, _("Stopped")),
    )

    personal = Personal(
        mentions=("title", "parameters", "kept", "reason", "message"),
        impersonal=("kind", "permission", "scope", "once", "result"),
    )

    kind = models.CharField(_("kind"), max_length=60, editable=False)
    title = models.CharField(_("work"), max_length=200, editable=False)
    permission = models.CharField(max_length=100, blank=True, editable=False)
    scope = models.CharField(max_length=60, blank=True, db_default="", default="", editable=False)
    once = models.CharField(max_length=200, null=True, editable=False)  # noqa: DJ001
    reason = models.CharField(max_length=500, blank=True, db_default="", default="", editable=False)
    parameters = models.JSONField(default=dict, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=STATES, default=QUEUED)
    done = models.BigIntegerField(_("done"), default=0, editable=False)
    total = models.BigIntegerField(_("of"), null=True, editable=False)
    refused = models.BigIntegerField(_("refused"), default=0, editable=False)
    message = models.TextField(_("message"), blank=True, editable=False)
    result = models.JSONField(default=dict, editable=False)
    kept = models.JSONField(default=dict, editable=False)
    attempt = models.PositiveSmallIntegerField(default=0, editable=False)
    task = models.BigIntegerField(null=True, editable=False)
    started_at = models.DateTimeField(_("began"), null=True, editable=False)
    heard_at = models.DateTimeField(_("last heard of"), null=True, editable=False)
    stop_asked_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)

    objects = JobQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("background work")
        verbose_name_plural = _("background work")
        constraints = [
            *TenantModel.Meta.constraints,
            once("job_once", "kind", "once"),
            check("job_author", _ONE_AUTHOR),
        ]
        indexes = (index("job_under_way", condition=models.Q(state__in=("queued", "running"))),)

    def __str__(self) -> str:
        return self.title

    @property
    def is_over(self) -> bool:
        return self.state not in self.UNDER_WAY

    @property
    def is_stopping(self) -> bool:
        return self.stop_asked_at is not None and not self.is_over

    @property
    def percent(self) -> int | None:
        """How much of the job is done in percent, None if the total is unknown."""
        if self.state == self.DONE:
            return 100
        return min(100 * self.done // self.total, 100) if self.total else None


class JobRefusal(TenantModel):
    """One thing that a job did not do, and why; `line` is the line in an imported file."""

    personal = Personal(mentions=("what", "why", "address"))

    job = TenantForeignKey(Job, related_name="refusals")
    number = models.BigIntegerField()
    line = models.BigIntegerField(null=True)
    what = models.TextField()
    why = models.TextField()
    address = models.TextField(blank=True)

    objects = RemovableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=("job", "number"), name="job_refusal_number"),
        ]
        # Ids are in the order of `number`, because one process creates both.
        indexes = (index("job_refusal_of_job", "job", "id"),)

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


class StoredFile(Authored):
    """A file that its author uploaded or that a job made, stored in chunks until it is removed.

    `job` is the job that made it, in the attempt with that number; `about` has facts that were
    found in the file. It can be read once it `is_whole`.
    """

    personal = Personal(mentions=("name", "about"), impersonal=("content_type",))

    job = TenantForeignKey(Job, null=True, related_name="files")
    attempt = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField(default=0)
    about = models.JSONField(default=dict)
    is_whole = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        constraints = [*TenantModel.Meta.constraints, check("stored_file_author", _ONE_AUTHOR)]
        indexes = (
            index("stored_file_kept", "created_at", condition=models.Q(removed_at__isnull=True)),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def can_be_read(self) -> bool:
        return self.is_whole and self.removed_at is None


class Chunk(TenantModel):
    """A piece of a file."""

    personal = Personal(mentions=("data",))

    file = TenantForeignKey(StoredFile, related_name="chunks")
    number = models.PositiveIntegerField()
    data = models.BinaryField()

    objects = RemovableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=("file", "number"), name="chunk_number"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id} {self.number}"


class SweepFailure(TenantModel):
    """A periodic task that fails in this company (config.jobs.sweeps); its next success removes it.

    It has failed `times` times since `created_at`. `reason` is the refusal that stopped it, or ""
    for an error that is only in the server's log.
    """

    personal = Personal(impersonal=("task", "reason"))

    task = models.CharField(max_length=100)
    times = models.PositiveIntegerField(default=1)
    last_at = models.DateTimeField(db_default=Now())
    reason = models.TextField(blank=True)

    objects = RemovableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        constraints = [*TenantModel.Meta.constraints, once("sweep_failure_once", "task")]

    def __str__(self) -> str:
        return self.task


def files_of(job: Job) -> TenantQuerySet[StoredFile]:
    """Return the complete files of a job's last attempt."""
    rows = StoredFile.objects.filter(job=job, attempt=job.attempt, is_whole=True)
    return rows.order_by("id")
