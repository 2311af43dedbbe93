"""Every event type, collected from what the models declare (`config.tenancy.recording`).

Import this module only after the app registry has loaded all models.
"""

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from config.tenancy.recording import Recorded

# The test event of a webhook; it belongs to no change.
TEST = "test.ping"

# The models whose changes are recorded, by table.
MODELS: dict[str, Any] = {
    model._meta.db_table: model
    for model in apps.get_models()
    if hasattr(model, "recorded") and not model._meta.proxy
}
RECORDED: dict[str, Recorded] = {table: model.recorded for table, model in MODELS.items()}
# The recorded models whose changes integrators see, by table.
PUBLIC = {table: recorded for table, recorded in RECORDED.items() if recorded.public}
TYPES = sorted({type for recorded in PUBLIC.values() for type in recorded.types})
# An event type, or a wildcard: every verb of a noun (`customer.*`) or a verb of every noun.
PATTERN = r"[a-z_]+\.([a-z_]+|\*)|\*\.[a-z_]+"


def types_matching(pattern: str) -> list[str]:
    """Return the event types that match an event type or a wildcard, none for an unknown one."""
    is_pattern = re.fullmatch(PATTERN, pattern) is not None
    return [type for type in TYPES if fnmatchcase(type, pattern)] if is_pattern else []


def unknown_types(patterns: Iterable[str]) -> str:
    """Return a sentence that names the patterns without an event type, "" if there are none."""
    unknown = [f"“{one[:100]}”" for one in patterns if not types_matching(one)]
    if not unknown:
        return ""
    return _(
        "No event type is named %(names)s. The reference lists all of them under “Webhooks”: "
        "/docs/reference/. A wildcard is written `customer.*` or `*.created`."
    ) % {"names": _(" or ").join(unknown[:10])}


def prefix_of(model: Any) -> str:
    """Return the prefix of a model's public ids, "" if it has no public ids."""
    return getattr(model, "id_prefix", "")


def type_sql() -> str:
    """Return SQL for the type of a change; it names the change's columns as `{name}`."""
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
