"""Export of a list exactly as it is shown, in the background (config.jobs).

What the address bar says (filters, search, order) and the list's columns make the file. First the
ids are read, in their order, by one statement through a cursor of the server; then rows in batches,
each in a short transaction, which the list's own filters choose again: what has left the list
meanwhile is not in the file. Doing it again after a crash makes the file again, and nothing else.
"""

import tempfile
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from io import BytesIO
from itertools import batched
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import PermissionDenied
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy

from config.jobs.actions import start_job
from config.jobs.files import CHUNK
from config.jobs.kinds import job_kind
from config.jobs.work import Work

from .columns import cells_of, columns_of, headings_of
from .sheets import FORMATS

ID_BYTES = 16
AT_ONCE = 500
IDS_AT_ONCE = 5_000
KIND = "export_rows"
LISTED = gettext_lazy("Export of %(list)s (%(format)s)")
ALL = gettext_lazy("Export of all %(list)s (%(format)s)")


@dataclass(frozen=True)
class Export:
    """A way to have a list as a file: what staff press, and the work that it starts."""

    name: str
    label: Any
    kind: str = KIND
    format: str = "csv"
    is_of_all: bool = False
    parameters: dict[str, Any] = field(default_factory=dict)


SHOWN = (
    Export("csv", gettext_lazy("What is listed, as CSV")),
    Export(
        "xlsx",
        gettext_lazy("What is listed, as a workbook (XLSX)"),
        format="xlsx",
    ),
)


class Exports:
    """Lists that can be had as files, by those who may; `exports` names the ways."""

    exports: tuple[Export, ...] = SHOWN
    model: Any
    opts: Any
    admin_site: Any

    def has_export_permission(self, request: Any) -> bool:
        return request.user.has_perm(self._export_permission)

    @property
    def _export_permission(self) -> str:
        return f"{self.opts.app_label}.export_{self.opts.model_name}"

    def get_urls(self) -> list[Any]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        view = self.admin_site.admin_view(self.export_view)
        return [path("export/", view, name=name), *super().get_urls()]  # type: ignore[misc]

    def export_view(self, request: Any) -> HttpResponse:
        """Start an export of what the address says, and show its page."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_export_permission(request):
            raise PermissionDenied
        wanted = request.POST.get("format", "")
        export = next((one for one in self.exports if one.name == wanted), None)
        here = f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"
        if export is None:
            return HttpResponseRedirect(reverse(here))
        try:
            listed(self, request)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(reverse(here) + "?e=1")
        names = {"list": self.opts.verbose_name_plural, "format": export.format.upper()}
        job = start_job(
            export.kind,
            {
                **export.parameters,
                "format": export.format,
                "model": self.opts.label_lower,
                "query": request.GET.urlencode(),
            },
            actor=request.actor,
            title=(ALL if export.is_of_all else LISTED) % names,
            permission=self._export_permission,
        )
        return HttpResponseRedirect(reverse("admin:jobs_job_change", args=[job.pk]))

    def export_menu(self, request: Any) -> dict[str, Any] | None:
        """Return what the list's menu of exports shows, None for those who may not."""
        if not self.has_export_permission(request):
            return None
        address = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_export")
        return {"address": f"{address}?{request.GET.urlencode()}", "ways": self.exports}

    def list_links(self, request: Any) -> list[dict[str, Any]]:
        """Return what else stands above a list: `title`, `icon` and `address` of each."""
        return []

    def changelist_view(self, request: Any, extra_context: Any = None) -> Any:
        context = {
            "export_menu": self.export_menu(request),
            "list_links": self.list_links(request),
            **(extra_context or {}),
        }
        return super().changelist_view(request, context)  # type: ignore[misc]


def listed(pages: Any, request: HttpRequest) -> Any:
    """Return the rows of a list as an address filters and orders them, none of them read yet.

    Raises IncorrectLookupParameters for an address that makes no sense.
    """

    class Unread(pages.get_changelist(request)):  # type: ignore[misc]
        def get_results(self, request: HttpRequest) -> None:
            self.result_list: list[Any] = []

    # A twin, since other requests use the pages themselves at this moment.
    twin = copy(pages)
    twin.get_changelist = lambda request, **kwargs: Unread
    return twin.get_changelist_instance(request).queryset


@job_kind(
    KIND, label=gettext_lazy("Export of a list"), counts={"exported": gettext_lazy("rows exported")}
)
def export_rows(work: Work) -> dict[str, int]:
    """Write what a list shows into a file, which is offered under its name and today's date."""
    wanted = work.parameters
    pages: Any = admin.site.get_model_admin(apps.get_model(wanted["model"]))
    sheets, content_type = FORMATS[wanted["format"]]
    request = _as_asked(work)
    columns = columns_of(pages, request)
    exported = 0
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        ids, made = Path(folder) / "ids", Path(folder) / "made"
        work.progress(0, _keep_ids(work, pages, request, ids))
        file = sheets(made, headings_of(columns))
        for keys in _batches(ids):
            with work.reading():
                rows = pages.filled(listed(pages, request).filter(pk__in=keys))
                for row in rows:
                    file.add(cells_of(columns, row))
            exported += len(rows)
            work.progress(work.done + len(keys))
        file.close()
        _store(work, made, file_name(pages, wanted["format"]), content_type)
    return {"exported": exported}


def file_name(pages: Any, suffix: str) -> str:
    """Return what a file of a list is called: `customers-2025-06-30.csv`."""
    return f"{slugify(pages.opts.verbose_name_plural)}-{timezone.localdate()}.{suffix}"


def _as_asked(work: Work) -> Any:
    """Return the request that the list would be asked for with, by whoever started the work."""
    asked = {"REQUEST_METHOD": "GET", "QUERY_STRING": work.parameters["query"]}
    request: Any = WSGIRequest({**asked, "SERVER_NAME": "localhost", "wsgi.input": BytesIO()})
    request.user, request.company = work.job.staff, work.company
    request.actor = work.actor
    # A list says there what it could not read; here nobody would see it.
    request._messages = Silence()
    return request


class Silence:
    def add(self, *message: Any) -> None:
        """Say nothing."""


def _keep_ids(work: Work, pages: Any, request: Any, place: Path) -> int:
    """Write the list's ids to a file, in the list's order; returns how many there are."""
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
