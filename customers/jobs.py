"""Background jobs that export and import customers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from config.card_numbers import mask_card_numbers
from config.changes.actions import record_data_export
from config.changes.models import DataExport
from config.jobs.files import Writer, local_copy
from config.jobs.kinds import job_kind
from config.jobs.models import StoredFile
from config.jobs.work import Work, keepable
from config.spreadsheets import BYTE_ORDER_MARK, csv_line, guard
from config.times import local_today

from .exports import CONTENT_TYPES, FORMATS, KIND, export_customers
from .imports import (
    LeftFile,
    Outcome,
    Overwrite,
    RefusedFile,
    import_rows,
    left_out,
    open_table,
    place_beside,
)
from .imports.fates import CREATED, REFUSED, UNCHANGED, UPDATED, Fate
from .imports.field_names import FIELDS
from .imports.importing import Steps
from .imports.starting import CHECK, IMPORT
from .imports.tables import Row, Table
from .imports.uploads import mapping_of, storable
from .models import Customer

# The most rows that a page shows with their outcome, and with skipped values.
MOST_SHOWN = 300
FATES = {
    CREATED: gettext_lazy("New"),
    UPDATED: gettext_lazy("Changed"),
    UNCHANGED: gettext_lazy("Unchanged"),
    REFUSED: gettext_lazy("Refused"),
}


@job_kind(
    KIND,
    label=gettext_lazy("Export of all customers"),
    counts={"exported": gettext_lazy("customers exported")},
)
def export_all(work: Work) -> dict[str, int]:
    """Write every customer into a file that the import reads back.

    Includes archived customers unless the parameters exclude them. A retry after a crash writes the
    file again and has no other effect.
    """
    form, archived = work.parameters["format"], work.parameters.get("archived", True)

    def counted() -> Iterator[str]:
        for number, document in enumerate(export_customers(work.company.id, archived=archived), 1):
            work.progress(number)
            yield document

    name = f"{_('all-customers') if archived else _('customers')}-{local_today()}.{form}"
    with work.writing(name, CONTENT_TYPES[form]) as out:
        for line in FORMATS[form](counted()):
            out.write(line)
    with work.reading():
        record_data_export(
            DataExport.Kind.CUSTOMERS,
            what=str(Customer._meta.verbose_name_plural),
            query=urlencode({"format": form, "archived": archived}),
            count=work.done,
            job_id=work.job.pk,
            actor=work.actor,
        )
    return {"exported": work.done}


@job_kind(
    CHECK,
    label=gettext_lazy("Check of customers"),
    template="admin/customers/importing/checked.html",
    below="admin/customers/importing/fates.html",
    counts={
        "created": gettext_lazy("would be new"),
        "updated": gettext_lazy("would be changed"),
        "unchanged": gettext_lazy("would stay as they are"),
        "refused": gettext_lazy("would be refused"),
    },
)
def check_customers(work: Work) -> dict[str, int]:
    """Report the outcome that each row of a file would have, without writing anything.

    A retry after a crash gives the same report and has no other effect.
    """
    return _feed(work, dry_run=True)


@job_kind(
    IMPORT,
    label=gettext_lazy("Import of customers"),
    resumes=True,
    template="admin/customers/importing/imported.html",
    counts={
        "created": gettext_lazy("new"),
        "updated": gettext_lazy("changed"),
        "unchanged": gettext_lazy("unchanged"),
        "refused": gettext_lazy("refused"),
    },
)
def import_customers(work: Work) -> dict[str, int]:
    """Create and update customers from a file.

    A retry after a crash continues after the last written batch, so nothing is written twice and
    the counts are those of all attempts.
    """
    return _feed(work, dry_run=False)


def _feed(work: Work, *, dry_run: bool) -> dict[str, int]:
    with work.reading():
        file = StoredFile.objects.get(pk=UUID(work.parameters["file"]))
    with local_copy(file) as path:
        table = open_table(path, encoding=file.about["encoding"] or None)
        mapping = mapping_of(table, work.parameters["fields"])
        if "counts" not in work.kept:
            work.start_over()
            work.kept = {
                "left_out": [storable(heading) for heading in left_out(table.headings, mapping)],
                "notices": file.about.get("notices", []),
                "counts": Outcome().as_dict(),
            }
        work.progress(work.done, table.count)
        work.save()
        reports = [
            kind(place_beside(table, kind.holds), table, mapping)
            for kind in (RefusedFile, LeftFile)
        ]
        with reports[0], reports[1]:
            if dry_run:
                name = f"{Path(file.name).stem}.check.csv"
                with work.writing(name, CONTENT_TYPES["csv"], holds="fates") as out:
                    fates = _Fates(work, out)
                    outcome = _import(work, table, mapping, reports, fates)
            else:
                outcome = _import(work, table, mapping, reports)
        for report in reports:
            _store(work, report, variant="default" if dry_run else "primary")
    return outcome.as_dict()


def _store(work: Work, report: RefusedFile, variant: str) -> None:
    """Store a report with the label of its button, unless it is empty."""
    if report.written is None:
        return
    name, form = report.written.name, report.written.suffix.removeprefix(".")
    kind = CONTENT_TYPES.get(form, "application/octet-stream")
    about = {"holds": report.holds, "label": _download(report), "variant": variant}
    with work.writing(name, kind, **about) as out, report.written.open("rb") as handle:
        out.writelines(handle)


def _download(report: RefusedFile) -> str:
    """Return the label of the button that downloads a report."""
    count = {"count": f"{report.count:,}"}
    if isinstance(report, LeftFile):
        one = "Download %(count)s row to complete"
        return ngettext(one, "Download %(count)s rows to complete", report.count) % count
    one = "Download %(count)s refused row"
    return ngettext(one, "Download %(count)s refused rows", report.count) % count


class _Fates:
    """Reports the outcome of each row: all rows in a file, the first ones on the page."""

    def __init__(self, work: Work, out: Writer) -> None:
        self._work, self._out = work, out
        self._shown: list[dict[str, Any]] = []
        headings = (
            _("Line"), _("What happens"), _("Customer"), _("What changes"), _("Why not"),
            _("Likely the same as"),
        )  # fmt: skip
        out.write(BYTE_ORDER_MARK + csv_line(headings))

    def __call__(self, fate: Fate) -> None:
        changes = [
            {"name": str(FIELDS.get(name, name)), "from": before, "to": after}
            for name, before, after in fate.changes
        ]
        text = "; ".join(
            f"{one['name']}: {' → '.join(filter(None, (one['from'], one['to'])))}"
            for one in changes
        )
        why = mask_card_numbers(fate.why)
        cells = (str(fate.line), str(FATES[fate.what]), fate.who, text, why, fate.likely)
        self._out.write(csv_line(guard(keepable(cell)) for cell in cells))
        if len(self._shown) < MOST_SHOWN:
            row = {"line": fate.line, "what": fate.what, "who": fate.who, "why": why}
            row |= {"label": str(FATES[fate.what]), "likely": fate.likely}
            self._shown.append(_keepable({**row, "changes": changes}))
            self._work.kept["fates"] = self._shown


def _keepable(value: Any) -> Any:
    """Return a value in which all texts can be stored in PostgreSQL."""
    match value:
        case dict():
            return {key: _keepable(one) for key, one in value.items()}
        case list():
            return [_keepable(one) for one in value]
        case str():
            return keepable(value)
    return value


def _import(
    work: Work,
    table: Table,
    mapping: dict[str, str],
    reports: Sequence[RefusedFile],
    fates: _Fates | None = None,
) -> Outcome:
    report, rest = reports
    steps = Steps(work.actor) if fates else JobSteps(work)

    def refused(row: Row, reason: str) -> None:
        report(row, reason)
        if not steps.is_recalling:
            work.kept["held"] = work.kept.get("held", 0) + row.is_held
            work.refuse(_("Line %(number)d") % {"number": row.line}, reason, line=row.line)

    def left(row: Row, sentences: str) -> None:
        if fates is None:
            rest(row, sentences)
        if steps.is_recalling:
            return
        shown = work.kept.setdefault("left", [])
        work.kept["rows_left"] = work.kept.get("rows_left", 0) + 1
        if len(shown) < MOST_SHOWN:
            shown.append({"line": row.line, "what": keepable(sentences)})

    return import_rows(
        table,
        mapping,
        actor=work.actor,
        dry_run=fates is not None,
        overwrite=Overwrite.PEOPLE if work.parameters.get("overwrite") else Overwrite.NOBODY,
        refused=refused,
        left=left,
        fates=fates,
        progress=work.progress if fates else None,
        steps=steps,
    )


class JobSteps(Steps):
    """The steps of a job; the transaction of each batch also saves the progress."""

    def __init__(self, work: Work) -> None:
        super().__init__(work.actor, work.done, Outcome(**work.kept["counts"]))
        self._work, self._recalled = work, 0

    @contextmanager
    def step(self) -> Iterator[None]:
        with self._work.step():
            yield

    def keep(self, done: int) -> None:
        self._work.done = done
        self._work.kept["counts"] = self.outcome.as_dict()

    def refusals(self, rows: Iterable[Row]) -> Mapping[int, str]:
        lines = {row.line for row in rows}
        found = self._work.job.refusals.filter(number__gt=self._recalled).order_by("number")
        why = {row.line: row.why for row in found[: len(lines)] if row.line in lines}
        self._recalled += len(why)
        return why
