"""Imports and exports of customers, on the v1 surface."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, F, Func, OuterRef, Q, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, Concat, NullIf, Trim

from config.api.expressions import public_id
from config.api.input_fields import Accepted, ChoiceIn, FlagIn
from config.api.shapes import (
    At,
    CreatedAt,
    Flag,
    Id,
    Instant,
    Number,
    OneOf,
    Part,
    Shape,
    Text,
    TextOrNull,
    Uuid,
)
from config.jobs.actions import DAYS_KEPT
from config.jobs.models import AUTHORS, Job, StoredFile

from ..exports import FORMATS
from ..imports.starting import CHECK

IMPORT_ID, EXPORT_ID = "imp_", "exp_"

_TEXT = models.TextField()
_STATUSES = [state for state, _ in Job.STATES]
_STATUS_HELP = (
    "`queued`: waits, because the company has other work of this kind under way. `running`: under "
    "way. `done`: finished. `failed`: ended with the reason in `message`. `cancelled`: stopped "
    "before its end."
)
_AUTHOR = "The staff member, the API client or the API key that started it."
_STARTED = "When the work on it began; null while it waits."
_ENDED = "When the work on it ended; null until then."


def _asked(name: str) -> Any:
    """Return a parameter of the job as text."""
    return lambda at: KeyTextTransform(name, at("parameters"))


def _count(name: str) -> Any:
    """Return a count of the result, null if there is none yet."""
    number = models.BigIntegerField()
    return lambda at: Cast(KeyTextTransform(name, at("result")), number)


def _is_set(name: str) -> Q:
    return Q(**{f"{name}_id__isnull": False})


def _kind(at: At) -> Any:
    return Case(*(When(_is_set(name), then=Value(name)) for name in AUTHORS), output_field=_TEXT)


def _name(at: At) -> Any:
    """Return the author's present name; for staff without a name, the e-mail address."""
    whole = Trim(Concat("staff__first_name", Value(" "), "staff__last_name"))
    of_staff = Coalesce(NullIf(whole, Value("")), F("staff__email"))
    return Case(
        When(_is_set("client"), then=F("client__name")),
        When(_is_set("key"), then=F("key__name")),
        default=of_staff,
        output_field=_TEXT,
    )


def _credential(at: At) -> Any:
    return Coalesce(*(f"{name}_id" for name in AUTHORS), output_field=models.UUIDField())


def _expires(at: At) -> Any:
    template = f"(%(expressions)s + interval '{DAYS_KEPT} days')"
    return Func(at("ended_at"), template=template, output_field=models.DateTimeField())


def _address(prefix: str, where: str, rest: str) -> Any:
    """Return a URL below the URL of the job."""
    start = Value(f"{settings.PUBLIC_URL}/v1/{where}/")
    return Concat(start, public_id(prefix, F("id")), Value(rest), output_field=_TEXT)


def _where_kept(prefix: str, where: str, rest: str, **of: object) -> Any:
    """Return the URL of the file that the job made, null if there is none."""
    files = StoredFile.objects.filter(
        **of,
        job=OuterRef("pk"),
        attempt=OuterRef("attempt"),
        is_whole=True,
        removed_at__isnull=True,
    )
    address = _address(prefix, where, rest)
    return lambda at: Case(
        When(Exists(files) & Q(ended_at__isnull=False), then=address),
        default=Value(None),
        output_field=_TEXT,
    )


class WorkAuthor(Shape):
    """The staff member, the API client or the API key that started background work."""

    schema_name = "Actor"

    kind = OneOf(
        _kind,
        choices=list(AUTHORS),
        help_text="`staff` for a member of staff, `client` for an API client, `key` for an API "
        "key.",
    )
    name = Text(_name, help_text="The author's name as it is now.")
    credential_id = Uuid(
        _credential, help_text="The id of the member of staff, the API client or the API key."
    )


class ImportColumn(Shape):
    """A column of a file, and what it was read as."""

    heading = Text(help_text="The heading of the column, cut to 40 characters.")
    field = TextOrNull(help_text="The field that the column fills; null if the column is left out.")


class ImportColumns(Part):
    """The columns of a file, as stored with the job."""

    many = True

    def expression(self, at: At) -> Any:
        found = KeyTransform("columns", at("parameters"))
        return Coalesce(found, Value([], models.JSONField()), output_field=models.JSONField())


