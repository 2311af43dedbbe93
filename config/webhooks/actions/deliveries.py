import json
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from config.changes.event_types import TEST
from config.tenancy.actors import Actor
from config.tenancy.ids import show_id
from config.times import database_now

from ..errors import NoSuchRange, WebhookDisabled
from ..models import WebhookDelivery, WebhookDeliveryQuerySet, WebhookEndpoint
from .endpoints import lock_endpoint

MOST_AT_ONCE = 1_000

State = WebhookDelivery.State


@transaction.atomic
def send_test_event(endpoint: WebhookEndpoint, *, actor: Actor) -> WebhookDelivery:
    """Send a test event, which is signed like any other, to an enabled endpoint.

    Raises WebhookArchived or WebhookDisabled.
    """
    endpoint = _enabled(endpoint, actor=actor)
    now = database_now()
    body = {
        "type": TEST,
        "timestamp": f"{now:%Y-%m-%dT%H:%M:%S.%fZ}",
        "data": {"webhook_id": show_id(WebhookEndpoint.id_prefix, endpoint.pk)},
    }
    return WebhookDelivery.objects.create(
        company_id=actor.company_id,
        endpoint=endpoint,
        type=TEST,
        body=json.dumps(body, separators=(",", ":")),
        next_at=now,
    )


@transaction.atomic
def redeliver(delivery: WebhookDelivery, *, actor: Actor) -> WebhookDelivery:
    """Send the same bytes of a message again now; a message that waits is sent at once.

    Raises WebhookArchived or WebhookDisabled.
    """
    _enabled(delivery.endpoint, actor=actor)
    _send_again(WebhookDelivery.objects.visible_to(actor).filter(pk=delivery.pk))
    delivery.refresh_from_db()
    return delivery


@transaction.atomic
def redeliver_range(
    endpoint: WebhookEndpoint,
    *,
    created_after: datetime,
    created_before: datetime | None = None,
    state: str = State.FAILED,
    actor: Actor,
) -> tuple[int, bool]:
    """Send again the messages with a state that were created in a period, oldest first.

    `created_after` is the first moment of the period, `created_before` the first moment after it.

    Returns the number of messages, at most MOST_AT_ONCE, and whether there are more. Raises
    NoSuchRange, WebhookArchived or WebhookDisabled.
    """
    if created_before is not None and created_before < created_after:
        raise NoSuchRange
    endpoint = _enabled(endpoint, actor=actor)
    rows = WebhookDelivery.objects.visible_to(actor).filter(
        endpoint=endpoint, state=state, created_at__gte=created_after
    )
    if created_before is not None:
        rows = rows.filter(created_at__lt=created_before)
    found = list(rows.oldest_first().values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    chosen = WebhookDelivery.objects.visible_to(actor).filter(pk__in=found[:MOST_AT_ONCE])
    return _send_again(chosen), len(found) > MOST_AT_ONCE


def _enabled(endpoint: WebhookEndpoint, *, actor: Actor) -> WebhookEndpoint:
    endpoint = lock_endpoint(endpoint, actor=actor)
    if endpoint.disabled_at is not None:
        raise WebhookDisabled
    return endpoint


def _send_again(rows: WebhookDeliveryQuerySet) -> int:
    """Reset messages to their initial state; a sender that holds one is not interrupted."""
    return rows.update(state=State.PENDING, attempts=0, next_at=Now(), delivered_at=None)
