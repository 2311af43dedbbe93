"""The changes of a customer's record, as a part of the timeline."""

from typing import Any

from django.db.models import F, Func, OuterRef, Subquery, UUIDField
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import PaymentMethod
from config.admin.timeline import Branch, TimelineEntry, by, fields
from config.changes.descriptions import FieldChange, event_text, field_changes
from config.changes.expressions import type_of
from config.changes.models import Change

from ..models import Address, ContactPoint, Customer, CustomerUser

CHANGES = "changes"
NAMES = {CHANGES: gettext_lazy("Changes")}
_FIELDS = ("table_name", "operation", "before", "after", "actor_name", "reason")
# Ids of changes are numbers; a timeline orders rows of the same moment by UUID.
_KEY = Func(
    F("pk"), template="lpad(to_hex(%(expressions)s), 32, '0')::uuid", output_field=UUIDField()
)


def _describe(values: dict[str, Any]) -> TimelineEntry:
    change = Change(**{name: values[name] for name in _FIELDS})
    changed = [_from_to(one) for one in field_changes(change, {}, "")]
    return TimelineEntry(
        event_text(values["type"]), details=[*changed, values["reason"], by(values["actor_name"])]
    )


def _from_to(field: FieldChange) -> Any:
    return format_html("{}: {} → {}", field.label, field.before or "–", field.after or "–")


def _describe_made(values: dict[str, Any]) -> TimelineEntry:
    return TimelineEntry(_("The record was made"), details=[by(values["actor_name"])])


_maker = Change.objects.filter(object_id=OuterRef("pk"), operation=Change.Operation.CREATED)

MADE = Branch(
    "record",
    "person_add",
    Customer.objects.all(),
    "created_at",
    {"actor_name": Subquery(_maker.values("actor_name")[:1])},
    _describe_made,
    whose="pk",
)
BRANCHES = tuple(
    Branch(
        CHANGES,
        "edit_note",
        Change.objects.filter(table_name=model._meta.db_table, operation=Change.Operation.CHANGED),
        "at",
        fields(*_FIELDS, type=type_of()),
        _describe,
        None if model is Customer else model,
        "object_id",
        _KEY,
    )
    # Cursors contain positions in this order: only append to it.
    for model in (Customer, Address, CustomerUser, PaymentMethod, ContactPoint)
)
