"""Import of customers in the browser: upload a file, choose its columns, check it, import it.

The same code as in `manage.py import_customers` reads, checks and writes the rows. Checks and
imports are background jobs (customers/jobs.py); the file is stored until they have run.
"""

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminSelectWidget

from config.admin.job_pages import job_page
from config.admin.pages import Pages
from config.errors import Refusal
from config.jobs.actions import start_job
from config.jobs.errors import FileGone
from config.jobs.models import Job, StoredFile
from config.tenancy.ids import read_id

from ..imports.field_names import FIELDS
from ..imports.starting import CHECK, IMPORT, KINDS, SCOPE, start_import
from ..imports.uploads import MOST_BYTES, PERMISSION, columns_of, take_upload

PAGES = "admin/customers/importing"
ENCODINGS = (
    ("", gettext_lazy("Detected automatically, or UTF-8")),
    ("cp1252", gettext_lazy("Western European (cp1252)")),
    ("latin-1", gettext_lazy("Western European (latin-1)")),
    ("cp1250", gettext_lazy("Central European (cp1250)")),
    ("utf-16", gettext_lazy("UTF-16")),
    ("mac-roman", gettext_lazy("Old Macintosh (mac-roman)")),
)


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.vcf,.ndjson,.jsonl,.json"}),
        error_messages={"required": gettext_lazy("Choose a file.")},
    )
    encoding = forms.ChoiceField(
        label=gettext_lazy("Encoding"),
        choices=ENCODINGS,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Change this only if letters look wrong."),
    )


class ImportsCustomers(Pages):
    """Adds the pages of an import below the list of customers."""

    def get_urls(self) -> list[Any]:
        return [
            self.page_at("import/", self.upload_view, "import"),
            self.page_at("import/<str:file_id>/", self.columns_view, "columns"),
            self.page_at("import/<str:job_id>/run/", self.run_view, "run_import"),
            self.page_at("import/<str:job_id>/overwrite/", self.overwrite_view, "overwrite"),
            *super().get_urls(),
        ]

    def list_links(self, request: Any) -> list[dict[str, Any]]:
        if not request.user.has_perm(PERMISSION):
            return []
        address = reverse("admin:customers_customer_import")
        return [{"title": _("Import"), "icon": "upload", "address": address}]

    # --- The three pages ------------------------------------------------------------------------

    def upload_view(self, request: Any) -> HttpResponse:
        """Store an uploaded file, or show why it cannot be read."""
        _check_may(request)
        sent = (request.POST, request.FILES) if request.method == "POST" else ()
        form = UploadForm(*sent)
        if form.is_valid():
            try:
                file = take_upload(
                    form.cleaned_data["file"], form.cleaned_data["encoding"], actor=request.actor
                )
            except Refusal as refusal:
                form.add_error("file", str(refusal))
            else:
                return redirect("admin:customers_customer_columns", file.pk)
        context = {"title": _("Import customers"), "form": form, "most": filesizeformat(MOST_BYTES)}
        return self.render_page(request, f"{PAGES}/upload.html", context)

    def columns_view(self, request: Any, file_id: str) -> HttpResponse:
        """Ask for the field of each column, with a guess filled in, then start the check."""
        _check_may(request)
        file = _upload(request, file_id)
        count = len(file.about["headings"])
        guess = {int(at): field for at, field in file.about["guess"].items()}
        error = "" if file.can_be_read else str(FileGone())
        if request.method == "POST":
            typed = [request.POST.get(f"column-{at}", "") for at in range(count)]
            guess = {at: field for at, field in enumerate(typed) if field in FIELDS}
            try:
                columns_of(file, guess)
            except Refusal as refusal:
                error = str(refusal)
            else:
                return redirect(job_page(self._check(request, file, guess)))
        columns = [
            {
                "at": at,
                "heading": heading,
                "samples": samples,
                "field": guess.get(at, ""),
                "question": file.about.get("questions", {}).get(str(at), ""),
            }
            for at, (heading, samples) in enumerate(
                zip(file.about["headings"], file.about["samples"], strict=True)
            )
        ]
        context = {
            "title": _("Columns of %(file)s") % {"file": file},
            "file": file,
            "columns": columns,
            "fields": FIELDS.items(),
            "error": error,
        }
        return self.render_page(request, f"{PAGES}/columns.html", context)

    def run_view(self, request: Any, job_id: str) -> HttpResponse:
        """Start the import of a checked file; repeated requests start it only once."""
        _check_may(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        check = _done(request, job_id, CHECK)
        job = start_job(
            IMPORT,
            check.parameters,
            actor=request.actor,
            title=_("Import of %(file)s") % {"file": check.parameters["name"]},
            permission=PERMISSION,
            scope=SCOPE,
            once=str(check.pk),
        )
        return redirect(job_page(job))

    def overwrite_view(self, request: Any, job_id: str) -> HttpResponse:
        """Check a file again, and let rows that were held back overwrite their customers."""
        _check_may(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        held = _done(request, job_id, *KINDS)
        file = _upload(request, held.parameters["file"])
        fields = {int(at): field for at, field in held.parameters["fields"].items()}
        job = start_import(file, fields, dry_run=True, overwrite=True, actor=request.actor)
        return redirect(job_page(job))

    # --- Helpers --------------------------------------------------------------------------------

    def _check(self, request: Any, file: StoredFile, fields: dict[int, str]) -> Job:
        return start_import(file, fields, dry_run=True, actor=request.actor)


def _check_may(request: Any) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _done(request: Any, job_id: str, *kinds: str) -> Job:
    """Return a completed check or import; raises Http404, also for an erased file."""
    key = read_id("", job_id)
    jobs = Job.objects.visible_to(request.actor).filter(
        kind__in=kinds, state=Job.DONE, parameters__has_key="file"
    )
    job = jobs.filter(pk=key).first() if key else None
    if job is None:
        raise Http404
    return job


def _upload(request: Any, file_id: str) -> StoredFile:
    """Return a file that was uploaded for an import; raises Http404."""
    key = read_id("", file_id)
    given = StoredFile.objects.visible_to(request.actor).filter(job=None, about__has_key="guess")
    file = given.filter(pk=key).first() if key else None
    if file is None:
        raise Http404
    return file
