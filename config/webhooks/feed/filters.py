"""Filters of the lists of changes."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError

from config.api.filtering import Bindable, Filters
from config.changes.event_types import PATTERN, types_matching, unknown_types
from config.changes.expressions import TYPES, AnyOf, type_of

_WORD = rf"\s*({PATTERN})\s*"


class TypesField(forms.CharField):
    """Event types and wildcards, separated by commas."""

    def clean(self, value: Any) -> Any:
        patterns = [word.strip() for word in super().clean(value).split(",")]
        if sentence := unknown_types(patterns):
            raise ValidationError(sentence)
        return sorted({type for pattern in patterns for type in types_matching(pattern)})


class Types(Bindable, django_filters.Filter):
    field_class = TypesField
    output = TYPES
    schema = {"type": "string", "maxLength": 4000, "pattern": rf"^{_WORD}(,{_WORD})*$"}


class ChangeFilters(Filters):
    """Filters of the feed and of other lists of changes."""

    types = Types(
        method="of_types",
        max_length=4000,
        strip=False,
        help_text="Only changes of these event types, with commas between them. `customer.*` means "
        "every event of customers, `*.created` every creation. Absent: changes of every type.",
    )

    def of_types(self, rows: Any, name: str, types: Any) -> Any:
        return rows.filter(AnyOf(type_of(), types))
