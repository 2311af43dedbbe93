"""Input fields that are ids of other rows."""

from __future__ import annotations

from copy import copy
from typing import Any
from uuid import UUID

from rest_framework import serializers

from config.statements.lookups import by_id, successor_of
from config.tenancy.ids import read_id
from config.tenancy.models import noun_of


class RelatedField(serializers.CharField):
    """The id of a row of the actor's company, with or without prefix; its value is the row.

    A malformed id, an unknown id and the id of another company's row get the same error.
    """

    default_error_messages = {
        "unknown": "No such {noun}. Check the id.",
        "null": "Must be the id of a {noun}; got “null”.",
    }

    def __init__(self, rows: Any, **kwargs: Any) -> None:
        self.found, self.model = by_id(rows), rows.model
        self.prefix: str = rows.model.id_prefix
        self.noun = noun_of(rows.model)
        super().__init__(**kwargs)

    def __deepcopy__(self, memo: Any) -> RelatedField:
        # Serializers deep-copy their fields for each request; share the compiled look-up.
        return copy(self)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is None and not self.allow_null:
            self.fail("null", noun=self.noun)
        is_empty, value = self.validate_empty_values(data)
        return value if is_empty else self.to_internal_value(data)

    def to_internal_value(self, data: Any) -> Any:
        found, row = self.read(data), None
        company = self.context["actor"].company_id
        if found is not None:
            row = self.found.first(company_id=company, id=found)
        if found is not None and row is None and (stayed := self.successor(found)):
            row = self.found.first(company_id=company, id=stayed)
        if row is None:
            self.fail("unknown", noun=self.noun)
        return row

    def successor(self, id: UUID) -> UUID | None:
        """Return the id of the row that a row was merged into, None if it was not merged."""
        statement = successor_of(self.model)
        values = {"company_id": self.context["actor"].company_id, "id": id}
        found = statement.rows(values) if statement else []
        return found[0][0] if found else None

    def read(self, data: Any) -> UUID | None:
        """Parse the id, None if it is invalid."""
        return read_id(self.prefix, data) if isinstance(data, str) else None


class AboveIn(RelatedField):
    """The id of a parent in the path, repeated in the body; it must be the same."""

    default_error_messages = {"other": "Must be the {noun} of the path."}

    def to_internal_value(self, data: Any) -> Any:
        found, above = self.read(data), self.context["path"][self.field_name]
        if found is None or (found != above and not self._are_one(found, above)):
            self.fail("other", noun=self.noun)
        return above

    def _are_one(self, one: UUID, other: UUID) -> bool:
        """Whether one of two rows was merged into the other, or both into a third row."""
        return (self.successor(one) or one) == (self.successor(other) or other)
