"""The inputs and outputs of webhooks, on the v1 surface."""

from typing import Any

from django.db import models
from django.db.models import Case, Value, When
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from config.api.input_fields import Accepted, ChoiceIn, MomentIn, TextField, WholeIn
from config.api.shapes import (
    CreatedAt,
    Id,
    Instant,
    ListOf,
    Many,
    Number,
    OneOf,
    Shape,
    Text,
    TextOrNull,
)
from config.changes.event_types import PATTERN, TEST, TYPES
from config.changes.expressions import public_id_of
from config.statements.compiling import Param

from .actions import FAILING_FOR, LONGEST_OVERLAP, MOST_AT_ONCE, OVERLAP
from .models import MESSAGE, WebhookAttempt, WebhookDelivery, WebhookEndpoint

ENABLED, DISABLED, ARCHIVED = "enabled", "disabled", "archived"

State = WebhookDelivery.State

_DESCRIPTION = "Which system receives the events, in your own words."


def _status(at: Any) -> Case:
    return Case(
        When(archived_at__isnull=False, then=Value(ARCHIVED)),
        When(disabled_at__isnull=False, then=Value(DISABLED)),
        default=Value(ENABLED),
        output_field=models.TextField(),
    )


def _change(at: Any) -> Any:
    """Return the expression for the public id of a delivery's change, as in the feed."""
    return public_id_of("change_id")


class OneOfOrNull(OneOf, TextOrNull):
    """One of a few values, or null."""


# --- Outputs ---


class Webhook(Shape):
    """An address that events are sent to; without `types`, all of them."""

    id = Id(WebhookEndpoint.id_prefix)
    url = Text(help_text="The https address that events are sent to.")
    description = TextOrNull(help_text=f"{_DESCRIPTION} Null if there is none.")
    types = ListOf(
        Text(),
        help_text="The event types that are sent, or wildcards such as `customer.*`. Empty: every "
        "event type.",
    )
    status = OneOf(
        _status,
        choices=[ENABLED, DISABLED, ARCHIVED],
        help_text="`enabled`: events are sent. `disabled`: nothing is sent until it is enabled "
        "again. `archived`: nothing is sent until it is restored.",
    )
    disabled_at = Instant(
        allow_null=True, help_text="When the webhook was disabled; null if it is not."
    )
    disabled_because = OneOfOrNull(
        choices=WebhookEndpoint.Because.values,
        help_text="`staff`: staff or a client disabled it. `gone`: the receiver answered 410. "
        f"`failing`: no message arrived for {FAILING_FOR.days} days. Null if it is not disabled.",
    )
    previous_secret_expires_at = Instant(
        "previous_ends_at",
        allow_null=True,
        help_text="Until when messages are signed with the previous secret as well; null if there "
        "is no previous secret.",
    )
    last_delivered_at = Instant(
        allow_null=True, help_text="When a message last arrived; null if none ever did."
    )
    first_failed_at = Instant(
        "failing_since",
        allow_null=True,
        help_text="When the first attempt failed since a message last arrived; null if none did.",
    )
    created_at = CreatedAt()


class WebhookOfEvent(Webhook):
    """A webhook without its URL, which may be a key: readers of the feed are not shown it."""

    url = None  # type: ignore[assignment]


class WebhookWithSecret(Webhook):
    """A webhook and its new secret, which is shown this once."""

    secret = Text(
        lambda at: Param("secret", models.TextField()),
        help_text="The secret that messages are signed with, `whsec_` and base64. Store it now: no "
        "other answer shows it.",
    )


class Delivery(Shape):
    """One event on its way to a webhook; `change_id` is null for a test event.

    `message_id` is its `webhook-id`, the same at every attempt; `attempts` counts from when it was
    last asked for.
    """

    id = Id(WebhookDelivery.id_prefix)
    message_id = Id(
        MESSAGE,
        help_text="The id of the message: the header `webhook-id`, the same at every attempt.",
    )
    type = Text(
        help_text=f"The event type, as it was called when the message was made, or `{TEST}`."
    )
    change_id = Text(
        _change,
        allow_null=True,
        help_text="The id of the change that the message reports, as the change feed shows it; "
        "null for a test.",
    )
    status = OneOf(
        "state",
        choices=State.values,
        help_text="`pending`: waits for its next attempt. `delivered`: the receiver answered 2xx. "
        "`failed`: all attempts failed. `cancelled`: the webhook was archived first.",
    )
    attempts = Number(
        help_text="How many attempts were made since the message was created or last redelivered."
    )
    next_at = Instant(
        allow_null=True, help_text="When the next attempt is due; null if there is none."
    )
    delivered_at = Instant(
        allow_null=True, help_text="When the receiver answered 2xx; null if it did not."
    )
    created_at = CreatedAt()


class DeliveryAttempt(Shape):
    """An attempt to deliver: what was answered, or why nothing was."""

    began_at = Instant(help_text="When the attempt was made.")
    duration_milliseconds = Number(
        "milliseconds", help_text="How long the attempt took, in milliseconds."
    )
    http_status = Number(
        "status", allow_null=True, help_text="The status of the answer; null if there was none."
    )
    error = TextOrNull(
        help_text="Why there was no answer, or why it does not count; null if it counts."
    )
    answer = TextOrNull(
        help_text="The beginning of the body that the receiver answered, about 1,000 bytes; null "
        "if it is empty."
    )


class DeliveryWithLog(Delivery):
    """A message with its `body` to the letter, and every attempt to deliver it, oldest first."""

    body = Text(help_text="The JSON text of the message, byte for byte as it is signed and sent.")
    log = Many(
        DeliveryAttempt,
        WebhookAttempt.objects.all,
        "delivery_id",
        "id",
        help_text="Every attempt to deliver the message, oldest first.",
    )


class Redelivered(serializers.Serializer):
    """How many messages are sent again; where `has_more`, ask once more for the rest."""

    redelivered = serializers.IntegerField(
        help_text=f"How many messages are sent again now, at most {MOST_AT_ONCE:,}."
    )
    has_more = serializers.BooleanField(
        help_text="Whether more messages match: if true, send the request again."
    )


# The v1 shapes of models whose changes are public.
EVENT_SHAPES = {WebhookEndpoint: WebhookOfEvent}


# --- Inputs ---


@extend_schema_field({"type": "string", "pattern": f"^({PATTERN})$", "maxLength": 60})
class EventTypeIn(serializers.CharField):
    """An event type or a wildcard; the action refuses one that means no event type."""


class NewWebhook(Accepted):
    """Where to send events, and which."""

    url = TextField(
        WebhookEndpoint.url.field,
        required=True,
        help_text="The https address to send events to. The internet must reach it; a user name, a "
        "password and a fragment are refused.",
    )
    description = TextField(WebhookEndpoint.description.field, help_text=_DESCRIPTION)
    types = serializers.ListField(
        child=EventTypeIn(max_length=60),
        required=False,
        max_length=len(TYPES),
        help_text="The event types to send. `customer.*` is every event of customers and "
        "`*.created` every creation, with the types that a later version adds. Empty or absent: "
        "every event.",
    )


class ChangedWebhook(NewWebhook):
    """Another address, or other events."""


class Rotation(Accepted):
    """For how many hours the secret of before signs as well."""

    overlap_hours = WholeIn(
        required=False,
        min_value=0,
        max_value=LONGEST_OVERLAP,
        help_text="For how many hours messages are signed with the previous secret as well. "
        f"Absent: {OVERLAP}.",
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
        help_text="The status of the messages to send again. Absent: `failed`.",
    )
