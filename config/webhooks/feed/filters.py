"""Query parameters of the lists of changes."""

from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError

from config.api.filtering import Bindable, Filters
from config.changes.event_types import TYPES
from config.changes.expressions import TYPES as LIST
from config.changes.expressions import AnyOf, type_of

_WORD = r"\s*[a-z_]+\.[a-z_]+\s*"


class TypesField(forms.CharField):
    """Event types with commas between them."""

    def clean(self, value: Any) -> Any:
        types = [word.strip() for word in super().clean(value).split(",")]
        for word in types:
            if word not in TYPES:
                raise ValidationError(
                    f"There is no event type “{word[:100]}”. /docs/ lists the types."
                )
        return sorted(set(types))


class Types(Bindable, django_filters.Filter):
    field_class = TypesField
    output = LIST
    schema = {"type": "string", "maxLength": 4000, "pattern": rf"^{_WORD}(,{_WORD})*$"}


class ChangeFilters(Filters):
    """How a reader of changes leaves out what they do not follow."""

    types = Types(
        method="of_types",
        max_length=4000,
        strip=False,
        help_text="Event types with commas between them, `customer.created,credit.issued`.",
    )

    def of_types(self, rows: Any, name: str, types: Any) -> Any:
        return rows.filter(AnyOf(type_of(), types))
