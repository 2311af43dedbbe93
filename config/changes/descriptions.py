"""Describe a change to staff: the action, and each field before and after."""

import datetime
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, DateField, DateTimeField, ForeignKey, JSONField
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.money import show_money
from config.tenancy.ids import show_id
from config.tenancy.models import noun_of
from config.tenancy.money_fields import MoneyField

from .event_types import MODELS, RECORDED, TEST, prefix_of
from .models import Change

# The text of each verb of an event type; see `event_types`.
VERBS = {
    "approved": gettext_lazy("approved"),
    "archived": gettext_lazy("archived"),
    "cancelled": gettext_lazy("cancelled"),
    "completed": gettext_lazy("completed"),
    "created": gettext_lazy("created"),
    "deleted": gettext_lazy("deleted"),
    "disabled": gettext_lazy("disabled"),
    "enabled": gettext_lazy("enabled"),
    "erased": gettext_lazy("erased"),
    "expired": gettext_lazy("expired"),
    "failed": gettext_lazy("failed"),
    "given": gettext_lazy("given"),
    "issued": gettext_lazy("issued"),
    "merged": gettext_lazy("merged into another"),
    "moved": gettext_lazy("moved"),
    "no_show": gettext_lazy("missed"),
    "paid": gettext_lazy("paid"),
    "paused": gettext_lazy("paused"),
    "redeemed": gettext_lazy("used"),
    "refunded": gettext_lazy("refunded"),
    "refused": gettext_lazy("refused"),
    "reopened": gettext_lazy("confirmed again"),
    "requested": gettext_lazy("asked for"),
    "restored": gettext_lazy("restored"),
    "resumed": gettext_lazy("resumed"),
    "reversed": gettext_lazy("given back"),
    "revoked": gettext_lazy("revoked"),
    "sold": gettext_lazy("sold"),
    "started": gettext_lazy("started"),
    "succeeded": gettext_lazy("taken"),
    "suspended": gettext_lazy("suspended"),
    "unmerged": gettext_lazy("taken apart again"),
    "updated": gettext_lazy("changed"),
    "used": gettext_lazy("used"),
    "voided": gettext_lazy("voided"),
}
_NOUNS = {recorded.noun: MODELS[table] for table, recorded in RECORDED.items()}
Names = Mapping[tuple[str, uuid.UUID], str]


@dataclass(frozen=True)
class FieldChange:
    """A field that changed; an empty text is no value."""

    label: str
    before: str
    after: str


def event_text(type: str) -> str:
    """Return an event type or a wildcard in words, such as "Credit issued" for `credit.issued`."""
    if type == TEST:
        return _("Test event")
    noun, _dot, verb = type.partition(".")
    if noun == "*":
        return _("Everything %(done)s") % {"done": VERBS[verb]}
    if verb == "*":
        names = _NOUNS[noun]._meta.verbose_name_plural
        return _("Every event of %(things)s") % {"things": names}
    name = noun_of(_NOUNS[noun])
    return capfirst(_("%(thing)s %(done)s") % {"thing": name, "done": VERBS[verb]})


def referenced_ids(changes: Iterable[Change]) -> dict[str, set[uuid.UUID]]:
    """Return the ids that changed fields refer to, by table."""
    found: dict[str, set[uuid.UUID]] = {}
    for change in changes:
        for column, field in _fields(change):
            if isinstance(field, ForeignKey):
                ids = (side[column] for side in _sides(change) if side.get(column))
                table = field.remote_field.model._meta.db_table
                found.setdefault(table, set()).update(map(uuid.UUID, ids))
    return found


def field_changes(change: Change, names: Names, currency: str) -> list[FieldChange]:
    """Return the changed fields in words; `names` has the names of the rows that keys refer to.

    Amounts are in the currency of the change, else in the company's.
    """
    before, after = _sides(change)
    currency = after.get("currency") or before.get("currency") or currency
    described = [
        (
            field,
            FieldChange(
                capfirst(str(field.verbose_name)),
                *(_show(field, side.get(column), names, currency) for side in (before, after)),
            ),
        )
        for column, field in _fields(change)
    ]
    changed = [(field, one) for field, one in described if one.before != one.after]
    # A field without a label for people is shown only if no other field changed.
    named = [one for field, one in changed if isinstance(field.verbose_name, Promise)]
    return named or [one for _field, one in changed]


def _sides(change: Change) -> tuple[dict[str, Any], dict[str, Any]]:
    return change.before or {}, change.after or {}


def _fields(change: Change) -> list[tuple[str, Any]]:
    """Return the columns that changed and their fields, in the model's order."""
    before, after = _sides(change)
    fields = MODELS[change.table_name]._meta.concrete_fields
    return [(one.column, one) for one in fields if one.column in before.keys() | after.keys()]


def _show(field: Any, value: Any, names: Names, currency: str) -> str:
    if value in (None, "", [], {}):
        return ""
    if in_words := getattr(field, "in_words", None):
        return in_words(value)
    if isinstance(field, BooleanField):
        return _("yes") if value else _("no")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, ForeignKey):
        target, key = field.remote_field.model, uuid.UUID(value)
        return names.get((target._meta.db_table, key)) or show_id(prefix_of(target), key)
    if isinstance(field, DateTimeField):
        moment = datetime.datetime.fromisoformat(value)
        return date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    if isinstance(field, DateField):
        return date_format(datetime.date.fromisoformat(value))
    if isinstance(field, MoneyField):
        return show_money(value, currency)
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if isinstance(field, JSONField) and isinstance(value, dict):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    return str(value)
