"""From a row to what it says of a customer, held to the same limits as what the API accepts."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from config.api.input_fields import Accepted, EmailIn, FlagIn, KeysIn, ListIn, TextField
from config.api.problems import quoted
from config.card_numbers import CardNumber, holds_masked_number
from config.errors import Refusal
from config.tenancy.ids import read_id

from ..actions.contact_points import Way
from ..actions.details import clean_birthday, clean_tags
from ..models import Address, Customer
from ..models.customers import EMAIL_LENGTH, PHONE_LENGTH
from .cells import PERSON, read_flag, read_list, read_text
from .errors import InvalidRow
from .mapping import is_either_name, short
from .names import split_name
from .tables import Row

FLAGS = ("marketing_opt_in", "is_active", "archived")
PREFERENCES = ("preferred_contact", "marketing_opt_in")
# Columns of further contact points, and their kind.
OTHERS = {"other_emails": "email", "other_phones": "phone"}
LISTS = ("tags", *OTHERS)


class ImportedCustomer(Accepted):
    """A customer as a row of a file describes them; the address is the default one."""

    external_id = TextField(Customer.external_id.field)
    first_name = TextField(Customer.first_name.field)
    last_name = TextField(Customer.last_name.field)
    name = TextField(Customer.name.field)
    legal_name = TextField(Customer.legal_name.field)
    tax_id = TextField(Customer.tax_id.field)
    email = EmailIn(Customer.email.field)
    phone = TextField(Customer.phone.field)
    street = TextField(Address.street.field, source="address.street")
    sub_premise = TextField(Address.sub_premise.field, source="address.sub_premise")
    city = TextField(Address.city.field, source="address.city")
    state = TextField(Address.state.field, source="address.state")
    postal_code = TextField(Address.postal_code.field, source="address.postal_code")
    country = TextField(Address.country.field, source="address.country")
    address_label = TextField(Address.label.field, source="address.label")
    access_notes = TextField(Address.access_notes.field, source="address.access_notes")
    tags = ListIn(child=TextField(required=True), required=False)
    birthday = TextField(Customer.birthday.field)
    other_emails = ListIn(child=EmailIn(required=True, max_length=EMAIL_LENGTH), required=False)
    other_phones = ListIn(child=TextField(required=True, max_length=PHONE_LENGTH), required=False)
    preferences = KeysIn(required=False)
    is_active = FlagIn(required=False)
    archived = FlagIn(required=False)


@dataclass(slots=True)
class Record:
    """A row as read: fields of the customer and of the default address, contact points, two facts.

    What the row leaves open is not in it. `known_as` is the id of our own that it carries.
    """

    line: int
    customer: dict[str, Any] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)
    is_active: bool | None = None
    is_archived: bool = False
    known_as: UUID | None = None
    contact_points: list[Way] = field(default_factory=list)


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
            _clean_details(found)
        except ValidationError as error:
            raise InvalidRow(self._reasons(error.detail))
        except Refusal as refusal:
            raise InvalidRow(self._reasons({name: [text] for name, text in refusal.fields.items()}))
        return Record(
            line=row.line,
            address=found.pop("address", {}),
            is_active=found.pop("is_active", None),
            is_archived=found.pop("archived", False),
            contact_points=[
                (kind, value, "") for name, kind in OTHERS.items() for value in found.pop(name, ())
            ],
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
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            if holds_masked_number(text):
                raise InvalidRow(f"{short(heading)}: {CardNumber.message}")
            value = read_flag(value) if name in FLAGS else value
            value = read_list(value) if name in LISTS and isinstance(value, str) else value
            if name in cells and cells[name] != value:
                raise InvalidRow(_("Two columns give %(name)s, and not the same.") % {"name": name})
            cells[name] = value
        return cells

    def _settle_names(self, cells: dict[str, Any]) -> None:
        """Split a whole name, and drop a `Name` which only repeats the person's two."""
        whole = cells.pop("full_name", None)
        if whole is not None and not PERSON & cells.keys():
            if not isinstance(whole, str):
                facts = {"heading": self._heading("full_name"), "given": quoted(whole)}
                raise InvalidRow(_("%(heading)s: Must be text; got %(given)s.") % facts)
            first, last = split_name(whole)
            cells |= {"first_name": first, "last_name": last} if last else {"first_name": first}
        if self._drops_name and "name" in cells:
            person = f"{cells.get('first_name', '')} {cells.get('last_name', '')}".strip()
            if str(cells["name"]).casefold() == person.casefold():
                del cells["name"]

    def _own_id(self, value: Any) -> UUID | None:
        if value is None:
            return None
        found = read_id(Customer.id_prefix, value) if isinstance(value, str) else None
        if found is None:
            raise InvalidRow(
                _("%(heading)s: “%(id)s” is not the id of a customer. Copy it from an export.")
                % {"heading": self._heading("regulars_id"), "id": short(str(value))}
            )
        return found

    def _reasons(self, detail: Any) -> str:
        return " ".join(
            f"{self._heading(name)}: {' '.join(_sentences(sentences))}"
            for name, sentences in detail.items()
        )

    def _heading(self, name: str) -> str:
        """Return the file's own word for a field; a split name has only the whole one."""
        whole = self._headings.get("full_name", name) if name in PERSON else name
        return short(self._headings.get(name, whole))


def _clean_details(found: dict[str, Any]) -> None:
    """Write tags and the birthday as they are stored; raises InvalidTags or InvalidBirthday."""
    if "tags" in found:
        found["tags"] = clean_tags(found["tags"])
    if "birthday" in found:
        found["birthday"] = clean_birthday(found["birthday"])


def _sentences(detail: Any) -> list[str]:
    """Return the sentences of a field; those of the values of a list stand by their places."""
    parts = detail.values() if isinstance(detail, dict) else [detail]
    return list(dict.fromkeys(str(one) for part in parts for one in part))


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
