"""The fields of what comes in that are ids of other rows."""

from __future__ import annotations

from copy import copy
from typing import Any
from uuid import UUID

from rest_framework import serializers

from config.statements.lookups import by_id
from config.tenancy.ids import read_id
from config.tenancy.models import noun_of


class RelatedField(serializers.CharField):
    """The id of a row of the caller's own company, in either form; the row comes out.

    A malformed id, an unknown id and the id of another company's row get the same error.
    """

    default_error_messages = {
        "unknown": "No such {noun}. Check the id.",
        "null": "Must be the id of a {noun}; got “null”.",
    }

    def __init__(self, rows: Any, **kwargs: Any) -> None:
        self.found = by_id(rows)
        self.prefix: str = rows.model.id_prefix
        self.noun = noun_of(rows.model)
        super().__init__(**kwargs)

    def __deepcopy__(self, memo: Any) -> RelatedField:
        # Serializers copy their fields for each request; what finds the row is compiled once.
        return copy(self)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        if data is None and not self.allow_null:
            self.fail("null", noun=self.noun)
        is_empty, value = self.validate_empty_values(data)
        return value if is_empty else self.to_internal_value(data)

    def to_internal_value(self, data: Any) -> Any:
        found, row = self.read(data), None
        if found is not None:
            row = self.found.first(company_id=self.context["actor"].company_id, id=found)
        if row is None:
            self.fail("unknown", noun=self.noun)
        return row

    def read(self, data: Any) -> UUID | None:
        """Return the id that was sent, None where it is none."""
        return read_id(self.prefix, data) if isinstance(data, str) else None


class AboveIn(RelatedField):
    """The id of what stands above in the path, in either form, said again in the body."""

    default_error_messages = {"other": "Must be the {noun} of the path."}

    def to_internal_value(self, data: Any) -> Any:
        found = self.read(data)
        if found is None or found != self.context["path"][self.field_name]:
            self.fail("other", noun=self.noun)
        return found
