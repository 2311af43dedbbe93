"""The outputs of changes, on the v1 surface."""

from typing import Any

from django.apps import apps
from rest_framework import serializers

from config.api.shapes import Id, Instant, OneOf, Part, Shape, ShapeField, Text, Uuid
from config.changes.event_types import PUBLIC, TYPES
from config.changes.expressions import fields_of, noun_of, object_of, public_id_of, type_of
from config.changes.models import Change

# The audit log names the customer of a change; what customers are, their app says.
_CUSTOMER = apps.get_model("customers.Customer").id_prefix


def over_change(expression: Any) -> Any:
    """Show an expression over the change itself."""
    return lambda at: expression()


class ChangedField(serializers.Serializer):
    """The values of a field before and after a change; null for none."""

    before = serializers.JSONField()
    after = serializers.JSONField()


class ChangedFields(ShapeField, serializers.DictField):
    """The fields that changed, by their names in the record."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(over_change(fields_of), child=ChangedField(), **kwargs)


class ChangedObject(Shape):
    """The object that was changed."""

    type = OneOf(over_change(noun_of), choices=sorted(kind.noun for kind in PUBLIC.values()))
    id = Text(over_change(object_of))


class ChangeActor(Shape):
    """The author of a change; `credential_id` is the API client, the key or the staff member."""

    kind = OneOf("actor_kind", choices=Change.Kind.values)
    name = Text("actor_name")
    credential_id = Uuid("credential_id", allow_null=True)


class RecordedChange(Shape):
    """One change of one object, as it is kept for good.

    The fields that changed have the record's own names; ids in them are as on this surface.
    """

    id = Text(over_change(public_id_of))
    type = OneOf(over_change(type_of), choices=TYPES)
    at = Instant()
    object = Part(ChangedObject)
    customer_id = Id(_CUSTOMER, "customer_id", allow_null=True)
    actor = Part(ChangeActor)
    request_id = Text()
    reason = Text()
    changes = ChangedFields()
