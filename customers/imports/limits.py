"""The limits of the values in a row: those of the API, checked quickly for ordinary rows."""

from collections.abc import Mapping
from typing import Any

from config.api.input_fields import Accepted, EmailIn, FlagIn, KeysIn, TextField
from config.card_numbers import LEAST, NUMBERS, holds_card_number

from ..models import Address, Customer, Note


class ImportedCustomer(Accepted):
    """A customer as a row describes it; the address is the default one."""

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
    note = TextField(Note.content.field)
    preferences = KeysIn(required=False)
    is_active = FlagIn(required=False)
    archived = FlagIn(required=False)


class ImportedAddress(Accepted):
    """A further address, with the same limits as the default one."""

    street = TextField(Address.street.field)
    sub_premise = TextField(Address.sub_premise.field)
    city = TextField(Address.city.field)
    state = TextField(Address.state.field)
    postal_code = TextField(Address.postal_code.field)
    country = TextField(Address.country.field)
    label = TextField(Address.label.field)  # type: ignore[assignment]
    access_notes = TextField(Address.access_notes.field)


class Limits:
    """Checks rows against the limits of a shape.

    The shape itself would take most of the reading time, so it checks only rows with more than
    short, printable texts without card numbers. E-mail addresses are checked before.
    """

    def __init__(self, shape: Accepted) -> None:
        self._shape = shape
        fields: dict[str, Any] = dict(shape.fields)
        self._longest = {
            name: field.max_length for name, field in fields.items() if isinstance(field, TextField)
        }
        self._flags = {name for name, field in fields.items() if isinstance(field, FlagIn)}
        self._places = {
            name: field.source.split(".") for name, field in fields.items() if "." in field.source
        }

    def hold(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of a row with nested parts; raises ValidationError."""
        if not all(self._is_ordinary(name, value) for name, value in given.items()):
            found: dict[str, Any] = self._shape.run_validation(given)
            return found
        found = {}
        for name, value in given.items():
            if place := self._places.get(name):
                found.setdefault(place[0], {})[place[1]] = value
            else:
                found[name] = value
        return found

    def _is_ordinary(self, name: str, value: Any) -> bool:
        if isinstance(value, str):
            longest = self._longest.get(name)
            return (
                longest is not None
                and len(value) <= longest
                and value.isprintable()
                and (len(value) < LEAST or name in NUMBERS or not holds_card_number(value))
            )
        if name == "preferences" and isinstance(value, dict):
            return all(one is True or one is False for one in value.values())
        return name in self._flags and isinstance(value, bool)
