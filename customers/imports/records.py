"""From a row to what it says of a customer, held to the same limits as what the API accepts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from config.access.ids import read_id
from config.api.accepting import Accepted, EmailIn, FlagIn, KeysIn, TextIn

from ..models import Address, Customer
from ..shapes.shown import CUSTOMER
from .cells import PERSON, read_flag, read_text
from .errors import InvalidRow
from .mapping import is_either_name, short
from .names import split_name
from .tables import Row

FLAGS = ("marketing_opt_in", "is_active", "archived")
PREFERENCES = ("preferred_contact", "marketing_opt_in")


def _of(model: Any, name: str) -> Any:
    return model._meta.get_field(name)


class ImportedCustomer(Accepted):
    """A customer as a row of a file describes them; the address is the default one."""

    external_id = TextIn(_of(Customer, "external_id"))
    first_name = TextIn(_of(Customer, "first_name"))
    last_name = TextIn(_of(Customer, "last_name"))
    name = TextIn(_of(Customer, "name"))
    legal_name = TextIn(_of(Customer, "legal_name"))
    tax_id = TextIn(_of(Customer, "tax_id"))
    email = EmailIn(_of(Customer, "email"))
    phone = TextIn(_of(Customer, "phone"))
    street = TextIn(_of(Address, "street"), source="address.street")
    sub_premise = TextIn(_of(Address, "sub_premise"), source="address.sub_premise")
    city = TextIn(_of(Address, "city"), source="address.city")
    state = TextIn(_of(Address, "state"), source="address.state")
    postal_code = TextIn(_of(Address, "postal_code"), source="address.postal_code")
    country = TextIn(_of(Address, "country"), source="address.country")
    address_label = TextIn(_of(Address, "label"), source="address.label")
    access_notes = TextIn(_of(Address, "access_notes"), source="address.access_notes")
    preferences = KeysIn(required=False)
    is_active = FlagIn(required=False)
    archived = FlagIn(required=False)


@dataclass(slots=True)
class Record:
    """What a row says: fields of the customer, of the default address, preferences, two facts.

    What the row leaves open is not in it. `known_as` is the id of our own that it carries.
    """

    line: int
    customer: dict[str, Any] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)
    is_active: bool | None = None
    is_archived: bool = False
    known_as: UUID | None = None


class RecordReader:
    """Reads rows of a file by its mapping of headings to fields."""

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self.mapping = dict(mapping)
        self._headings = {name: heading for heading, name in mapping.items()}
        self._accepted = ImportedCustomer()
        self._drops_name = is_either_name(self._headings.get("name", ""))

    def read(self, row: Row) -> Record:
        """Return what a row says; raises InvalidRow with every reason, by the file's headings."""
        if row.problem:
            raise InvalidRow(row.problem)
        cells = self._cells(row.values)
        self._settle_names(cells)
        known_as = self._own_id(cells.pop("regulars_id", None))
        _gather_preferences(cells)
        try:
            found = self._accepted.run_validation(cells)
        except ValidationError as error:
            raise InvalidRow(self._reasons(error.detail))
        return Record(
            line=row.line,
            address=found.pop("address", {}),
            is_active=found.pop("is_active", None),
            is_archived=found.pop("archived", False),
            customer=found,
            known_as=known_as,
        )

    def _cells(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the mapped columns hold, by field, absent ones left out."""
        cells: dict[str, Any] = {}
        for heading, name in self.mapping.items():
            value = values.get(heading)
            if isinstance(value, int | float) and not isinstance(value, bool):
                value = str(value)
            if isinstance(value, str):
                value = read_text(value, name)
            if value is None or value == "":
                continue
            value = read_flag(value) if name in FLAGS else value
            if name in cells and cells[name] != value:
                raise InvalidRow(_("Two columns give %(name)s, and not the same.") % {"name": name})
            cells[name] = value
        return cells

    def _settle_names(self, cells: dict[str, Any]) -> None:
        """Split a whole name, and drop a `Name` which only repeats the person's two."""
        whole = cells.pop("full_name", None)
        if whole is not None and not PERSON & cells.keys():
            if not isinstance(whole, str):
                raise InvalidRow(
                    _("%(heading)s: Not a valid string.") % {"heading": self._heading("full_name")}
                )
            first, last = split_name(whole)
            cells |= {"first_name": first, "last_name": last} if last else {"first_name": first}
        if self._drops_name and "name" in cells:
            person = f"{cells.get('first_name', '')} {cells.get('last_name', '')}".strip()
            if str(cells["name"]).casefold() == person.casefold():
                del cells["name"]

    def _own_id(self, value: Any) -> UUID | None:
        if value is None:
            return None
        found = read_id(CUSTOMER, value) if isinstance(value, str) else None
        if found is None:
            raise InvalidRow(
                _("%(heading)s: This is no id of a customer.")
                % {"heading": self._heading("regulars_id")}
            )
        return found

    def _reasons(self, detail: Any) -> str:
        return " ".join(
            f"{self._heading(name)}: {' '.join(map(str, sentences))}"
            for name, sentences in detail.items()
        )

    def _heading(self, name: str) -> str:
        """Return the file's own word for a field; a split name has only the whole one."""
        whole = self._headings.get("full_name", name) if name in PERSON else name
        return short(self._headings.get(name, whole))


def _gather_preferences(cells: dict[str, Any]) -> None:
    """Lay columns of single preferences over the object, where there is one."""
    given = cells.pop("preferences", {})
    if isinstance(given, str):
        given = _object_in(given)
    single = {name: cells.pop(name) for name in PREFERENCES if name in cells}
    if isinstance(given, dict) and (given or single):
        cells["preferences"] = given | single
    elif given:
        cells["preferences"] = given


def _object_in(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
