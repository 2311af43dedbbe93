"""Background work of staff and integrators: export and import of customers."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.jobs.files import local_copy
from config.jobs.kinds import job_kind
from config.jobs.models import StoredFile
from config.jobs.work import Work, keepable
from config.times import local_today

from .exports import CONTENT_TYPES, FORMATS, KIND, export_customers
from .imports import Outcome, RefusedFile, import_rows, left_out, open_table, place_beside, preview
from .imports.importing import Shown
from .imports.starting import CHECK, IMPORT
from .imports.tables import Row, Table
from .imports.uploads import mapping_of, storable

LONGEST_ADDRESS = 120
# Of how many rows a page tells what was left out.
MOST_TOLD = 200


@job_kind(
    KIND,
    label=gettext_lazy("Export of all customers"),
    counts={"exported": gettext_lazy("customers exported")},
)
def export_all(work: Work) -> dict[str, int]:
    """Write every customer into a file that the import reads back.

    The archived ones too, unless the parameters say otherwise. Done again after a crash it makes
    the file again, and nothing else.
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
    return {"exported": work.done}


@job_kind(
    CHECK,
    label=gettext_lazy("Check of customers"),
    template="admin/customers/importing/checked.html",
    counts={
        "created": gettext_lazy("would be new"),
        "updated": gettext_lazy("would be changed"),
        "unchanged": gettext_lazy("would stay as they are"),
        "refused": gettext_lazy("would be refused"),
    },
)
def check_customers(work: Work) -> dict[str, int]:
    """Tell of a file what would become of each of its rows, and write nothing.

    Done again after a crash it answers again, and nothing else.
    """
    return _feed(work, dry_run=True)


@job_kind(
    IMPORT,
    label=gettext_lazy("Import of customers"),
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

    Done again after a crash, each row finds the customer that it made (customers.imports), so
    nothing is made twice.
    """
    return _feed(work, dry_run=False)


def _feed(work: Work, *, dry_run: bool) -> dict[str, int]:
    with work.reading():
        file = StoredFile.objects.get(pk=UUID(work.parameters["file"]))
    with local_copy(file) as path:
        table = open_table(path, encoding=file.about["encoding"] or None)
        mapping = mapping_of(table, work.parameters["fields"])
        work.kept = _first_look(table, mapping) | {"notices": file.about.get("notices", [])}
        work.progress(0, table.count)
        work.tell()
        with RefusedFile(place_beside(table), table, mapping) as report:
            outcome = _import(work, table, mapping, report, dry_run=dry_run)
        if report.written:
            name, form = report.written.name, report.written.suffix.removeprefix(".")
            with (
                work.writing(name, CONTENT_TYPES.get(form, "application/octet-stream")) as out,
                report.written.open("rb") as handle,
            ):
                out.writelines(handle)
    return outcome.as_dict()


def _import(
    work: Work, table: Table, mapping: dict[str, str], report: RefusedFile, *, dry_run: bool
) -> Outcome:
    def refused(row: Row, reason: str) -> None:
        report(row, reason)
        work.refuse(_("Line %(number)d") % {"number": row.line}, reason, line=row.line)

    told: list[dict[str, Any]] = []

    def left(row: Row, sentences: str) -> None:
        work.kept["rows_left"] = work.kept.get("rows_left", 0) + 1
        if len(told) < MOST_TOLD:
            told.append({"line": row.line, "what": keepable(sentences)})
            work.kept["left"] = told

    return import_rows(
        table,
        mapping,
        actor=work.actor,
        dry_run=dry_run,
        refused=refused,
        left=left,
        progress=work.progress,
    )


def _first_look(table: Table, mapping: dict[str, str]) -> dict[str, Any]:
    """Return the first rows as they are understood, and which columns are not read."""
    return {
        "shown": [_understood(one) for one in preview(table, mapping)],
        "left_out": [storable(heading) for heading in left_out(table.headings, mapping)],
    }


def _understood(one: Shown) -> dict[str, Any]:
    """Return what a row says, as a line of a table."""
    said: dict[str, Any] = {"line": one.row.line, "reason": keepable(one.reason)}
    if one.record is None:
        return said
    customer, address = one.record.customer, one.record.address
    person = f"{customer.get('first_name', '')} {customer.get('last_name', '')}".strip()
    names = (customer.get("name"), person, customer.get("legal_name"))
    return said | {
        "name": storable(" · ".join(dict.fromkeys(filter(None, names)))),
        "email": storable(customer.get("email")),
        "phone": storable(customer.get("phone")),
        "address": keepable(", ".join(filter(None, address.values())))[:LONGEST_ADDRESS],
        "external_id": storable(customer.get("external_id")),
    }
