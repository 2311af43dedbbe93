"""Store an uploaded file of customers with masked card numbers, ready for the import."""

import tempfile
from collections.abc import Iterable, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from django.utils.translation import gettext as _

from config.card_numbers import mask_card_numbers
from config.jobs.actions import check_storage
from config.jobs.files import CHUNK, new_file, plain_name
from config.jobs.models import StoredFile
from config.tenancy.actors import Actor
from config.tenancy.scoping import acting_for

from .encodings import is_workbook
from .errors import UnreadableFile, UnusableColumns
from .mapping import check_mapping, choose_fields, short
from .recognising import recognise_columns
from .tables import JSON_SUFFIXES, Table, open_table

PERMISSION = "customers.import_customer"
MOST_BYTES = 50 * 1024 * 1024
MOST_COLUMNS = 200
SAMPLES = 3
ROWS_FOR_SAMPLES = 50


class Upload(Protocol):
    name: str | None
    size: int | None

    def chunks(self) -> Iterable[bytes]: ...


def take_upload(upload: Upload, encoding: str, *, actor: Actor) -> StoredFile:
    """Store a file to import, with its headings, samples of its columns and their guessed fields.

    Its card numbers are masked; the import refuses rows with masked numbers. Raises UnreadableFile
    if the file cannot be read, is too large, or has too many columns, and TooMuchStored if the
    company has no room for it.
    """
    if (upload.size or 0) > MOST_BYTES:
        raise UnreadableFile(
            _("This file is larger than 50 MB. Split it, or have it imported by manage.py.")
        )
    with acting_for(actor.company_id):
        check_storage(upload.size or 0, actor=actor)
    with tempfile.TemporaryDirectory(prefix="regulars-") as folder:
        path = Path(folder) / plain_name(mask_card_numbers(upload.name or ""))
        with path.open("wb") as handle:
            handle.writelines(upload.chunks())
        if path.suffix.lower() in JSON_SUFFIXES and is_workbook(path):
            # The copy is CSV, but a name with this ending would be read as JSON.
            path = path.rename(path.with_suffix(".xlsx"))
        table = open_table(path, encoding=encoding or None)
        _check_size(table)
        stored = Path(folder) / "stored" / path.name
        stored.parent.mkdir()
        mapping = recognise_columns(table)
        table.copy_masked(stored, mapping)
        about = {
            **_about(open_table(stored, encoding="utf-8"), mapping, table.questions),
            "encoding": "utf-8",
            "notices": table.notices,
        }
        with (
            new_file(path.name, "application/octet-stream", actor=actor, **about) as out,
            stored.open("rb") as handle,
        ):
            out.writelines(iter(partial(handle.read, CHUNK), b""))
    return out.file


def columns_of(file: StoredFile, fields: Mapping[int, str]) -> dict[str, str]:
    """Return the mapping of the chosen fields, by the shown headings.

    Raises UnusableColumns if no row could identify a customer.
    """
    headings = file.about["headings"]
    chosen = {headings[at]: field for at, field in fields.items()}
    mapping = choose_fields(headings, {}, chosen)
    if not mapping:
        raise UnusableColumns(_("Say of at least one column what it holds."))
    check_mapping(headings, mapping)
    return mapping


def mapping_of(table: Table, fields: Mapping[str, str]) -> dict[str, str]:
    """Return a mapping for the table's own headings from choices by column number."""
    return {table.headings[int(at)]: field for at, field in fields.items()}


def storable(value: Any) -> str:
    """Return a value of a file in a form that can be shown and stored."""
    return "" if value is None else short(str(value))


def _check_size(table: Table) -> None:
    if not table.count:
        raise UnreadableFile(_("This file has headings and no rows."))
    if len(table.headings) > MOST_COLUMNS:
        raise UnreadableFile(
            _("This file has %(count)d columns, more than %(most)d. Is it a list of customers?")
            % {"count": len(table.headings), "most": MOST_COLUMNS}
        )


def _about(table: Table, guess: Mapping[str, str], questions: Mapping[str, str]) -> dict[str, Any]:
    samples: list[list[str]] = [[] for _heading in table.headings]
    for row in islice(table.rows(), ROWS_FOR_SAMPLES):
        for found, heading in zip(samples, table.headings, strict=True):
            text = storable(row.values.get(heading)).strip()
            if text and text not in found and len(found) < SAMPLES:
                found.append(text)
    return {
        "rows": table.count,
        "headings": list(_told_apart(table.headings)),
        "samples": samples,
        "guess": {at: guess[name] for at, name in enumerate(table.headings) if name in guess},
        "questions": {
            at: questions[name] for at, name in enumerate(table.headings) if name in questions
        },
    }


def _told_apart(headings: Iterable[str]) -> Iterable[str]:
    """Yield headings for pages; headings that look the same get a number."""
    seen: set[str] = set()
    for at, heading in enumerate(headings, 1):
        shown = short(heading)
        shown = f"{shown} ({at})" if shown in seen else shown
        seen.add(shown)
        yield shown