class Import(Shape):
    """An import of customers from a file, or a check of one: how far it is, and what came of it."""

    id = Id(IMPORT_ID)
    name = Text(_asked("name"), help_text="The name of the imported file.")
    status = OneOf("state", choices=_STATUSES, help_text=_STATUS_HELP)
    dry_run = Flag(
        lambda at: Case(
            When(kind=CHECK, then=Value(True)),
            default=Value(False),
            output_field=models.BooleanField(),
        ),
        help_text="true: every row is checked and nothing is written; the counts show what an "
        "import would change.",
    )
    columns = ImportColumns(
        ImportColumn, help_text="The columns of the file in their order, and what each is read as."
    )
    done = Number(help_text="How many rows of the file were processed so far.")
    rows = Number(
        "total", allow_null=True, help_text="How many rows the file has; null until it is opened."
    )
    created = Number(
        _count("created"),
        allow_null=True,
        help_text="How many customers were new; null until the import is done.",
    )
    updated = Number(
        _count("updated"),
        allow_null=True,
        help_text="How many customers were changed; null until the import is done.",
    )
    unchanged = Number(
        _count("unchanged"),
        allow_null=True,
        help_text="How many rows changed nothing; null until the import is done.",
    )
    refused = Number(help_text="How many rows were refused so far: `refused_rows_url` says why.")
    message = TextOrNull(help_text="Why the import failed; null if it did not.")
    actor = Part(WorkAuthor, help_text=_AUTHOR)
    created_at = CreatedAt()
    started_at = Instant(allow_null=True, help_text=_STARTED)
    ended_at = Instant(allow_null=True, help_text=_ENDED)
    expires_at = Instant(
        _expires,
        allow_null=True,
        help_text=f"Until when the refused rows and their file are kept: {DAYS_KEPT} days from "
        "`ended_at`.",
    )
    refused_rows_url = Text(
        lambda at: _address(IMPORT_ID, "imports", "/refused-rows"),
        help_text="The URL of the list of refused rows, each with its reason.",
    )
    refused_file_url = TextOrNull(
        _where_kept(IMPORT_ID, "imports", "/refused-file", about__holds="refused"),
        help_text="The URL of a file with the refused rows, to correct and import again; null if "
        "there is none.",
    )


class RefusedRow(Shape):
    """A row of a file that was refused."""

    line = Number(allow_null=True, help_text="The line of the file where the row begins.")
    reason = Text("why", help_text="What is wrong with the row, and what to do.")


class CustomerExport(Shape):
    """An export of the customers to a file: how far it is, and where the file is."""

    schema_name = "Export"

    id = Id(EXPORT_ID)
    status = OneOf("state", choices=_STATUSES, help_text=_STATUS_HELP)
    format = OneOf(_asked("format"), choices=list(FORMATS), help_text="The format of the file.")
    archived = Flag(
        lambda at: Coalesce(
            Cast(KeyTextTransform("archived", at("parameters")), models.BooleanField()), Value(True)
        ),
        help_text="Whether the file has archived customers as well.",
    )
    exported = Number("done", help_text="How many customers were written so far.")
    message = TextOrNull(help_text="Why the export failed; null if it did not.")
    actor = Part(WorkAuthor, help_text=_AUTHOR)
    created_at = CreatedAt()
    started_at = Instant(allow_null=True, help_text=_STARTED)
    ended_at = Instant(allow_null=True, help_text=_ENDED)
    expires_at = Instant(
        _expires,
        allow_null=True,
        help_text=f"Until when the file is kept: {DAYS_KEPT} days from `ended_at`.",
    )
    file_url = TextOrNull(
        _where_kept(EXPORT_ID, "exports", "/file"),
        help_text="The URL of the file; null until it is written, and after it is removed.",
    )


class NewExport(Accepted):
    """Which customers to export, and how."""

    format = ChoiceIn(
        choices=list(FORMATS),
        required=False,
        help_text="The format of the file; an import can read both. Absent: `csv`.",
    )
    archived = FlagIn(
        required=False,
        help_text="true: the file has archived customers as well. Absent or false: it has not.",
    )
