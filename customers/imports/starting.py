"""Start the import or the check of a stored file as a background job (customers/jobs.py)."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from config.jobs.actions import start_job
from config.jobs.models import Job, StoredFile
from config.tenancy.actors import Actor

from .mapping import check_mapping, choose_fields, short
from .uploads import PERMISSION

# The media types of files that the API accepts, each with its file name ending.
MEDIA_TYPES = {
    "text/csv": ".csv",
    "application/x-ndjson": ".ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "text/vcard": ".vcf",
}
SCOPE = "customers:write"
CHECK, IMPORT = KINDS = ("check_customers", "import_customers")


def start_import(
    file: StoredFile,
    fields: Mapping[int, str],
    *,
    dry_run: bool = False,
    overwrite: bool = False,
    actor: Actor,
) -> Job:
    """Start the import of a stored file; `fields` maps column numbers to fields.

    With `dry_run` every row is checked, and nothing is written. With `overwrite` a row with a known
    id may turn that customer into another person.
    """
    headings = file.about["headings"]
    columns = [{"heading": heading, "field": fields.get(at)} for at, heading in enumerate(headings)]
    title = _("Check of %(file)s") if dry_run else _("Import of %(file)s")
    return start_job(
        CHECK if dry_run else IMPORT,
        {
            "file": file.pk,
            "name": file.name,
            "fields": fields,
            "columns": columns,
            "overwrite": overwrite,
        },
        actor=actor,
        title=title % {"file": file},
        permission=PERMISSION,
        scope=SCOPE,
    )


def fields_of(file: StoredFile, choices: Mapping[str, str]) -> dict[int, str]:
    """Return the fields of a stored file's columns, by column number.

    Choices (heading to field, "" for none) override the guesses. Raises UnusableColumns for an
    unknown heading or field, and if no row could identify a customer.
    """
    headings = file.about["headings"]
    guessed = {headings[int(at)]: field for at, field in file.about["guess"].items()}
    shown = {short(heading): field for heading, field in choices.items()}
    mapping = choose_fields(headings, guessed, shown)
    check_mapping(headings, mapping)
    return {at: mapping[heading] for at, heading in enumerate(headings) if heading in mapping}
