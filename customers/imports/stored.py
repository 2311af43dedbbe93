"""Compare a stored customer with a row: the differences, and the changes to make."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ..models import Address, Customer
from ..models.customers import MOST_TAGS
from .records import Record

NAMES = ("first_name", "last_name", "name", "legal_name")
COLUMNS = (*NAMES, "external_id", "tax_id", "email", "phone", "birthday")
# Preferences that store the consent to receive offers.
CONSENTS = frozenset({"marketing_opt_in", "sms_marketing_opt_in", "phone_marketing_opt_in"})
# Fields that spreadsheets read as numbers.
_NUMBERS = frozenset({"external_id", "tax_id", "phone", "postal_code"})

type Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Stored:
    """A customer and the default address at the beginning of a batch."""

    customer: Customer
    home: Address | None = None

    @property
    def facts(self) -> dict[str, Any]:
        return {name: getattr(self.customer, name) for name in COLUMNS}

    @property
    def keys(self) -> Iterator[Key]:
        """Yield the keys by which a row finds this customer (see `keys_of`)."""
        yield "external_id", self.customer.external_id
        yield "email", self.customer.email.lower()
        yield "shown", shown_name(self.facts)
        for form in self._phones:
            yield "phone", form

    def differences(
        self, record: Record, *, exactly: bool = False, opts_in: bool = False
    ) -> dict[str, Any]:
        """Return the changes that a row makes, as arguments of `update_customer`.

        `exactly` also counts values that the customer has and the row does not. A row opts in a
        customer who has opted out only with `opts_in`.
        """
        stored, preferences = self.facts, record.customer.get("preferences", {})
        if not opts_in and (declined := self._declined(record)):
            preferences = {key: one for key, one in preferences.items() if key not in declined}
        given = {name: value for name, value in record.customer.items() if name in stored}
        if exactly:
            given = dict.fromkeys(COLUMNS, "") | given
        changes = {
            name: value
            for name, value in given.items()
            if stored[name] != value and not _is_damaged(name, stored[name], value)
        }
        if _changes_keys(self.customer.preferences, preferences):
            changes["preferences"] = preferences
        if (tags := self._tags_after(record)) != self.customer.tags:
            changes["tags"] = tags
        address = {
            name: value
            for name, value in record.address.items()
            if (kept := getattr(self.home, name, "")) != value
            and not _is_damaged(name, kept, value)
        }
        return changes | ({"address": address} if address else {})

    def _tags_after(self, record: Record) -> list[str]:
        return self._all_tags(record)[:MOST_TAGS] or self.customer.tags

    def _all_tags(self, record: Record) -> list[str]:
        """Return the tags of the customer and of a row; only the row's if our export wrote it."""
        tags: list[str] = record.customer.get("tags") or []
        if tags and not (record.is_ours and record.known_as == self.customer.id):
            known = {tag.lower() for tag in self.customer.tags}
            tags = [*self.customer.tags, *(tag for tag in tags if tag.lower() not in known)]
        return tags

    def _declined(self, record: Record) -> list[str]:
        """Return the consents that the customer has declined and that a row would change."""
        wishes, stored = record.customer.get("preferences", {}), self.customer.preferences
        return [
            key
            for key, wish in wishes.items()
            if key in CONSENTS and stored.get(key) is False and wish is not False
        ]

    def not_taken(self, record: Record, *, opts_in: bool = False) -> list[str]:
        """Return a sentence for each value of a row that this customer does not get."""
        told = self._damaged(record)
        if not opts_in:
            told += [
                _(
                    "%(name)s: the customer has opted out, which stays. If the customer agrees"
                    " again, change it on the customer's page."
                )
                % {"name": name}
                for name in self._declined(record)
            ]
        if more := self._all_tags(record)[MOST_TAGS:]:
            told.append(
                _("tags: “%(tags)s” was left out: a customer has at most %(most)s.")
                % {"tags": "; ".join(more), "most": MOST_TAGS}
            )
        return told

    def _damaged(self, record: Record) -> list[str]:
        """Return a sentence for each number that has lost zeros or the `+` in a spreadsheet."""
        given = {**record.address, **record.customer}
        stored = {name: getattr(self.home, name, "") for name in record.address} | self.facts
        return [
            _("%(name)s: “%(value)s” is what a spreadsheet makes of “%(kept)s”, which stays.")
            % {"name": name, "value": value, "kept": stored[name]}
            for name, value in given.items()
            if name in stored and _is_damaged(name, stored[name], value)
        ]

    def is_somebody_else(self, record: Record) -> bool:
        """Whether a row with this customer's external id describes another person.

        Compares first name (or the organisation's), e-mail and phone if both have them: at least
        two must differ, and none may agree. If only a first name can be compared, the last names
        must differ too.
        """
        given, stored = record.customer, self.facts
        names = [
            not _agree(given[name], stored[name])
            for name in ("first_name", "name")
            if given.get(name) and stored[name]
        ][:1]
        differ = names
        if given.get("email") and stored["email"]:
            differ.append(given["email"].lower() != stored["email"].lower())
        if given.get("phone") and stored["phone"]:
            differ.append(self._phones.isdisjoint(phone_forms(given["phone"])))
        if differ == names == [True]:
            lasts = given.get("last_name", ""), stored["last_name"]
            return bool(given.get("first_name") and stored["first_name"]) and not _agree(*lasts)
        return len(differ) > 1 and all(differ)

    def is_person_of(self, record: Record) -> bool:
        """Whether a row without an external id matches this customer (rule 3 of the package)."""
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
        shown = shown_name(given)
        return shown != "" and shown == shown_name(stored) and not self._contradicts(record)

    def _contradicts(self, record: Record) -> bool:
        """Whether the row has another value for a field that the customer has."""
        changes = self.differences(record)
        address = changes.pop("address", {})
        for name in ("preferences", "tags"):
            changes.pop(name, None)
        return any(getattr(self.customer, name) for name in changes) or any(
            getattr(self.home, name, "") for name in address
        )

    @property
    def _phones(self) -> set[str]:
        """The phone as typed, and its normalised forms."""
        customer = self.customer
        return {customer.phone, customer.phone_e164, customer.phone_national} - {""}


