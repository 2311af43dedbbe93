"""The database operations of the webhook sender: create messages, lease them, record outcomes."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.fernet import InvalidToken
from django.db import connection, transaction
from django.db.models.functions import Now

from config.changes.event_types import types_matching
from config.changes.models import Change
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.scoping import active_company
from config.times import database_now

from ..feed.positions import settled
from ..messages import SECONDS, Message, Outcome
from ..models import WebhookAttempt, WebhookDelivery, WebhookEndpoint
from ..schedule import pause_after
from ..secrets import unseal
from ..tasks import send_webhook_disabled
from .endpoints import disable_endpoint

# How many changes become messages in one transaction: 10,000 messages for 100 webhooks.
CHANGES_AT_ONCE = 100
# About how many bytes these messages have, over all webhooks.
BYTES_AT_ONCE = 16 * 1024 * 1024
# How many messages one statement writes, and about how many bytes.
MESSAGES_AT_ONCE = 500
BYTES_A_STATEMENT = 4 * 1024 * 1024
# How long a sender may hold a message; after that, another sender may take it.
LEASE = timedelta(seconds=2 * SECONDS)
# If no message was delivered for this long, the next failed message disables the webhook.
FAILING_FOR = timedelta(days=3)

# Returns the id, the body and the event type of each event between two positions, of the given
# types or of all. Bodies beyond the given number of bytes are None.
type WriteBodies = Callable[
    [int, int, list[str] | None, int], Iterable[tuple[int, str | None, str]]
]

State = WebhookDelivery.State
Because = WebhookEndpoint.Because


@dataclass(frozen=True, slots=True)
class AtWork:
    """A webhook with changes to process or messages to send."""

    company_id: uuid.UUID
    endpoint_id: uuid.UUID
    is_behind: bool
    is_due: bool
    is_failing: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A message that only this sender may send until `leased_until`."""

    company_id: uuid.UUID
    endpoint_id: uuid.UUID
    delivery_id: uuid.UUID
    leased_until: datetime
    is_failing: bool
    message: Message


