"""Background work that staff start: export and import of customers."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.jobs.kinds import job_kind
from config.jobs.work import Work

from .exports import FORMATS, export_customers

CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}


@job_kind(
    "export_customers",
    label=gettext_lazy("Export of all customers"),
    counts={"exported": gettext_lazy("customers exported")},
)
def export_all(work: Work) -> dict[str, int]:
    """Write every customer, the archived ones too, into a file that the import reads back.

    Done again after a crash it makes the file again, and nothing else.
    """
    form = work.parameters["format"]

    def counted() -> Iterator[str]:
        for number, document in enumerate(export_customers(work.company.id, archived=True), 1):
            work.progress(number)
            yield document

    name = f"{_('all-customers')}-{timezone.localdate()}.{form}"
    with work.writing(name, CONTENT_TYPES[form]) as out:
        for line in FORMATS[form](counted()):
            out.write(line)
    return {"exported": work.done}
