"""Webhooks, and what was sent to them (v1)."""

from typing import Any

from django.http import HttpResponse

from config.api.pages import CursorPages
from config.api.parents import Parent
from config.api.resource import Resource
from config.api.surfaces import v1

from ..actions import (
    archive_endpoint,
    change_endpoint,
    create_endpoint,
    disable_endpoint,
    enable_endpoint,
    redeliver,
    redeliver_range,
    rotate_secret,
    send_test_event,
)
from ..models import WebhookDelivery, WebhookEndpoint
from ..prefixes import DELIVERY, ENDPOINT
from .filters import DeliveryFilters, WebhookFilters
from .shapes import (
    ChangedWebhook,
    Delivery,
    DeliveryRange,
    DeliveryWithLog,
    NewWebhook,
    Redelivered,
    Rotation,
    Webhook,
    WebhookWithSecret,
)

_SCOPES = {"read": "webhooks:manage", "write": "webhooks:manage"}


class Webhooks(Resource):
    """Addresses that events are sent to, newest first."""

    surface = v1
    scopes = _SCOPES
    queryset = WebhookEndpoint.objects.newest_first()
    ids = {"id": ENDPOINT}
    filterset_class = WebhookFilters
    shows = {"*": Webhook, "create": WebhookWithSecret, "rotate_secret": WebhookWithSecret}
    shows_secret = ("create", "rotate_secret")
    accepts = {"create": NewWebhook, "partial_update": ChangedWebhook, "rotate_secret": Rotation}

    def create(self, request: Any) -> HttpResponse:
        """Have events sent to an address from now on; its secret is shown this once.

        Messages are signed as Standard Webhooks 1.0.0 has it.
        """
        endpoint, secret = create_endpoint(WebhookEndpoint(**self.accepted()), actor=self.actor)
        return self.show(endpoint, status=201, secret=secret)

    def partial_update(self, request: Any, id: str) -> HttpResponse:
        """Send to another address, or other events."""
        endpoint = self.target()
        change_endpoint(endpoint, changes=self.accepted(), actor=self.actor)
        return self.show(endpoint)

    def destroy(self, request: Any, id: str) -> HttpResponse:
        """End a webhook for good: what waits is cancelled and its secrets are wiped."""
        endpoint = self.target()
        archive_endpoint(endpoint, actor=self.actor)
        return self.show(endpoint)

    def disable(self, request: Any, id: str) -> HttpResponse:
        """Send nothing until it is enabled; what waits stays."""
        return self.show(disable_endpoint(self.target(), actor=self.actor))

    def enable(self, request: Any, id: str) -> HttpResponse:
        """Send again: what waits, and what happens from now on.

        What happened while it was disabled is not sent; `GET /v1/changes` has it.
        """
        return self.show(enable_endpoint(self.target(), actor=self.actor))

    def rotate_secret(self, request: Any, id: str) -> HttpResponse:
        """Give a webhook a new secret, shown this once.

        Until `previous_secret_until` messages are signed with both, so that nothing is lost while
        the receiver changes over.
        """
        endpoint = self.target()
        secret = rotate_secret(endpoint, **self.accepted(), actor=self.actor)
        return self.show(endpoint, secret=secret)


class WebhookDeliveries(Resource):
    """What was sent to a webhook or is on its way, newest first."""

    surface = v1
    scopes = _SCOPES
    queryset = WebhookDelivery.objects.newest_first()
    ids = {"endpoint_id": ENDPOINT, "id": DELIVERY}
    parent = Parent("endpoint_id", WebhookEndpoint.objects)
    filterset_class = DeliveryFilters
    pages = CursorPages()
    shows = {
        "*": Delivery,
        "retrieve": DeliveryWithLog,
        "redeliver_range": Redelivered,
    }
    accepts = {"redeliver_range": DeliveryRange}

    def test(self, request: Any, endpoint_id: str) -> HttpResponse:
        """Send a `test.ping` event; read the message again to see what came back."""
        return self.show(send_test_event(self.above, actor=self.actor))

    def redeliver(self, request: Any, endpoint_id: str, id: str) -> HttpResponse:
        """Send a message again now, the same to the letter; one that waits is sent at once."""
        return self.show(redeliver(self.target(), actor=self.actor))

    def redeliver_range(self, request: Any, endpoint_id: str) -> HttpResponse:
        """Send the failed messages of a time again, 1,000 at once, oldest first."""
        count, has_more = redeliver_range(self.above, **self.accepted(), actor=self.actor)
        return self.tell({"redelivered": count, "has_more": has_more})
