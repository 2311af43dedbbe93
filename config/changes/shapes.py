"""What is shown of changes, on the v1 surface."""

from typing import Any

from rest_framework import serializers

from config.api.shapes import Id, Instant, OneOf, Part, Shape, ShapeField, Text, Uuid
from customers.shapes.shown import CUSTOMER

from .expressions import fields_of, noun_of, number_of, object_of, type_of
from .kinds import TOLD, TYPES
from .models import Change


def told(expression: Any) -> Any:
    """Show an expression over the change itself."""
    return lambda at: expression()


class ChangedField(serializers.Serializer):
    """What a field held before and holds after; null where it held nothing."""

    before = serializers.JSONField()
    after = serializers.JSONField()


class ChangedFields(ShapeField, serializers.DictField):
    """The fields that changed, by their names in the record."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(told(fields_of), child=ChangedField(), **kwargs)


class ChangedObject(Shape):
    """What was changed."""

    type = OneOf(told(noun_of), choices=sorted(kind.noun for kind in TOLD.values()))
    id = Text(told(object_of))


class ChangeActor(Shape):
    """Who changed it; `credential_id` is the API client, the key or the staff member."""

    kind = OneOf("actor_kind", choices=Change.Kind.values)
    name = Text("actor_name")
    credential_id = Uuid("credential_id", allow_null=True)


class RecordedChange(Shape):
    """One change of one object, as it is kept for good.

    The fields that changed have the record's own names; ids in them are as on this surface.
    """

    id = Text(told(number_of))
    type = OneOf(told(type_of), choices=TYPES)
    at = Instant()
    object = Part(ChangedObject)
    customer_id = Id(CUSTOMER, "customer_id", allow_null=True)
    actor = Part(ChangeActor)
    request_id = Text()
    reason = Text()
    changes = ChangedFields()
