"""The inputs and outputs of webhooks, on the v1 surface."""

from typing import Any

from django.db import models
from django.db.models import Case, Value, When
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api.input_fields import Accepted, ChoiceIn, MomentIn, TextField, WholeIn
from config.api.shapes import Id, Instant, ListOf, Many, Number, OneOf, Shape, Text, TextOrNull
from config.changes.event_types import PATTERN, TEST, TYPES
from config.changes.expressions import public_id_of
from config.statements.compiling import Param

from .actions import LONGEST_OVERLAP, OVERLAP
from .models import MESSAGE, WebhookAttempt, WebhookDelivery, WebhookEndpoint

ENABLED, DISABLED, ARCHIVED = "enabled", "disabled", "archived"

State = WebhookDelivery.State


def _status(at: Any) -> Case:
    return Case(
        When(archived_at__isnull=False, then=Value(ARCHIVED)),
        When(disabled_at__isnull=False, then=Value(DISABLED)),
        default=Value(ENABLED),
        output_field=models.TextField(),
    )


def _change(at: Any) -> Any:
    """The id of the change as the feed has it."""
    return public_id_of("change_id")


class OneOfOrNull(OneOf, TextOrNull):
    """One of a few words, null where there is none."""


# --- What comes out ---


class Webhook(Shape):
    """An address that events are sent to; without `types`, all of them."""

    id = Id(WebhookEndpoint.id_prefix)
    url = Text()
    description = TextOrNull()
    types = ListOf(
        Text(),
        help_text="The event types that are sent, or wildcards, as they were given; empty: all.",
    )
    status = OneOf(_status, choices=[ENABLED, DISABLED, ARCHIVED])
    disabled_at = Instant(allow_null=True)
    disabled_because = OneOfOrNull(choices=WebhookEndpoint.Because.values)
    previous_secret_expires_at = Instant(
        "previous_ends_at",
        allow_null=True,
        help_text="Until when messages are signed with the previous secret as well; null for never "
        "again.",
    )
    last_delivered_at = Instant(allow_null=True)
    first_failed_at = Instant(
        "failing_since",
        allow_null=True,
        help_text="When an attempt first failed since anything last arrived; null if none has.",
    )
    created_at = Instant()


class WebhookOfEvent(Webhook):
    """A webhook without its URL, which may be a key: readers of the feed are not shown it."""

    url = None  # type: ignore[assignment]


class WebhookWithSecret(Webhook):
    """A webhook and its new secret, which is shown this once."""

    secret = Text(lambda at: Param("secret", models.TextField()))


class Delivery(Shape):
    """One event on its way to a webhook; `change_id` is null for a test event.

    `message_id` is its `webhook-id`, the same at every attempt; `attempts` counts from when it was
    last asked for.
    """

    id = Id(WebhookDelivery.id_prefix)
    message_id = Id(MESSAGE)
    type = Text(
        help_text=f"The event type, as it was called when the message was made, or `{TEST}`."
    )
    change_id = Text(_change, allow_null=True)
    status = OneOf(
        "state",
        choices=State.values,
        help_text="pending: it waits for its next attempt; cancelled: the webhook was archived.",
    )
    attempts = Number()
    next_at = Instant(allow_null=True)
    delivered_at = Instant(allow_null=True)
    created_at = Instant()


class DeliveryAttempt(Shape):
    """An attempt to deliver: what was answered, or why nothing was."""

    began_at = Instant()
    duration_milliseconds = Number("milliseconds", help_text="How long the attempt took.")
    http_status = Number(
        "status", allow_null=True, help_text="The status of the answer; null if there was none."
    )
    error = TextOrNull()
    answer = TextOrNull()


class DeliveryWithLog(Delivery):
    """A message with its `body` to the letter, and every attempt to deliver it, oldest first."""

    body = Text()
    log = Many(DeliveryAttempt, WebhookAttempt.objects.all, "delivery_id", "id")


class Redelivered(serializers.Serializer):
    """How many messages are sent again; where `has_more`, ask once more for the rest."""

    redelivered = serializers.IntegerField()
    has_more = serializers.BooleanField()


# The v1 shape of the models whose changes are public.
EVENT_SHAPES = {WebhookEndpoint: WebhookOfEvent}


# --- What comes in ---


@extend_schema_field({"type": "string", "pattern": f"^({PATTERN})$", "maxLength": 60})
class EventTypeIn(serializers.CharField):
    """An event type or a wildcard; the action refuses one that means no event type."""


class NewWebhook(Accepted):
    """Where to send events, and which."""

    url = TextField(WebhookEndpoint.url.field, required=True)
    description = TextField(WebhookEndpoint.description.field)
    types = serializers.ListField(
        child=EventTypeIn(max_length=60),
        required=False,
        max_length=len(TYPES),
        help_text="The event types to send. `customer.*` is every event of customers and "
        "`*.created` every creation, with the types that a later version adds. Empty: all events.",
    )


class ChangedWebhook(NewWebhook):
    """Another address, or other events."""


class Rotation(Accepted):
    """For how many hours the secret of before signs as well."""

    overlap_hours = WholeIn(
        required=False, min_value=0, max_value=LONGEST_OVERLAP, help_text=f"Absent: {OVERLAP}."
    )


class DeliveryRange(Accepted):
    """Which messages to send again: those made in a period that have a status."""

    created_after = MomentIn(help_text="Messages that were made at this moment or later.")
    created_before = MomentIn(
        required=False, help_text="Messages that were made before this moment. Absent: all since."
    )
    status = ChoiceIn(
        source="state",
        choices=[
            one.value for one in (State.FAILED, State.CANCELLED, State.DELIVERED, State.PENDING)
        ],
        required=False,
        help_text="Absent: failed.",
    )
