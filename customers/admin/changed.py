"""What a customer's timeline tells of changes of the record: who, when, from what to what, why."""

from typing import Any

from django.db.models import F, Func, OuterRef, Subquery, UUIDField
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.models import PaymentMethod
from config.admin.timeline import Branch, Told
from config.changes.expressions import type_of
from config.changes.models import Change
from config.changes.words import FieldTold, fields_told, what_happened

from ..models import Address, Customer, CustomerUser

CHANGES = "changes"
NAMES = {CHANGES: gettext_lazy("Changes")}
_FIELDS = ("table_name", "operation", "before", "after", "actor_name", "reason")
# Ids of changes count up; a timeline tells rows of one moment apart by UUIDs.
_KEY = Func(
    F("pk"), template="lpad(to_hex(%(expressions)s), 32, '0')::uuid", output_field=UUIDField()
)


def _changed(model: Any) -> Any:
    def rows(whose: Any) -> Any:
        theirs = Change.objects.visible_to(whose).of_customer(whose.pk)
        return theirs.filter(table_name=model._meta.db_table, operation=Change.Operation.CHANGED)

    return rows


def _tell(told: dict[str, Any]) -> Told:
    change = Change(**{name: told[name] for name in _FIELDS})
    fields = [_from_to(one) for one in fields_told(change, {}, "")]
    return Told(what_happened(told["type"]), details=[*fields, told["reason"], _by(told)])


def _from_to(field: FieldTold) -> Any:
    return format_html("{}: {} → {}", field.label, field.before or "–", field.after or "–")


def _by(told: dict[str, Any]) -> str:
    return _("by %(name)s") % {"name": told["actor_name"]} if told["actor_name"] else ""


def _made(whose: Any) -> Any:
    return Customer.objects.visible_to(whose).filter(pk=whose.pk)


def _tell_made(told: dict[str, Any]) -> Told:
    return Told(_("The record was made"), details=[_by(told)])


_maker = Change.objects.filter(object_id=OuterRef("pk"), operation=Change.Operation.CREATED)

MADE = Branch(
    "record",
    "person_add",
    _made,
    "created_at",
    {"actor_name": Subquery(_maker.values("actor_name")[:1])},
    _tell_made,
)
BRANCHES = tuple(
    Branch(
        CHANGES,
        "edit_note",
        _changed(model),
        "at",
        {**{name: F(name) for name in _FIELDS}, "type": type_of()},
        _tell,
        None if model is Customer else model,
        "object_id",
        _KEY,
    )
    for model in (Customer, Address, CustomerUser, PaymentMethod)
)
