"""Read the customer in a row, with the same limits as in the API."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from config.errors import Refusal
from config.tenancy.ids import read_id

from ..actions.details import clean_birthday, clean_tags
from ..models import Customer
from ..models.customers import MOST_TAGS
from .birthdays import BIRTHDAYS, UnclearBirthday, read_birthday
from .cells import PERSON, read_flag, read_list
from .errors import InvalidRow
from .fields import IDENTIFYING
from .limits import ImportedCustomer, Limits
from .mapping import short
from .row_cells import Cell, CellReader, RowCells
from .row_contacts import ContactValue, read_addresses, read_emails, read_phones
from .row_names import read_names
from .row_wishes import read_activity, read_wishes
from .tables import Row

_TAG_BORDER = re.compile(r":::|[,;|\n]")
# Groups to which some systems add every contact.
_SYSTEM_TAGS = frozenset({"* mycontacts", "* other", "* other contacts", "* starred", "* friends"})
# If something was skipped, a row with an id also needs one of these fields.
_NAMING = IDENTIFYING - {"external_id"}
_PLAIN = ("external_id", "legal_name", "tax_id", "preferred_contact")


@dataclass(slots=True)
class Record:
    """The data of a row: customer, default address, preferences, and two flags.

    Absent values are left out. `known_as` is our own id in the row; it `is_ours` if our export
    wrote the file. `left` has a sentence for everything that is skipped.
    """

    line: int
    customer: dict[str, Any] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)
    addresses: list[dict[str, str]] = field(default_factory=list)
    contact_points: list[ContactValue] = field(default_factory=list)
    note: str = ""
    left: list[str] = field(default_factory=list)
    is_active: bool | None = None
    is_archived: bool = False
    known_as: UUID | None = None
    is_ours: bool = False


class RecordReader:
    """Reads the rows of a file by a mapping of headings to fields."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self.mapping = dict(mapping)
        self._cells = CellReader(mapping)
        self._headings: dict[str, str] = {}
        for column in self._cells.columns:
            self._headings.setdefault(column.field, column.heading)
        self._limits = Limits(ImportedCustomer())

    def read(self, row: Row) -> Record:
        """Return the data of a row; raises InvalidRow with all reasons, by heading."""
        if row.problem:
            raise InvalidRow(row.problem)
        cells = self._cells.gather(row.values, row.left)
        known_as = self._own_id(cells)
        record = Record(row.line, left=cells.left, known_as=known_as, is_ours=cells.is_ours)
        given = self._given(cells, record)
        if cells.left and not given.keys() & _NAMING:
            raise InvalidRow(" ".join(cells.left))
        try:
            found = self._limits.hold(given)
        except ValidationError as error:
            raise InvalidRow(self._reasons(error.detail))
        record.address = found.pop("address", {})
        record.is_active = found.pop("is_active", None)
        record.is_archived = found.pop("archived", False)
        record.note = found.pop("note", "")
        record.customer = found | _personal(cells)
        return record

    def _given(self, cells: RowCells, record: Record) -> dict[str, Any]:
        """Return the fields of a row, and add its further values to the record."""
        address, record.addresses = read_addresses(cells)
        given = read_names(cells, str(address.get("country", "")))
        given |= {name: cell.value for name in _PLAIN if (cell := cells.one(name))}
        email, emails = read_emails(cells)
        phone, phones = read_phones(cells)
        record.contact_points = [*emails, *phones]
        notes = dict.fromkeys(cell.text for cell in cells.all("note"))
        archived = cells.one("archived")
        given |= {
            name: value
            for name, value in (
                ("email", email),
                ("phone", phone),
                ("note", "\n".join(notes)),
                ("is_active", read_activity(cells)),
                ("archived", read_flag(archived.value) if archived else None),
                ("preferences", _preferences(cells, given.pop("preferred_contact", None))),
            )
            if value is not None and value != ""
        }
        return given | address

    def _own_id(self, cells: RowCells) -> UUID | None:
        cell = cells.one("own_id") or cells.one("regulars_id")
        if cell is None:
            return None
        found = read_id(Customer.id_prefix, cell.value) if isinstance(cell.value, str) else None
        if found is None:
            raise InvalidRow(
                _("%(heading)s: “%(id)s” is not the id of a customer. Copy it from an export.")
                % {"heading": cell.heading, "id": short(cell.text)}
            )
        return found

    def _reasons(self, detail: Any) -> str:
        return " ".join(
            f"{self._heading(name)}: {' '.join(map(str, sentences))}"
            for name, sentences in detail.items()
        )

    def _heading(self, name: str) -> str:
        """Return the file's heading of a field; for a split name, the heading of the whole name."""
        whole = self._headings.get("full_name", name) if name in {*PERSON, "name"} else name
        return short(self._headings.get(name, whole))


def _personal(cells: RowCells) -> dict[str, Any]:
    """Return the birthday and the tags of a row, if it has any."""
    found: dict[str, Any] = {}
    if cell := cells.one(*BIRTHDAYS):
        try:
            found["birthday"] = clean_birthday(read_birthday(cell.text, cell.column.field))
        except (UnclearBirthday, Refusal) as problem:
            cells.leave(cell, _("%(problem)s It was left out.") % {"problem": problem})
    if tags := _tags(cells):
        found["tags"] = tags
    return found


def _tags(cells: RowCells) -> list[str]:
    """Return the tags of a row in their order, without repeats that differ only in case."""
    found: list[str] = []
    for cell in cells.all("tags"):
        values = _values(cells, cell)
        for tag in values[:MOST_TAGS]:
            try:
                found = clean_tags([*found, tag])
            except Refusal as problem:
                cells.leave(cell, _("%(problem)s It was left out.") % {"problem": problem})
        if len(values) > MOST_TAGS:
            facts = {"more": f"{len(values) - MOST_TAGS:,}", "most": MOST_TAGS}
            why = _("%(more)s tags were left out: a customer has at most %(most)s.") % facts
            cells.leave(cell, why)
    return found


def _values(cells: RowCells, cell: Cell) -> list[str]:
    """Return the tags of a cell, without those that a system gives to every contact."""
    if cells.is_ours:
        return cell.value if isinstance(cell.value, list) else read_list(cell.text)
    given = cell.value if isinstance(cell.value, list) else _TAG_BORDER.split(cell.text)
    values = [str(one).strip() for one in given]
    named = [one for one in values if one.casefold() not in _SYSTEM_TAGS]
    tags = [one.removeprefix("* ").strip("[]\"' ") for one in named]
    return list(dict.fromkeys(filter(None, tags)))


def _preferences(cells: RowCells, preferred_contact: Any) -> Any:
    """Return the preferences of a row; single columns override the object in one column."""
    cell = cells.one("preferences")
    given = {} if cell is None else cell.value
    if isinstance(given, str):
        given = _object_in(given)
    single: dict[str, Any] = (
        {} if preferred_contact is None else {"preferred_contact": preferred_contact}
    )
    single |= read_wishes(cells)
    if isinstance(given, dict):
        return given | single or None
    return given


def _object_in(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
