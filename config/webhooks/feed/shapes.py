"""The outputs of changes, on the v1 surface."""

from typing import Any

from django.apps import apps
from rest_framework import serializers

from config.api.shapes import Id, Instant, OneOf, Part, Shape, ShapeField, Text, Uuid
from config.changes.event_types import PUBLIC, TYPES
from config.changes.expressions import noun_of, object_of, public_id_of, type_of
from config.changes.models import Change

from .objects import changed_fields, is_event, shown_object

# The audit log has the id of a change's customer; the prefix of the id belongs to that app.
_CUSTOMER = apps.get_model("customers.Customer").id_prefix


def shown_changes() -> Any:
    """Return the changes of public models, including changes of columns that v1 does not show."""
    return Change.objects.public().filter(table_name__in=sorted(PUBLIC))


def events() -> Any:
    """Return the changes that are v1 events: those of which v1 shows something."""
    return Change.objects.public().filter(is_event())


def over_change(expression: Any) -> Any:
    """Return a field's expression that depends only on the change."""
    return lambda at: expression()


class ChangedObject(ShapeField, serializers.JSONField):
    """The object itself, by the v1 shape of its model."""


class ChangedFields(ShapeField, serializers.DictField):
    """The fields that changed, each with its value before and after."""


class ChangeData(Shape):
    """The object of a change, and the fields of it that changed."""

    object = ChangedObject(
        over_change(shown_object),
        allow_null=True,
        help_text="The object as this surface shows it: in the feed as it is when you read, in a "
        "webhook as it was when the message was made. Null once the object is gone.",
    )
    changes = ChangedFields(
        over_change(changed_fields),
        child=serializers.ListField(child=serializers.JSONField(), min_length=2, max_length=2),
        help_text="The fields of the object that changed: the value before and the value after, "
        "each as the object shows it. Null stands for no value, as before a creation.",
    )


class ChangeActor(Shape):
    """The author of a change."""

    kind = OneOf(
        "actor_kind",
        choices=Change.Kind.values,
        help_text="Who made the change: a member of staff, an API client, an API key, a command of "
        "the operator, or a session of the database.",
    )
    name = Text("actor_name", help_text="The author's name at that time.")
    credential_id = Uuid(
        "credential_id",
        allow_null=True,
        help_text="The id of the API client, the API key or the member of staff; null for others.",
    )


class RecordedChange(Shape):
    """One change of one object, as the feed, a webhook and an audit show it."""

    schema_name = "Change"

    id = Text(
        over_change(public_id_of),
        help_text="The id of the change, the same in the feed, in webhooks and in an audit.",
    )
    type = OneOf(over_change(type_of), choices=TYPES, help_text="The event type.")
    occurred_at = Instant("at", help_text="When the change was made.")
    object_type = OneOf(
        over_change(noun_of),
        choices=sorted(kind.noun for kind in PUBLIC.values()),
        help_text="The kind of object that changed.",
    )
    object_id = Text(over_change(object_of), help_text="The id of the object that changed.")
    customer_id = Id(
        _CUSTOMER,
        "customer_id",
        allow_null=True,
        help_text="The customer whose object it is; null for an object of no customer.",
    )
    actor = Part(ChangeActor, help_text="The author of the change.")
    request_id = Text(help_text='The `Request-Id` of the request that made the change, or "".')
    reason = Text(help_text='The reason that the author gave, in `X-Reason` for example, or "".')
    data = Part(  # type: ignore[assignment]
        ChangeData, help_text="The object, and the fields of it that changed."
    )


class WebhookMessage(RecordedChange):
    """The body of a webhook's message: the change, and `timestamp` for Standard Webhooks."""

    timestamp = Instant("at", help_text="When the change was made, as `occurred_at`.")
