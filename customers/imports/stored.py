"""A stored customer beside a row: what tells them apart, and what the row would change."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..models import Address, Customer
from .records import Record

NAMES = ("first_name", "last_name", "name", "legal_name")
COLUMNS = (*NAMES, "external_id", "tax_id", "email", "phone", "tags", "birthday")

type Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """A customer and the default address, as they are when a batch begins."""

    customer: Customer
    home: Address | None = None

    @property
    def facts(self) -> dict[str, Any]:
        return {name: getattr(self.customer, name) for name in COLUMNS}

    @property
    def keys(self) -> Iterator[Key]:
        """Yield under what a row would look for this customer (`keys_of`)."""
        yield "external_id", self.customer.external_id
        yield "email", self.customer.email.lower()
        yield "shown", _shown(self.facts)
        for form in self._phones:
            yield "phone", form

    def differences(self, record: Record, *, exactly: bool = False) -> dict[str, Any]:
        """Return what a row would change, in the form that `update_customer` takes.

        `exactly` also counts what the customer has and the row leaves open.
        """
        given, stored = dict(record.customer), self.facts
        preferences = given.pop("preferences", {})
        if exactly:
            given = {**dict.fromkeys(COLUMNS, ""), "tags": []} | given
        changes = {name: value for name, value in given.items() if stored[name] != value}
        if _changes_keys(self.customer.preferences, preferences):
            changes["preferences"] = preferences
        address = {
            name: value
            for name, value in record.address.items()
            if getattr(self.home, name, "") != value
        }
        return changes | ({"address": address} if address else {})

    def is_person_of(self, record: Record) -> bool:
        """Whether a row without an external id is this customer (the package's docstring, 3)."""
        given, stored = record.customer, self.facts
        if not all(_agree(given.get(name, ""), stored[name]) for name in NAMES):
            return False
        email, phone = given.get("email", ""), given.get("phone", "")
        if email and stored["email"]:
            return email.lower() == stored["email"].lower()
        if phone:
            return not self._phones.isdisjoint(phone_forms(phone))
        if email:
            return False
        shown = _shown(given)
        return shown != "" and shown == _shown(stored) and not self._contradicts(record)

    def _contradicts(self, record: Record) -> bool:
        """Whether both know something of the customer, and not the same."""
        changes = self.differences(record)
        address = changes.pop("address", {})
        for name in ("preferences", "tags"):
            changes.pop(name, None)
        return any(getattr(self.customer, name) for name in changes) or any(
            getattr(self.home, name, "") for name in address
        )

    @property
    def _phones(self) -> set[str]:
        """The number as it was typed, and as it was read."""
        customer = self.customer
        return {customer.phone, customer.phone_e164, customer.phone_national} - {""}


def keys_of(given: Mapping[str, Any]) -> Iterator[Key]:
    """Yield under what to look for the customer who is a row."""
    if external_id := given.get("external_id"):
        yield "external_id", external_id
        return
    if email := given.get("email"):
        yield "email", email.lower()
    for form in phone_forms(given.get("phone", "")):
        yield "phone", form
    if shown := not (given.get("email") or given.get("phone")) and _shown(given):
        yield "shown", shown


def _changes_keys(present: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """Whether merged preferences would be others; 1 and true are not the same in JSON."""
    merged = {key: value for key, value in {**present, **changes}.items() if value is not None}
    return json.dumps(merged, sort_keys=True) != json.dumps(present, sort_keys=True)


def _agree(one: str, other: str) -> bool:
    return not one or not other or _fold(one) == _fold(other)


def _fold(name: str) -> str:
    """Return a name without case, accents and the number of its spaces."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).split())


def phone_forms(phone: str) -> set[str]:
    """Return how a typed number can stand in a customer's columns for it."""
    digits = re.sub(r"\D", "", phone, flags=re.ASCII)
    return {phone, f"+{digits}", digits.lstrip("0")} - {"", "+"}


def _shown(names: Mapping[str, Any]) -> str:
    """Return the name that a customer is shown by, else the legal one."""
    person = f"{names.get('first_name', '')} {names.get('last_name', '')}".strip()
    return names.get("name") or person or names.get("legal_name", "")
