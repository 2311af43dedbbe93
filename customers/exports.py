"""Customers as a file that the import reads back to the same customers, except ids and times.

Includes default addresses and contact points, but not further addresses, labels of contact points,
users or notes. The import recognises every column. CSV cells are safe to open in a spreadsheet
(config.spreadsheets), and semicolons separate several values in a cell. In NDJSON nothing is
escaped, absent values are null, several values are a list, and `preferences` is one object.
Archived customers come first: a live customer may have taken over the external id of an archived
one.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import OuterRef, Value
from django.db.models.functions import NullIf
from django.utils.translation import gettext as _

from config.api.rendered_list import RenderedList
from config.api.shapes import At, Flag, Id, IsSet, Keys, ListOf, Shape, Text, TextOrNull
from config.jobs.actions import check_room, start_job
from config.jobs.models import Job
from config.spreadsheets import BYTE_ORDER_MARK, csv_line, guard
from config.statements.compiling import AnyActor
from config.tenancy.actors import Actor

from .imports.cells import join_list, mark_null
from .models import ContactPoint, Customer
from .models.customers import EMAIL_LENGTH, TAG_LENGTH

# The known preferences have columns of their own in CSV.
SINGLE = ("preferred_contact", "marketing_opt_in")
# JSON never contains this character.
JOINT = "\x1e"


def _or_null(listed: Any, length: int) -> Any:
    """Return a list of texts, null for an empty one."""
    column = ArrayField(models.CharField(max_length=length))
    return NullIf(listed, Value([], output_field=column), output_field=column)


def _tags(at: At) -> Any:
    return _or_null(at("tags"), TAG_LENGTH)


def _others(kind: ContactPoint.Kind) -> Callable[[At], Any]:
    """Return the values of a customer's live contact points of a kind, oldest first."""

    def values(at: At) -> Any:
        theirs = ContactPoint.objects.live().filter(kind=kind, customer_id=OuterRef(at("pk").name))
        return _or_null(ArraySubquery(theirs.order_by("id").values("value")), EMAIL_LENGTH)

    return values


class ExportedCustomer(Shape):
    """A customer with the default address, under headings that the import recognises."""

    needs = ("with_default_address",)

    regulars_id = Id(Customer.id_prefix, "id")
    external_id = TextOrNull()
    first_name = TextOrNull()
    last_name = TextOrNull()
    company = TextOrNull("name")
    legal_name = TextOrNull()
    tax_id = TextOrNull()
    email = TextOrNull()
    phone = TextOrNull()
    street = TextOrNull("home__street")
    sub_premise = TextOrNull("home__sub_premise")
    city = TextOrNull("home__city")
    state = TextOrNull("home__state")
    postal_code = TextOrNull("home__postal_code")
    country = TextOrNull("home__country")
    address_label = TextOrNull("home__label")
    access_notes = TextOrNull("home__access_notes")
    tags = ListOf(Text(), _tags)
    birthday = TextOrNull()
    other_emails = ListOf(Text(), _others(ContactPoint.Kind.EMAIL))
    other_phones = ListOf(Text(), _others(ContactPoint.Kind.PHONE))
    preferences = Keys()
    is_active = Flag()
    archived = IsSet("archived_at")


def export_customers(company: UUID, *, archived: bool = False) -> Iterator[str]:
    """Yield a company's customers as JSON, oldest first; with archived ones if wanted.

    Reads batches, each in a short transaction, so memory is bounded and a slow reader holds no
    connection.
    """
    for archive in (True, False) if archived else (False,):
        for batch in _rows(company, archive).every(company):
            if batch.documents:
                yield from batch.documents.split(JOINT)


def as_ndjson(documents: Iterable[str]) -> Iterator[str]:
    """Yield one object per line."""
    for document in documents:
        marked = {key: _marked(value, key) for key, value in json.loads(document).items()}
        yield json.dumps(marked, ensure_ascii=False) + "\n"


def as_csv(documents: Iterable[str]) -> Iterator[str]:
    """Yield a line of headings and a line for each customer, as in RFC 4180.

    The first line begins with a byte order mark, by which spreadsheets recognise UTF-8.
    """
    names = [*ExportedCustomer().fields]
    at = names.index("preferences")
    headings = [*names[:at], *SINGLE, *names[at:]]
    yield BYTE_ORDER_MARK + csv_line(headings)
    for document in documents:
        cells = _cells(json.loads(document))
        yield csv_line(guard(cells[name]) for name in headings)


FORMATS: dict[str, Callable[[Iterable[str]], Iterator[str]]] = {"csv": as_csv, "ndjson": as_ndjson}
CONTENT_TYPES = {"csv": "text/csv; charset=utf-8", "ndjson": "application/x-ndjson"}
KIND, PERMISSION, SCOPE = "export_customers", "customers.export_customer", "customers:read"


def start_export(*, format: str = "csv", archived: bool = False, actor: Actor) -> Job:
    """Export the customers to a file in a background job; with archived ones if wanted.

    Raises TooManyJobs.
    """
    check_room((KIND,), actor=actor)
    return start_job(
        KIND,
        {"format": format, "archived": archived},
        title=_("Export of customers as %(format)s") % {"format": format.upper()},
        permission=PERMISSION,
        scope=SCOPE,
        actor=actor,
    )


def _rows(company: UUID, archived: bool) -> RenderedList:
    def choose() -> Any:
        rows = Customer.objects.visible_to(AnyActor()).oldest_first()
        return rows.filter(archived_at__isnull=not archived)

    return RenderedList(
        choose=choose,
        shape=ExportedCustomer,
        key=("export_customers", archived),
        values={"company_id": company},
        cursor_scope="export",
        joint=JOINT,
    )


def _cells(customer: dict[str, Any]) -> dict[str, str]:
    """Return the text of each column; the other preferences are an object in one cell."""
    rest = customer["preferences"]
    single = {name: rest.pop(name) for name in SINGLE if _stands_alone(rest.get(name))}
    cells = {**customer, **dict.fromkeys(SINGLE), **single, "preferences": rest or None}
    cells |= {name: join_list(value) for name, value in cells.items() if isinstance(value, list)}
    return {name: _cell(_marked(value, name)) for name, value in cells.items()}


def _stands_alone(preference: Any) -> bool:
    """Whether a cell of its own can store the preference without loss."""
    if isinstance(preference, str):
        return preference != "" and preference == preference.strip()
    return isinstance(preference, bool)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
    return json.dumps(value, ensure_ascii=False)


def _marked(value: Any, name: str) -> Any:
    return mark_null(value, name) if isinstance(value, str) else value