def keys_of(given: Mapping[str, Any]) -> Iterator[Key]:
    """Yield the keys by which to find the customer of a row."""
    if external_id := given.get("external_id"):
        yield "external_id", external_id
        return
    if email := given.get("email"):
        yield "email", email.lower()
    for form in phone_forms(given.get("phone", "")):
        yield "phone", form
    if shown := not (given.get("email") or given.get("phone")) and shown_name(given):
        yield "shown", shown


def _is_damaged(name: str, stored: str, given: str) -> bool:
    """Whether a value is the stored one after a spreadsheet removed zeros or the `+`.

    >>> _is_damaged("postal_code", "007", "7"), _is_damaged("phone", "+965222", "965222")
    (True, True)
    >>> _is_damaged("postal_code", "1007", "7"), _is_damaged("city", "007", "7")
    (False, False)
    """
    if name not in _NUMBERS or stored == given or not given.isdecimal():
        return False
    digits = stored.removeprefix("+")
    return digits.isdecimal() and digits.lstrip("0") == given


def _changes_keys(present: Mapping[str, Any], changes: Mapping[str, Any]) -> bool:
    """Whether merging would change the preferences; in JSON, 1 and true are different."""
    merged = {key: value for key, value in {**present, **changes}.items() if value is not None}
    return json.dumps(merged, sort_keys=True) != json.dumps(present, sort_keys=True)


def _agree(one: str, other: str) -> bool:
    return not one or not other or _fold(one) == _fold(other)


def _fold(name: str) -> str:
    """Return a name without case, accents and extra spaces."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(one for one in letters if not unicodedata.combining(one)).split())


def phone_forms(phone: str) -> set[str]:
    """Return the forms in which the columns of a customer may have a typed number."""
    digits = re.sub(r"\D", "", phone, flags=re.ASCII)
    return {phone, f"+{digits}", digits.lstrip("0")} - {"", "+"}


def national_forms(phone: str) -> set[str]:
    """Return the national digits that a customer may have whose number has this form.

    A country code has one to three digits.

    >>> sorted(national_forms("+442079460018"), key=len)
    ['079460018', '2079460018', '42079460018', '442079460018']
    """
    digits = phone.removeprefix("+")
    return {digits[at:] for at in range(4)} - {""} if digits.isdecimal() else set()


def shown_name(names: Mapping[str, Any]) -> str:
    """Return the displayed name of a customer, else the legal name."""
    person = f"{names.get('first_name', '')} {names.get('last_name', '')}".strip()
    return names.get("name") or person or names.get("legal_name", "")
