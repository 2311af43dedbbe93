"""The v1 endpoints of webhooks and their deliveries."""

from typing import Any

from django.http import HttpResponse

from config.api.filtering import ArchivableFilters, Choice, Filters, Moment
from config.api.pages import CursorPages
from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import v1
from config.api.verbs import Verb
from config.changes.event_types import TEST, TYPES

from . import actions, shapes
from .models import WebhookDelivery, WebhookEndpoint

_SCOPES = {"read": "webhooks:manage", "write": "webhooks:manage"}


class Webhooks(Resource):
    """Addresses that events are sent to, newest first."""

    surface = v1
    scopes = _SCOPES
    queryset = WebhookEndpoint.objects.newest_first()
    filterset_class = ArchivableFilters
    shows = {
        "*": shapes.Webhook,
        "create": shapes.WebhookWithSecret,
        "rotate_secret": shapes.WebhookWithSecret,
        "restore": shapes.WebhookWithSecret,
    }
    shows_secret = ("create", "rotate_secret", "restore")
    accepts = {
        "create": shapes.NewWebhook,
        "partial_update": shapes.ChangedWebhook,
        "rotate_secret": shapes.Rotation,
    }
    verbs = {
        "partial_update": Verb(
            actions.change_endpoint, "Send to another address, or other events."
        ),
        "archive": Verb(
            actions.archive_endpoint,
            "Archive a webhook: what waits is cancelled and its secrets are wiped.",
        ),
        "disable": Verb(
            actions.disable_endpoint, "Send nothing until it is enabled; what waits stays."
        ),
        "enable": Verb(
            actions.enable_endpoint,
            """Send again: what waits, and what happens from now on.

What happened while it was disabled is not sent; `GET /v1/changes` has it.""",
        ),
    }

    def create(self, request: Any) -> HttpResponse:
        """Have events sent to an address from now on; its secret is shown this once.

        Messages are signed as Standard Webhooks 1.0.0 has it.
        """
        endpoint, secret = actions.create_endpoint(
            WebhookEndpoint(**self.accepted()), actor=self.actor
        )
        return self.show(endpoint, status=201, secret=secret)

    def rotate_secret(self, request: Any, id: str) -> HttpResponse:
        """Give a webhook a new secret, shown this once.

        Until `previous_secret_expires_at` messages are signed with both, so that nothing is lost
        while the receiver changes over.
        """
        endpoint = self.get_object()
        secret = actions.rotate_secret(endpoint, **self.accepted(), actor=self.actor)
        return self.show(endpoint, secret=secret)

    def restore(self, request: Any, id: str) -> HttpResponse:
        """Restore an archived webhook: its new secret is shown this once.

        What happens from now on is sent. A webhook that was disabled stays so until it is enabled.
        """
        endpoint = self.get_object()
        secret = actions.restore_endpoint(endpoint, actor=self.actor)
        return self.show(endpoint, secret=secret)


class DeliveryFilters(Filters):
    """Filters of the list of deliveries."""

    status = Choice(
        *WebhookDelivery.State.values,
        field_name="state",
        help_text="Only deliveries in this status. `pending`: waits for its next attempt. "
        "`cancelled`: the webhook was archived first. Absent: deliveries of every status.",
    )
    type = Choice(
        *TYPES, TEST, help_text="Only deliveries of this event type. Absent: events of every type."
    )
    created_after = Moment(
        "created_at", "gte", help_text="Only deliveries created at this moment or later."
    )
    created_before = Moment(
        "created_at", "lt", help_text="Only deliveries created before this moment."
    )


class WebhookDeliveries(Resource):
    """List the deliveries of a webhook, sent or waiting, newest first."""

    surface = v1
    scopes = _SCOPES
    queryset = WebhookDelivery.objects.newest_first()
    parent = Parent("endpoint_id", WebhookEndpoint.objects, named="webhook_id")
    filterset_class = DeliveryFilters
    pages = CursorPages()
    shows = {
        "*": shapes.Delivery,
        "retrieve": shapes.DeliveryWithLog,
        "redeliver_range": shapes.Redelivered,
    }
    accepts = {"redeliver_range": shapes.DeliveryRange}
    verbs = {
        "redeliver": Verb(
            actions.redeliver,
            "Send a message again now, the same to the letter; one that waits is sent at once.",
        )
    }

    def test(self, request: Any, webhook_id: str) -> HttpResponse:
        """Send a `test.ping` event; read the message again to see what came back."""
        return self.show(actions.send_test_event(self.parent_object, actor=self.actor))

    def redeliver_range(self, request: Any, webhook_id: str) -> HttpResponse:
        """Send the messages of a period again, oldest first, at most 1,000 per request.

        Those are the messages of `status`, by default the failed ones.
        """
        count, has_more = actions.redeliver_range(
            self.parent_object, **self.accepted(), actor=self.actor
        )
        return self.show_document({"redelivered": count, "has_more": has_more})
