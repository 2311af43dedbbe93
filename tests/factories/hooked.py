"""Factories of webhooks and deliveries."""

from typing import Any

import factory

from config.tenancy.actors import Actor
from config.webhooks.actions import create_endpoint, send_test_event
from config.webhooks.models import WebhookDelivery, WebhookEndpoint

from .people import Through


class AWebhook(Through):
    """A webhook that gets every event, or only the event types in `types`."""

    class Meta:
        model = WebhookEndpoint

    url = factory.Sequence(lambda n: f"https://receiver{n}.example/hook")

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> WebhookEndpoint:
        return create_endpoint(WebhookEndpoint(**fields), actor=actor)[0]


class ADelivery(Through):
    """A pending delivery of a test event to an `endpoint`."""

    class Meta:
        model = WebhookDelivery

    endpoint = factory.LazyAttribute(lambda one: AWebhook(company=one.company))

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> WebhookDelivery:
        return send_test_event(fields["endpoint"], actor=actor)
