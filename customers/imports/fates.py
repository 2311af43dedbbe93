"""The outcome of each row of a file, for a check that people can review."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

from django.utils.translation import gettext as _

from ..actions import Correction
from .mapping import short
from .records import Record
from .stored import Stored, shown_name

CREATED, UPDATED, UNCHANGED, REFUSED = FATES = ("created", "updated", "unchanged", "refused")

# The name of a field, its value before and its value after.
type Difference = tuple[str, str, str]


@dataclass(slots=True)
class Fate:
    """The outcome of a row: one of FATES, the customer, and the changes or the refusal.

    `likely` names the likely duplicates of a new customer, with the reasons.
    """

    line: int
    what: str
    who: str = ""
    changes: list[Difference] = field(default_factory=list)
    why: str = ""
    likely: str = ""

    @classmethod
    def of_refused(cls, line: int, why: str) -> Self:
        return cls(line, REFUSED, why=why)

    @classmethod
    def of_new(cls, record: Record) -> Self:
        given = record.customer
        known = ("email", "phone", "external_id")
        who = shown_name(given) or next((given[name] for name in known if given.get(name)), "")
        return cls(record.line, CREATED, who, [*_parts(record)])

    @classmethod
    def of_known(
        cls, stored: Stored, record: Record, correction: Correction, news: Iterable[tuple[str, str]]
    ) -> Self:
        """Return the outcome for a known customer; `news` are the values that the row adds."""
        changes = [*_differences(stored, record, correction)]
        changes += [(name, "", _shown(text)) for name, text in news]
        what = UPDATED if changes else UNCHANGED
        return cls(record.line, what, str(stored.customer), changes)


def _parts(record: Record) -> Iterator[Difference]:
    """Yield the values of a new customer."""
    customer = dict(record.customer)
    preferences = customer.pop("preferences", {})
    for name, value in {**customer, **record.address, **preferences}.items():
        yield name, "", _shown(value)
    for name, value in (("is_active", record.is_active), ("archived", record.is_archived or None)):
        if value is not None:
            yield name, "", _shown(value)
    for fields in record.addresses:
        yield "address", "", _shown(", ".join(filter(None, fields.values())))
    for kind, value, _note in record.contact_points:
        yield kind, "", _shown(value)
    if record.note:
        yield "note", "", _shown(record.note)


def _differences(stored: Stored, record: Record, correction: Correction) -> Iterator[Difference]:
    customer = stored.customer
    for name, value in correction.changes.items():
        before = getattr(customer, name)
        if isinstance(value, dict):
            for key, after in value.items():
                if before.get(key) != after:
                    yield key, _shown(before.get(key)), _shown(after)
        else:
            yield name, _shown(before), _shown(value)
    for name, value in correction.address.items():
        yield name, _shown(getattr(stored.home, name, "")), _shown(value)
    if record.is_active not in (None, customer.is_active):
        yield "is_active", _shown(customer.is_active), _shown(record.is_active)


def _shown(value: Any) -> str:
    """Return a value as text for a table, "" for none."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return short(" ".join(text.split()))
