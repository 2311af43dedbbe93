"""Every event type, collected from what the models declare (`config.tenancy.recording`).

It is imported after the app registry has loaded all models. Fields in events have the names of the
record's columns, the same on every surface.
"""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models

from config.tenancy.recording import Recorded

# A webhook is sent this to be tried out; it belongs to no change.
TEST = "test.ping"

# The models whose changes are recorded, by table.
MODELS: dict[str, Any] = {
    model._meta.db_table: model
    for model in apps.get_models()
    if hasattr(model, "recorded") and not model._meta.proxy
}
RECORDED: dict[str, Recorded] = {table: model.recorded for table, model in MODELS.items()}
# By table, what integrators are shown.
PUBLIC = {table: recorded for table, recorded in RECORDED.items() if recorded.public}
TYPES = sorted({type for recorded in PUBLIC.values() for type in recorded.types})


def prefix_of(model: Any) -> str:
    """Return how public ids of a model's rows begin, "" for ids that have no public form."""
    return getattr(model, "id_prefix", "")


def type_sql() -> str:
    """Return SQL for the type of a change, whose columns stand in it as `{name}`."""
    return f"CASE {{table_name}} {' '.join(_branches())} END"


def _branches() -> Iterator[str]:
    for table, recorded in RECORDED.items():
        whens = [
            *(
                f"WHEN {rule.condition} THEN '{recorded.type_of(rule.verb)}'"
                for rule in recorded.rules
            ),
            *(
                f"WHEN {{operation}} = '{operation}' THEN '{recorded.type_of(verb)}'"
                for operation, verb in recorded.verbs.items()
            ),
        ]
        yield f"WHEN '{table}' THEN CASE {' '.join(whens)} END"


def value_forms() -> dict[str, dict[str, str]]:
    """Return by table and column how values are shown to integrators, where not as they are.

    That is the prefix of an id, "@" for a moment, or "-" for what is withheld.
    """
    return {
        table: {
            field.column: form
            for field in model._meta.concrete_fields
            if (form := _form(field, RECORDED[table])) is not None
        }
        for table, model in MODELS.items()
    }


def _form(field: Any, recorded: Recorded) -> str | None:
    if field.column in recorded.withheld:
        return "-"
    if isinstance(field, models.ForeignKey):
        target = field.remote_field.model
        return prefix_of(target) if target._meta.db_table in RECORDED else None
    return "@" if isinstance(field, models.DateTimeField) else None
