"""Exports a list exactly as it is shown, in a background job (config.jobs).

The address of the list gives the filters, the search and the order. One statement first reads the
ids in that order through a server-side cursor. Then rows are read in batches, each in a short
transaction and with the filters applied again, so that rows that left the list meanwhile are not
exported. After a crash, the job starts the file again.
"""

import tempfile
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from itertools import batched
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from config.card_numbers import CardNumber, holds_card_number
from config.changes.actions import record_data_export
from config.changes.models import DataExport
from config.jobs.actions import start_job
from config.jobs.files import CHUNK
from config.jobs.kinds import job_kind
from config.jobs.work import Work
from config.times import local_today

from .columns import columns_of
from .lists import Lists
from .sheets import FORMATS
from .tables import page_name

ID_BYTES = 16
AT_ONCE = 500
IDS_AT_ONCE = 5_000
KIND = "export_rows"
LISTED = gettext_lazy("Export of %(list)s (%(format)s)")
ALL = gettext_lazy("Export of all %(list)s (%(format)s)")


@dataclass(frozen=True)
class Export:
    """A choice in the export menu of a list, and the kind of job that it starts."""

    name: str
    label: Any
    kind: str = KIND
    format: str = "csv"
    is_of_all: bool = False


SHOWN = (
    Export("csv", gettext_lazy("What is listed, as CSV")),
    Export("xlsx", gettext_lazy("What is listed, as a workbook (XLSX)"), format="xlsx"),
)


class Exports(Lists):
    """A list that staff with the permission can export; `exports` are the choices."""

    exports: tuple[Export, ...] = SHOWN
    permission: Any

    def has_export_permission(self, request: Any) -> bool:
        return request.user.has_perm(self.permission("export"))

    def get_urls(self) -> list[Any]:
        return [self.page_at("export/", self.export_view, "export"), *super().get_urls()]

    def export_view(self, request: Any) -> HttpResponse:
        """Start an export of the list at this address, and show the page of the job."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_export_permission(request):
            raise PermissionDenied
        wanted = request.POST.get("format", "")
        export = next((one for one in self.exports if one.name == wanted), None)
        here = page_name(self.model, "changelist")
        if export is None:
            return HttpResponseRedirect(reverse(here))
        try:
            listed(self, request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse(here) + "?e=1")
        if any(map(holds_card_number, request.GET.values())):
            messages.error(request, CardNumber.message)
            return HttpResponseRedirect(reverse(here))
        names = {"list": self.plural, "format": export.format.upper()}
        job = start_job(
            export.kind,
            {
                "format": export.format,
                "model": self.opts.label_lower,
                "query": request.GET.urlencode(),
            },
            actor=request.actor,
            title=(ALL if export.is_of_all else LISTED) % names,
            permission=self.permission("export"),
        )
        return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[job.pk]))

    def export_menu(self, request: Any) -> dict[str, Any] | None:
        """Return the context of the export menu, None for staff without the permission."""
        if not self.has_export_permission(request):
            return None
        address = reverse(page_name(self.model, "export"))
        return {"address": f"{address}?{request.GET.urlencode()}", "ways": self.exports}

    def list_links(self, request: Any) -> list[dict[str, Any]]:
        """Return more links above the list: the `title`, `icon` and `address` of each."""
        return []

    def changelist_view(self, request: Any, extra_context: Any = None) -> Any:
        context = {
            "export_menu": self.export_menu(request),
            "list_links": self.list_links(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)


def listed(pages: Any, request: HttpRequest) -> Any:
    """Return the queryset of a list with the filters and the order of the request's address.

    Raises IncorrectLookupParameters if the parameters are invalid.
    """

    class Unread(pages.get_changelist(request)):  # type: ignore[misc]
        def get_results(self, request: HttpRequest) -> None:
            self.result_list: list[Any] = []

    # A copy, because other requests use the same admin instance.
    twin = copy(pages)
    twin.get_changelist = lambda request, **kwargs: Unread
    return twin.get_changelist_instance(request).queryset


@job_kind(
    KIND, label=gettext_lazy("Export of a list"), counts={"exported": gettext_lazy("rows exported")}
)
def export_rows(work: Work) -> dict[str, int]:
    """Write the rows of a list to a file that is named after the list and today's date."""
    wanted = work.parameters
    pages: Any = admin.site.get_model_admin(apps.get_model(wanted["model"]))
    sheets, content_type = FORMATS[wanted["format"]]
    request = _as_asked(work)
    columns = columns_of(pages, request)
    exported = 0
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        ids, made = Path(folder) / "ids", Path(folder) / "made"
        work.progress(0, _keep_ids(work, pages, request, ids))
        file = sheets(made, [heading for column in columns for heading in column.headings])
        for keys in _batches(ids):
            with work.reading():
                rows = pages.filled(listed(pages, request).filter(pk__in=keys))
                for row in rows:
                    file.add([cell for column in columns for cell in column.cells(row)])
            exported += len(rows)
            work.progress(work.done + len(keys))
        file.close()
        _store(work, made, file_name(pages, wanted["format"]), content_type)
    with work.reading():
        record_data_export(
            DataExport.Kind.LIST,
            what=str(pages.plural),
            query=wanted["query"],
            count=exported,
            job_id=work.job.pk,
            actor=work.actor,
        )
    return {"exported": exported}


def file_name(pages: Any, suffix: str) -> str:
    """Return the name of an export file: `customers-2025-06-30.csv`."""
    return f"{slugify(pages.plural)}-{local_today()}.{suffix}"


def _as_asked(work: Work) -> Any:
    """Return a request for the list by the staff member who started the job."""
    asked = {"REQUEST_METHOD": "GET", "QUERY_STRING": work.parameters["query"]}
    request: Any = WSGIRequest({**asked, "SERVER_NAME": "localhost", "wsgi.input": BytesIO()})
    request.user, request.company = work.job.staff, work.company
    request.actor = work.actor
    # The changelist adds messages to the request; discard them, since no page shows them.
    request._messages = Silence()
    return request


class Silence:
    def add(self, *message: Any) -> None:
        """Discard the message."""


def _keep_ids(work: Work, pages: Any, request: Any, place: Path) -> int:
    """Write the ids to a file, in the order of the list, and return how many there are."""
    with work.reading(), place.open("wb") as out:
        chosen = listed(pages, request).prefetch_related(None).values_list("pk", flat=True)
        for key in chosen.iterator(chunk_size=IDS_AT_ONCE):
            out.write(key.bytes)
        return out.tell() // ID_BYTES


def _batches(place: Path) -> Iterator[list[UUID]]:
    with place.open("rb") as ids:
        while found := ids.read(ID_BYTES * AT_ONCE):
            yield [UUID(bytes=bytes(one)) for one in batched(found, ID_BYTES)]


def _store(work: Work, made: Path, name: str, content_type: str) -> None:
    with work.writing(name, content_type) as out, made.open("rb") as file:
        while piece := file.read(CHUNK):
            out.write(piece)
            work.progress(work.done)
