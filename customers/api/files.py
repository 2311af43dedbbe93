"""Imports and exports of customers as files (v1)."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from config.api.files import FileResource, GivenFile, send
from config.api.pages import CursorPages
from config.api.parents import Parent
from config.api.resource import Resource, compiled_read
from config.api.surfaces import v1
from config.api.verbs import Verb
from config.changes.actions import record_data_export
from config.changes.models import DataExport
from config.jobs.actions import check_room, remove_file, stop_job
from config.jobs.files import chunks_of, result_of
from config.jobs.models import Job, JobRefusal, StoredFile
from config.tenancy.actors import Actor
from config.tenancy.scoping import acting_for

from ..exports import CONTENT_TYPES, KIND, start_export
from ..filters import ImportOptions, JobFilters
from ..imports.starting import KINDS, MEDIA_TYPES, fields_of, start_import
from ..imports.uploads import MOST_BYTES, take_upload
from ..shapes import files
from .parts import CUSTOMERS

_IMPORTS = Job.objects.filter(kind__in=KINDS)
_EXPORTS = Job.objects.filter(kind=KIND)


class Imports(FileResource, Resource):
    """Imports of customers from files, newest first.

    Those that staff started in the back-office are among them.
    """

    surface = v1
    scopes = CUSTOMERS
    queryset = _IMPORTS.newest_first()
    ids = {"id": files.IMPORT_ID}
    filterset_class = JobFilters
    query_options = {"create": ImportOptions}
    pages = CursorPages()
    shows = {"*": files.Import}
    takes_file = MEDIA_TYPES
    most_bytes = MOST_BYTES
    starts_work = ("create",)
    verbs = {
        "cancel": Verb(
            stop_job,
            "Cancel an import that waits, or stop one at its next step; what is done stays done.",
        )
    }

    @property
    def noun(self) -> str:
        return _("import")

    @classmethod
    def has_dry_run(cls, method: str, action: str) -> bool:
        """Return False for imports: `dry_run` is one of their own options, a background check."""
        return action != "create" and super().has_dry_run(method, action)

    @compiled_read
    def retrieve(self, request: Any, **path: str) -> HttpResponse:
        """Read an import: how far it is, and what came of it."""
        return super().retrieve(request, **path)

    def create(self, request: Any) -> HttpResponse:
        """Import customers from a file, which is the body; the answer comes at once.

        The rows are gone through in the background: read the import until its `status` is `done`.
        New customers are created and known ones changed, as `manage.py import_customers` does it;
        nobody is invited. A file that cannot be read is refused with a 422. A row that is refused
        does not stop the others: correct it in `refused_file_url`, and send that file.

        `dry_run` checks every row and writes no customer. Unlike other dry runs it makes an object,
        which tells what would become of the file, and takes an Idempotency-Key.
        """
        fields = fields_of(self.stored, self.filters.get("columns") or {})
        dry_run = bool(self.filters.get("dry_run"))
        overwrite = bool(self.filters.get("overwrite"))
        job = start_import(
            self.stored, fields, dry_run=dry_run, overwrite=overwrite, actor=self.actor
        )
        return self.show(job, status=202)

    def name_of_file(self) -> str:
        return self.filters.get("name") or _("customers")

    def check_room(self) -> None:
        check_room(KINDS, actor=self.actor)

    def store(self, file: GivenFile) -> StoredFile:
        encoding = self.filters.get("encoding") or self.request.content_params.get("charset", "")
        return take_upload(file, encoding, actor=self.actor)

    def drop(self, stored: StoredFile) -> None:
        with acting_for(self.actor.company_id):
            remove_file(stored, actor=self.actor)


class RefusedRows(Resource):
    """Refused rows of an import, in the order of the file: so far, while it runs."""

    surface = v1
    scopes = CUSTOMERS
    queryset = JobRefusal.objects.filter(job__kind__in=KINDS).oldest_first()
    parent = Parent("job_id", _IMPORTS, named="import_id")
    ids = {"import_id": files.IMPORT_ID}
    pages = CursorPages()
    shows = {"*": files.RefusedRow}

    @property
    def noun(self) -> str:
        return _("import")


class RefusedFiles(Resource):
    """Files of refused rows."""

    surface = v1
    scopes = CUSTOMERS
    queryset = _IMPORTS
    ids = {"id": files.IMPORT_ID}
    shows = {"*": files.Import}
    sends_file = (*MEDIA_TYPES, "application/octet-stream")

    @property
    def noun(self) -> str:
        return _("import")

    def retrieve(self, request: Any, **path: str) -> HttpResponseBase:  # type: ignore[override]
        """Download the refused rows of an import, each with its line and its reason.

        Correct them and send the file as another import: the two columns in front are passed over.
        409 `not_done_yet` while the import waits or runs, `no_file` where no row was refused.
        """
        return _sent(self.get_object(), actor=self.actor, about__holds="refused")


class Exports(Resource):
    """Exports of all customers to a file, newest first.

    Those that staff started in the back-office are among them.
    """

    surface = v1
    scopes = {"read": "customers:read", "write": "customers:read"}
    queryset = _EXPORTS.newest_first()
    ids = {"id": files.EXPORT_ID}
    filterset_class = JobFilters
    pages = CursorPages()
    shows = {"*": files.CustomerExport}
    accepts = {"create": files.NewExport}
    starts_work = ("create",)
    verbs = {
        "cancel": Verb(stop_job, "Cancel an export that waits, or stop one; it makes no file.")
    }

    @property
    def noun(self) -> str:
        return _("export")

    @compiled_read
    def retrieve(self, request: Any, **path: str) -> HttpResponse:
        """Read an export: how far it is, and where its file is."""
        return super().retrieve(request, **path)

    def create(self, request: Any) -> HttpResponse:
        """Export every customer with the default address to a file that an import reads back.

        The file is written in the background: read the export until its `status` is `done`, and
        then get the file from `file_url`.
        """
        return self.show(start_export(**self.accepted(), actor=self.actor), status=202)


class ExportFiles(Resource):
    """Files of exports."""

    surface = v1
    scopes = CUSTOMERS
    queryset = _EXPORTS
    ids = {"id": files.EXPORT_ID}
    shows = {"*": files.CustomerExport}
    sends_file = tuple(one.partition(";")[0] for one in CONTENT_TYPES.values())

    @property
    def noun(self) -> str:
        return _("export")

    def retrieve(self, request: Any, **path: str) -> HttpResponseBase:  # type: ignore[override]
        """Download the file of an export; CSV begins with a byte order mark.

        409 `not_done_yet` while the export waits or runs, `file_gone` once the file was removed.
        """
        return _sent(self.get_object(), actor=self.actor)


def _sent(job: Job, *, actor: Actor, **of: object) -> HttpResponseBase:
    """Return the file that a job made, and record the download in the log of data exports."""
    file = result_of(job, **of)
    record_data_export(DataExport.Kind.FILE, query=file.name, job_id=job.pk, actor=actor)
    return send(file.name, file.content_type, chunks_of(file))
