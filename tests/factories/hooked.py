"""Webhooks, and what is sent to them."""

from typing import Any

import factory

from config.tenancy.actors import Actor
from config.webhooks.actions import create_endpoint, send_test_event
from config.webhooks.models import WebhookDelivery, WebhookEndpoint

from .people import Through


class AWebhook(Through):
    """An address that every event is sent to, unless `types` says which."""

    class Meta:
        model = WebhookEndpoint

    url = factory.Sequence(lambda n: f"https://receiver{n}.example/hook")

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> WebhookEndpoint:
        return create_endpoint(WebhookEndpoint(**fields), actor=actor)[0]


class ADelivery(Through):
    """A test event on its way to an `endpoint`."""

    class Meta:
        model = WebhookDelivery

    endpoint = factory.LazyAttribute(lambda one: AWebhook(company=one.company))

    @classmethod
    def act(cls, actor: Actor, **fields: Any) -> WebhookDelivery:
        return send_test_event(fields["endpoint"], actor=actor)
