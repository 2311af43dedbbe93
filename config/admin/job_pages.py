"""Background jobs in the back-office: their progress, their results and their files."""

from collections.abc import Iterator
from typing import Any

from django import http
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from config.admin.buttons import Button
from config.admin.columns import column
from config.admin.filters import FieldChoiceFilter
from config.admin.pages import CompanyAdmin
from config.changes.actions import record_data_export
from config.changes.models import DataExport
from config.jobs.actions import DAYS_KEPT, PATIENCE, stop_job
from config.jobs.errors import FileGone
from config.jobs.files import chunks_of
from config.jobs.kinds import KINDS
from config.jobs.models import AUTHORS, Job, JobRefusal, StoredFile, files_of
from config.spreadsheets import BYTE_ORDER_MARK, csv_line, guard
from config.tenancy.ids import read_id
from config.tenancy.permissions import may_change
from config.tenancy.scoping import acting_for
from config.times import database_now

COLOURS = {
    Job.QUEUED: "default",
    Job.RUNNING: "info",
    Job.DONE: "success",
    Job.FAILED: "danger",
    Job.CANCELLED: "warning",
}
REFUSALS_ON_A_PAGE = 50
REFUSALS_AT_ONCE = 1_000


def job_page(job: Job) -> str:
    """Return the address of a job's page, which shows its progress and its files."""
    return reverse("admin:jobs_job_change", args=[job.pk])


def how_far(job: Job) -> str:
    """Return the progress of a job as a sentence."""
    if job.is_over:
        return str(job.get_state_display())
    if job.is_stopping:
        return _("Stopping …")
    if job.state == Job.QUEUED:
        return _("Waiting for its turn …")
    if job.heard_at and database_now() - job.heard_at > PATIENCE / 5:
        return _("It was interrupted and goes on within a few minutes.")
    counts = {"done": f"{job.done:,}", "total": f"{job.total or 0:,}"}
    if job.total:
        return _("%(done)s of %(total)s") % counts
    return _("%(done)s so far") % counts if job.done else _("Beginning …")