def at_work() -> list[AtWork]:
    """Return all companies' webhooks that have changes to process, or messages to send now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM changes_webhooks_at_work()")
        return [AtWork(*row) for row in cursor.fetchall()]


@transaction.atomic
def fan_out(write_bodies: WriteBodies) -> bool:
    """Create messages for new changes of the active company; return whether there may be more.

    Each webhook gets each change once, up to the position before which no late commit can appear.
    All webhooks are locked, so that a change has one message with the same bytes for all of them;
    if another transaction has locked one, nothing is created. One call creates messages for at most
    CHANGES_AT_ONCE changes, of about BYTES_AT_ONCE.
    """
    company_id = active_company()
    rows = WebhookEndpoint.objects.enabled().filter(company_id=company_id).oldest_first()
    endpoints = list(rows.select_for_update(no_key=True, skip_locked=True))
    if len(endpoints) < rows.count():
        return False
    until = settled(company_id)
    behind = [one for one in endpoints if one.position < until]
    if not behind:
        return False
    after = min(one.position for one in behind)
    changes = Change.objects.filter(company_id=company_id, id__gt=after, id__lte=until)
    ids = list(changes.oldest_first().values_list("id", flat=True)[:CHANGES_AT_ONCE])
    until = ids[-1] if len(ids) == CHANGES_AT_ONCE else until
    made = _make_messages(behind, write_bodies, after, until)
    for endpoint in behind:
        endpoint.position = max(endpoint.position, made)
    WebhookEndpoint.objects.bulk_update(behind, ["position"])
    return made < until or len(ids) == CHANGES_AT_ONCE


def claim_due(endpoint_id: uuid.UUID, most: int) -> list[Held]:
    """Lease at most `most` due messages of a webhook of the active company.

    A message is sent with the URL and the secrets of now; later changes of the webhook apply to the
    next messages that are leased.
    """
    endpoint = WebhookEndpoint.objects.enabled().filter(pk=endpoint_id).first()
    if endpoint is None:
        return []
    rows = WebhookDelivery.objects.due().filter(endpoint=endpoint)
    due = list(rows.annotate(clock=Now()).select_for_update(skip_locked=True)[:most])
    if not due:
        return []
    first: Any = due[0]
    leased_until = first.clock + LEASE
    WebhookDelivery.objects.filter(pk__in=[one.pk for one in due]).update(leased_until=leased_until)
    secrets = _secrets(endpoint, first.clock)
    return [
        Held(
            company_id=one.company_id,
            endpoint_id=endpoint.pk,
            delivery_id=one.pk,
            leased_until=leased_until,
            is_failing=endpoint.failing_since is not None,
            message=Message(one.message_id, endpoint.url, one.body, secrets),
        )
        for one in due
    ]


@transaction.atomic
def record_attempt(held: Held, outcome: Outcome) -> None:
    """Record the outcome of an attempt, and what follows from it.

    A 2xx marks the message as delivered. A 410 disables the webhook and cancels its waiting
    messages. Any other outcome schedules a retry, and after the last attempt the message fails. If
    a message fails and nothing was delivered for FAILING_FOR, the webhook is disabled too.

    The sender may have lost the message in the meantime: its lease expired, or the webhook was
    archived or disabled. A 2xx still marks it as delivered, because the receiver has it. Any other
    outcome is only logged, and the message's state is left to its current holder. The response is
    not stored if the message was emptied in the meantime, because a response often repeats the
    message.
    """
    began_at = database_now() - timedelta(milliseconds=outcome.milliseconds)
    endpoint = WebhookEndpoint.objects.select_for_update(no_key=True).get(pk=held.endpoint_id)
    delivery = WebhookDelivery.objects.select_for_update().get(pk=held.delivery_id)
    is_emptied = delivery.body != held.message.body
    WebhookAttempt.objects.create(
        company_id=held.company_id,
        delivery=delivery,
        began_at=began_at,
        milliseconds=outcome.milliseconds,
        status=outcome.status,
        error="" if is_emptied else outcome.error,
        answer="" if is_emptied else outcome.answer,
    )
    is_ours = delivery.leased_until == held.leased_until and delivery.state == State.PENDING
    if is_ours:
        delivery.leased_until = None
    if outcome.has_arrived:
        _note_arrival(endpoint, delivery)
    elif is_ours:
        endpoint.failing_since = endpoint.failing_since or began_at
        endpoint.save(update_fields=["failing_since"])
        _note_failure(endpoint, delivery, outcome)


def release(held: Held) -> None:
    """Release the lease of a message of the active company that was not sent."""
    rows = WebhookDelivery.objects.filter(pk=held.delivery_id, leased_until=held.leased_until)
    rows.update(leased_until=None)


def _make_messages(
    endpoints: list[WebhookEndpoint], write_bodies: WriteBodies, after: int, until: int
) -> int:
    """Create a message of every new change for each endpoint that subscribes to its type.

    Returns the position up to which all messages are created, which is at least the first change.
    """
    wanted = [
        (one, {type for pattern in one.types for type in types_matching(pattern)})
        for one in endpoints
    ]
    are_choosy = all(one.types for one in endpoints)
    types = sorted(set[str]().union(*(types for _one, types in wanted))) if are_choosy else None
    messages = []
    for id, body, type in write_bodies(after, until, types, BYTES_AT_ONCE // len(endpoints)):
        if body is None:
            until = id - 1
            break
        messages += [
            WebhookDelivery(
                company_id=endpoint.company_id,
                endpoint=endpoint,
                change_id=id,
                type=type,
                body=body,
                next_at=Now(),
            )
            for endpoint, types in wanted
            if id > endpoint.position and (not endpoint.types or type in types)
        ]
    for batch in _batches(messages):
        WebhookDelivery.objects.bulk_create(batch)
    return until


def _batches(messages: list[WebhookDelivery]) -> Iterator[list[WebhookDelivery]]:
    """Yield messages in batches of one statement each."""
    batch: list[WebhookDelivery] = []
    size = 0
    for message in messages:
        batch.append(message)
        size += len(message.body)
        if len(batch) == MESSAGES_AT_ONCE or size >= BYTES_A_STATEMENT:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _secrets(endpoint: WebhookEndpoint, now: datetime) -> tuple[str, ...]:
    """Return the secrets that sign now, none if they cannot be decrypted with any key."""
    kept = [endpoint.secret]
    if endpoint.previous_ends_at and endpoint.previous_ends_at > now:
        kept.append(endpoint.previous_secret)
    try:
        return tuple(map(unseal, kept))
    except InvalidToken:
        return ()


def _note_arrival(endpoint: WebhookEndpoint, delivery: WebhookDelivery) -> None:
    now = database_now()
    delivery.state, delivery.delivered_at, delivery.next_at = State.DELIVERED, now, None
    delivery.attempts += 1
    delivery.save(update_fields=["state", "attempts", "next_at", "leased_until", "delivered_at"])
    endpoint.last_delivered_at, endpoint.failing_since = now, None
    endpoint.save(update_fields=["last_delivered_at", "failing_since"])


def _note_failure(endpoint: WebhookEndpoint, delivery: WebhookDelivery, outcome: Outcome) -> None:
    now = database_now()
    delivery.attempts += 1
    pause = None if outcome.is_gone else pause_after(delivery.attempts, outcome.retry_after, now)
    delivery.state = State.FAILED if pause is None else State.PENDING
    delivery.next_at = None if pause is None else now + pause
    delivery.save(update_fields=["state", "attempts", "next_at", "leased_until"])
    if outcome.is_gone:
        waiting = WebhookDelivery.objects.filter(endpoint=endpoint, state=State.PENDING)
        waiting.update(state=State.CANCELLED, next_at=None)
        _disable(endpoint, Because.GONE)
    elif pause is None and endpoint.failing_since and endpoint.failing_since <= now - FAILING_FOR:
        _disable(endpoint, Because.FAILING)


def _disable(endpoint: WebhookEndpoint, because: str) -> None:
    """Disable a webhook, and send the reason to the company's owners."""
    if not endpoint.is_enabled:
        return
    company = Company.objects.get(pk=endpoint.company_id)
    disable_endpoint(endpoint, actor=Actor.command(company), because=because)
    send_webhook_disabled.defer(company_id=str(company.pk), endpoint_id=str(endpoint.pk))
