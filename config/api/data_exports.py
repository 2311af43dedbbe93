"""The log of data exports (v1)."""

from django.apps import apps

from config.changes.models import Change, DataExport

from .filtering import Choice, Filters, Moment
from .pages import CursorPages
from .resource import Resource
from .shapes import Id, Instant, Number, OneOf, Part, Shape, Text, TextOrNull, Uuid
from .surfaces import v1

_CUSTOMER = apps.get_model("customers.Customer").id_prefix


class ExportActor(Shape):
    """The person or the system that took data out."""

    kind = OneOf(
        "actor_kind",
        choices=Change.Kind.values,
        help_text="A member of staff, an API client, an API key, or a command of the operator.",
    )
    name = Text("actor_name", help_text="The name at that time.")
    credential_id = Uuid(
        "credential_id",
        allow_null=True,
        help_text="The id of the API client, the API key or the member of staff; null for others.",
    )


class LoggedExport(Shape):
    """Data about customers that somebody took out."""

    schema_name = "DataExport"

    id = Id(DataExport.id_prefix, help_text="Id of the entry in the log.")
    created_at = Instant(help_text="When the data was taken out.")
    kind = OneOf(
        choices=DataExport.Kind.values,
        help_text="`list`: a list as it was shown, as a file. `customers`: all customers as a "
        "file. `person`: everything about one person. `file`: a file that was made before was "
        "downloaded. `stream`: all customers over the API, in one answer.",
    )
    list = TextOrNull("what", help_text="What was listed, in words; null if it was no list.")
    query = TextOrNull(
        help_text="The filter that chose the rows, or the name of the file. Null if there is none, "
        "and after a person whom it named is erased."
    )
    rows = Number(
        "count",
        allow_null=True,
        help_text="How many rows were taken out; null if that is not known.",
    )
    customer_id = Id(
        _CUSTOMER,
        "customer_id",
        allow_null=True,
        help_text="The customer whose data was taken out; null if it is of more than one.",
    )
    job_id = Uuid(
        "job_id",
        allow_null=True,
        help_text="The background work that made the file; null if there is none.",
    )
    actor = Part(ExportActor, help_text="The person or the system that took the data out.")
    request_id = TextOrNull(help_text="The `Request-Id`, or the id of the background work.")


class DataExportFilters(Filters):
    """The filters of the log of data exports."""

    kind = Choice(
        *DataExport.Kind.values,
        field_name="kind",
        help_text="Only entries of this kind. Absent: entries of every kind.",
    )
    created_after = Moment(
        "created_at", "gte", help_text="Only data taken out at this moment or later."
    )
    created_before = Moment("created_at", "lt", help_text="Only data taken out before this moment.")


class DataExports(Resource):
    """List who took data about customers out, newest first.

    The log has each export of a list and of a person, each download of a file that an export or an
    import made, and each answer that streams all customers. Nobody can change an entry. Customers
    that are read one at a time, or page by page, are not in it: see the log of requests.
    """

    surface = v1
    scopes = {"read": "audit:read", "write": "audit:read"}
    queryset = DataExport.objects.newest_first()
    filterset_class = DataExportFilters
    pages = CursorPages()
    shows = {"*": LoggedExport}
