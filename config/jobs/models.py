"""Background work, what it refused, and files in chunks."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.tenancy.models import TenantForeignKey, TenantModel, index, once
from config.tenancy.scoping import RemovableQuerySet, TenantQuerySet


class JobQuerySet(TenantQuerySet["Job"]):
    """Background work of companies."""

    def under_way(self) -> "JobQuerySet":
        return self.filter(state__in=Job.UNDER_WAY)


class Job(TenantModel):
    """Background work for a staff member: its author, kind, progress and result.

    `kept` is what its kind needs in order to go on; `attempt` counts how often it was begun, and
    only the latest one may write.
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

    kind = models.CharField(_("kind"), max_length=60, editable=False)
    title = models.CharField(_("work"), max_length=200, editable=False)
    permission = models.CharField(max_length=100, blank=True, editable=False)
    once = models.CharField(max_length=200, null=True, editable=False)  # noqa: DJ001
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        verbose_name=_("started by"),
        editable=False,
    )
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
        constraints = [*TenantModel.Meta.constraints, once("job_once", "kind", "once")]
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
        """How much of it is done, None where nobody knows how much there is."""
        if self.state == self.DONE:
            return 100
        return min(100 * self.done // self.total, 100) if self.total else None


class JobRefusal(TenantModel):
    """One thing that background work did not do, and why."""

    job = TenantForeignKey(Job, related_name="refusals")
    number = models.BigIntegerField()
    what = models.TextField()
    why = models.TextField()
    address = models.TextField(blank=True)

    objects = RemovableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=("job", "number"), name="job_refusal_number"),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


class StoredFile(TenantModel):
    """A file that staff gave or that background work made, kept in chunks until it is removed.

    `job` is the work that made it, in its attempt of that number; `about` is what was found out
    about it once. It can be read once it `is_whole`.
    """

    job = TenantForeignKey(Job, null=True, related_name="files")
    attempt = models.PositiveSmallIntegerField(default=0)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.BigIntegerField(default=0)
    about = models.JSONField(default=dict)
    is_whole = models.BooleanField(default=False)
    removed_at = models.DateTimeField(null=True)

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
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

    It has failed `times` times since `created_at`. `reason` is the refusal that stopped it, "" for
    an error that only the server's log explains.
    """

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
    """Return the files that a job's last attempt finished."""
    rows = StoredFile.objects.filter(job=job, attempt=job.attempt, is_whole=True)
    return rows.order_by("id")
