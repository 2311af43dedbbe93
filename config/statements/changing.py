"""Changes of a row's fields, as forms and requests send them: names and new values."""

from collections.abc import Iterable, Mapping

from django.db import models

type Changes = Mapping[str, object]


def apply_changes(row: models.Model, changes: Changes) -> list[str]:
    """Set the fields whose value differs from the changes, and return their names."""
    changed = []
    for name, value in changes.items():
        field = row._meta.get_field(name)
        assert isinstance(field, models.Field)
        key = value.pk if isinstance(value, models.Model) else value
        if field.value_from_object(row) != key:
            setattr(row, name, value)
            changed.append(name)
    return changed


def save_changes(row: models.Model, names: Iterable[str]) -> None:
    """Save these fields of a row together with `updated_at`; do nothing when there are none."""
    if names := [*names]:
        row.save(update_fields=[*names, "updated_at"])
