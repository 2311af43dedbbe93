"""The records of the webhook sender: messages, their leases and their outcomes."""

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

# How many changes become messages in one transaction: up to 10,000 messages for 100 webhooks.
CHANGES_AT_ONCE = 100
# About how many bytes those messages have, of all webhooks together.
BYTES_AT_ONCE = 16 * 1024 * 1024
# How many messages one statement writes, and about how many bytes.
MESSAGES_AT_ONCE = 500
BYTES_A_STATEMENT = 4 * 1024 * 1024
# How long a sender may take over a message that it holds; another takes it up afterwards.
LEASE = timedelta(seconds=2 * SECONDS)
# Nothing arrived for so long and a message was given up: the receiver is not there any more.
FAILING_FOR = timedelta(days=3)

# The id, the body and the event type of each event between two positions: of these types, or all.
# The bodies behind the first so many bytes are None.
type WriteBodies = Callable[
    [int, int, list[str] | None, int], Iterable[tuple[int, str | None, str]]
]

State = WebhookDelivery.State
Because = WebhookEndpoint.Because


@dataclass(frozen=True, slots=True)
class AtWork:
    """A webhook that something is to be done for."""

    company_id: uuid.UUID
    endpoint_id: uuid.UUID
    is_behind: bool
    is_due: bool
    is_failing: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A message that this sender alone may send until `leased_until`."""

    company_id: uuid.UUID
    endpoint_id: uuid.UUID
    delivery_id: uuid.UUID
    leased_until: datetime
    is_failing: bool
    message: Message


def at_work() -> list[AtWork]:
    """Return every company's webhooks that have changes to look at, or messages to send, now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM changes_webhooks_at_work()")
        return [AtWork(*row) for row in cursor.fetchall()]


@transaction.atomic
def fan_out(write_bodies: WriteBodies) -> bool:
    """Make messages of what happened in the active company since it was last looked at.

    Every webhook gets each change once, up to where no late commit can still come before it. All
    webhooks are held meanwhile, so that each change has one message, with the same bytes for all
    of them: while a transaction holds one, nothing is made. At the most CHANGES_AT_ONCE changes
    become messages, and about BYTES_AT_ONCE of them. Returns whether there may be more to make.
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
    """Hold messages of the active company whose time has come, no more than can be sent now.

    A message is claimed as what it will be sent as: a webhook that was changed is heeded with the
    next claim.
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
    """Note what became of an attempt, and what follows from it.

    2xx delivers; 410 disables the webhook and cancels what waits for it; all else is sent again by
    the schedule, and given up after its last attempt. With the first that is given up when nothing
    arrived for FAILING_FOR, the webhook is disabled as well.

    A sender may have lost the message meanwhile: its lease ran out, or the webhook was archived or
    disabled. A 2xx still delivers it, since the receiver has it; any other outcome is only added to
    the log, and what became of the message is left to whoever holds it. What was answered is not
    kept if the message was emptied meanwhile: an answer often repeats the message.
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
    """Give a message of the active company back that was not sent after all."""
    rows = WebhookDelivery.objects.filter(pk=held.delivery_id, leased_until=held.leased_until)
    rows.update(leased_until=None)


def _make_messages(
    endpoints: list[WebhookEndpoint], write_bodies: WriteBodies, after: int, until: int
) -> int:
    """Make a message of every change that an endpoint wants and has not come to yet.

    Returns the position up to which all messages are made: at least of the first change.
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
    """Yield messages in batches for one statement each."""
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
    """Return the secrets that sign now, none where the key that closed them is gone."""
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
    """Send nothing more, and have the company's owners told why."""
    if not endpoint.is_enabled:
        return
    company = Company.objects.get(pk=endpoint.company_id)
    disable_endpoint(endpoint, actor=Actor.command(company), because=because)
    send_webhook_disabled.defer(company_id=str(company.pk), endpoint_id=str(endpoint.pk))