@admin.register(Job)
class JobAdmin(CompanyAdmin):
    icon = "hourglass_top"
    buttons = (
        Button(
            name="stop",
            label=gettext_lazy("Stop"),
            done=gettext_lazy("stopped"),
            asks=gettext_lazy("Stop “%(name)s”?"),
            says=gettext_lazy("“%(name)s” stopped."),
            confirm_text=gettext_lazy("What is done stays done. The rest is not done."),
            act=stop_job,
            is_available=lambda job: not job.is_over,
            icon="stop_circle",
            danger=True,
            many=False,
        ),
    )
    list_display = ("title", "shown_state", "shown_progress", "shown_author", "created_on")
    list_filter = (("state", FieldChoiceFilter),)
    joined = AUTHORS
    # The id prefixes of imports and exports in v1.
    known_as = dict.fromkeys(("imp_", "exp_"), "pk")

    # --- Permissions ----------------------------------------------------------------------------

    def get_object(self, request: Any, object_id: str, from_field: str | None = None) -> Any:
        """Return a job; raises PermissionDenied unless the staff member may start such jobs."""
        job = super().get_object(request, object_id, from_field)
        if job is not None and job.permission and not request.user.has_perm(job.permission):
            raise PermissionDenied
        return job

    # --- Addresses ------------------------------------------------------------------------------

    def get_urls(self) -> list[Any]:
        return [
            self.page_at("<str:object_id>/progress/", self.progress_view, "progress"),
            self.page_at("<str:object_id>/refused.csv", self.refused_view, "refused"),
            self.page_at("<str:object_id>/files/<str:file_id>/", self.file_view, "file"),
            *super().get_urls(),
        ]

    def changeform_view(
        self,
        request: Any,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> http.HttpResponse:
        """Show the progress of a job while it runs, and its results afterwards."""
        if object_id is None:
            raise PermissionDenied
        job = self.get_object(request, object_id)
        if job is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)
        kind = KINDS.get(job.kind)
        files = list(files_of(job)) if job.is_over else []
        context = {
            "title": job.title,
            "original": job,
            "job": job,
            "how_far": how_far(job),
            "counts": counts_of(job),
            "files": files,
            # Do not offer a second file of the refused rows: users would correct the wrong one.
            "has_refused_file": any(file.about.get("holds") == "refused" for file in files),
            "template": kind.template if kind and job.is_over else "",
            "below": kind.below if kind and job.is_over else "",
            "began_again": job.attempt > 1 and not (kind and kind.resumes),
            "days_kept": DAYS_KEPT,
            **self._refusals(request, job),
        }
        return self.render_page(request, "admin/jobs/job.html", context)

    def _refusals(self, request: http.HttpRequest, job: Job) -> dict[str, Any]:
        """Return one page of the refused rows, its number and the number of pages."""
        pages = -(-job.refused // REFUSALS_ON_A_PAGE)
        typed = request.GET.get("page", "1")
        page = min(max(int(typed), 1), max(pages, 1)) if typed.isdecimal() else 1
        first = (page - 1) * REFUSALS_ON_A_PAGE
        rows = job.refusals.filter(number__gt=first, number__lte=first + REFUSALS_ON_A_PAGE)
        return {
            "refusals": list(rows.order_by("number")) if job.refused and job.is_over else [],
            "page": page,
            "pages": pages,
        }

    def progress_view(self, request: http.HttpRequest, object_id: str) -> http.HttpResponse:
        """Return the progress of a job as JSON for the script of its page."""
        job = self._job(request, object_id)
        return http.JsonResponse(
            {
                "over": job.is_over,
                "state": job.state,
                "percent": job.percent,
                "done": job.done,
                "total": job.total,
                "sentence": how_far(job),
            }
        )

    def file_view(self, request: Any, object_id: str, file_id: str) -> HttpResponseBase:
        """Send a file that a job made."""
        job = self._job(request, object_id)
        key = read_id("", file_id)
        file = files_of(job).filter(pk=key).first() if key else None
        if file is None:
            raise http.Http404
        if not file.can_be_read:
            messages.error(request, str(FileGone()))
            return http.HttpResponseRedirect(job_page(job))
        _record(request, job, file.name)
        return sent(file)

    def refused_view(self, request: Any, object_id: str) -> HttpResponseBase:
        """Send the refused rows of a job as CSV."""
        job = self._job(request, object_id)
        _record(request, job, "refused.csv")
        answer = http.StreamingHttpResponse(
            _refusals_as_csv(job), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = content_disposition_header(True, _("refused") + ".csv")
        return answer

    def _job(self, request: http.HttpRequest, object_id: str) -> Job:
        job = self.get_object(request, object_id)
        if job is None:
            raise http.Http404
        return job

    # --- Columns --------------------------------------------------------------------------------

    shown_state = column(
        gettext_lazy("state"), lambda row: (row.state, row.get_state_display()), label=COLOURS
    )

    shown_author = column(gettext_lazy("started by"), lambda row: str(row.author))

    @display(description=gettext_lazy("how far"))
    def shown_progress(self, job: Job) -> str:
        if not job.is_over:
            return how_far(job)
        if job.message:
            return job.message
        counts = [(count, name) for name, count in counts_of(job)]
        some = [one for one in counts if one[0]] or counts[:1]
        return ", ".join(f"{count:,} {name}" for count, name in some) or "–"


def counts_of(job: Job) -> list[tuple[str, int]]:
    """Return the counts of a job, under the labels of its kind."""
    kind = KINDS.get(job.kind)
    names = {**(kind.counts if kind else {}), **{name: name for name in job.result if not kind}}
    return [(str(text), job.result[name]) for name, text in names.items() if name in job.result]


def sent(file: StoredFile) -> http.StreamingHttpResponse:
    """Return a response that downloads a file in chunks."""
    answer = http.StreamingHttpResponse(chunks_of(file), content_type=file.content_type)
    answer["Content-Disposition"] = content_disposition_header(True, file.name)
    answer["Content-Length"] = str(file.size)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _record(request: Any, job: Job, file: str) -> None:
    """Record the download of a file; raises PermissionDenied for read-only roles."""
    if not may_change(request.actor.role):
        raise PermissionDenied
    record_data_export(DataExport.Kind.FILE, query=file, job_id=job.pk, actor=request.actor)


def _refusals_as_csv(job: Job) -> Iterator[str]:
    yield BYTE_ORDER_MARK + csv_line([_("what"), _("why")])
    last = 0
    while True:
        with acting_for(job.company_id):
            rows = JobRefusal.objects.filter(job_id=job.pk, number__gt=last).order_by("number")
            batch = list(rows[:REFUSALS_AT_ONCE])
        if not batch:
            return
        yield "".join(csv_line([guard(row.what), guard(row.why)]) for row in batch)
        last = batch[-1].number
