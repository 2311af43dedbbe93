from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from config.changes.event_types import unknown_types
from config.errors import Invalid
from config.statements.changing import Changes, apply_changes
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.tenancy.errors import NotArchived
from config.tenancy.secrets import check_seen
from config.times import Clock, database_now

from .. import errors
from ..addresses import check_address
from ..feed.positions import settled
from ..models import WebhookDelivery, WebhookEndpoint
from ..secrets import new_secret, seal

MOST_ENDPOINTS = 100
OVERLAP, LONGEST_OVERLAP = 24, 7 * 24


@transaction.atomic
def create_endpoint(endpoint: WebhookEndpoint, *, actor: Actor) -> tuple[WebhookEndpoint, str]:
    """Have events sent to an address from now on; returns it and its secret, shown this once.

    Raises InvalidWebhookUrl, UnknownEventType or TooManyWebhooks.
    """
    actor.check_may_change()
    endpoint.company_id = actor.company_id
    _check(endpoint)
    _lock_company(actor)
    _check_room(actor)
    secret = new_secret()
    endpoint.secret = seal(secret)
    # What others are changing at this moment will be there only after it, and is sent.
    endpoint.position = settled(actor.company_id)
    insert(endpoint)
    return endpoint, secret


@transaction.atomic
def change_endpoint(
    endpoint: WebhookEndpoint, *, changes: Changes, actor: Actor
) -> WebhookEndpoint:
    """Send to another address, or other events; what waits already goes to the new address.

    Raises WebhookArchived, InvalidWebhookUrl or UnknownEventType.
    """
    endpoint = lock_endpoint(endpoint, actor=actor)
    apply_changes(endpoint, changes)
    _check(endpoint)
    endpoint.save(update_fields=list(changes))
    return endpoint


@transaction.atomic
def disable_endpoint(
    endpoint: WebhookEndpoint, *, because: str = WebhookEndpoint.Because.STAFF, actor: Actor
) -> WebhookEndpoint:
    """Send nothing until it is enabled; what waits stays. Raises WebhookAlreadyDisabled."""
    endpoint = lock_endpoint(endpoint, actor=actor)
    if endpoint.disabled_at is not None:
        raise errors.WebhookAlreadyDisabled
    endpoint.disabled_at, endpoint.disabled_because = Clock(), because
    endpoint.save(update_fields=["disabled_at", "disabled_because"])
    return endpoint


@transaction.atomic
def enable_endpoint(endpoint: WebhookEndpoint, *, actor: Actor) -> WebhookEndpoint:
    """Send again: what waits, and what happens from now on. Raises WebhookNotDisabled.

    What happened while it was disabled is not sent; the feed of changes has it.
    """
    endpoint = lock_endpoint(endpoint, actor=actor)
    if endpoint.disabled_at is None:
        raise errors.WebhookNotDisabled
    endpoint.disabled_at, endpoint.disabled_because = None, ""
    endpoint.failing_since = None
    endpoint.position = max(endpoint.position, settled(actor.company_id))
    endpoint.save(update_fields=["disabled_at", "disabled_because", "failing_since", "position"])
    return endpoint


@transaction.atomic
def rotate_secret(
    endpoint: WebhookEndpoint, *, overlap_hours: int = OVERLAP, seen: str = "", actor: Actor
) -> str:
    """Give an endpoint a new secret and return it, shown this once.

    For `overlap_hours` the old one signs as well, so that the receiver can change over in between;
    one that was still signing from a rotation before stops at once. Raises WebhookArchived, Invalid
    for an overlap out of bounds, and AlreadyMade where the secret is not the one that was `seen`.
    """
    endpoint = lock_endpoint(endpoint, actor=actor)
    check_seen(seen, endpoint.secret)
    if not 0 <= overlap_hours <= LONGEST_OVERLAP:
        sentence = _("Must be from 0 to %(most)d hours; got “%(hours)d”.")
        facts = {"most": LONGEST_OVERLAP, "hours": overlap_hours}
        raise Invalid.at("overlap_hours", sentence % facts)
    secret = new_secret()
    endpoint.previous_secret = endpoint.secret if overlap_hours else ""
    endpoint.previous_ends_at = (
        database_now() + timedelta(hours=overlap_hours) if overlap_hours else None
    )
    endpoint.secret = seal(secret)
    endpoint.save(update_fields=["secret", "previous_secret", "previous_ends_at"])
    return secret


@transaction.atomic
def archive_endpoint(endpoint: WebhookEndpoint, *, actor: Actor) -> WebhookEndpoint:
    """Send nothing more: what waits is cancelled, and the secrets are wiped.

    Raises WebhookArchived.
    """
    endpoint = lock_endpoint(endpoint, actor=actor)
    endpoint.archived_at = Clock()
    endpoint.secret, endpoint.previous_secret, endpoint.previous_ends_at = "", "", None
    endpoint.save(update_fields=["archived_at", "secret", "previous_secret", "previous_ends_at"])
    waiting = WebhookDelivery.objects.visible_to(actor).filter(
        endpoint=endpoint, state=WebhookDelivery.State.PENDING
    )
    waiting.update(state=WebhookDelivery.State.CANCELLED, next_at=None)
    return endpoint


@transaction.atomic
def restore_endpoint(endpoint: WebhookEndpoint, *, actor: Actor) -> str:
    """Send to an archived endpoint again, from now on; returns its new secret, shown this once.

    One that was disabled stays so. Raises NotArchived or TooManyWebhooks.
    """
    actor.check_may_change()
    _lock_company(actor)
    rows = WebhookEndpoint.objects.visible_to(actor).select_for_update(no_key=True)
    endpoint = rows.get(pk=endpoint.pk)
    if not endpoint.is_archived:
        raise NotArchived
    _check_room(actor)
    secret = new_secret()
    endpoint.archived_at, endpoint.failing_since, endpoint.secret = None, None, seal(secret)
    endpoint.position = max(endpoint.position, settled(actor.company_id))
    endpoint.save(update_fields=["archived_at", "failing_since", "secret", "position"])
    return secret


def lock_endpoint(endpoint: WebhookEndpoint, *, actor: Actor) -> WebhookEndpoint:
    """Return an endpoint as it is now, held until the transaction ends; raises WebhookArchived."""
    actor.check_may_change()
    rows = WebhookEndpoint.objects.visible_to(actor).select_for_update(no_key=True)
    endpoint = rows.get(pk=endpoint.pk)
    if endpoint.is_archived:
        raise errors.WebhookArchived
    return endpoint


def _lock_company(actor: Actor) -> None:
    """Let nobody else add or restore an endpoint meanwhile, so that nobody comes past the bound."""
    Company.objects.select_for_update(no_key=True).get(pk=actor.company_id)


def _check_room(actor: Actor) -> None:
    """Raise TooManyWebhooks if the company has as many endpoints as it can have."""
    if WebhookEndpoint.objects.visible_to(actor).live().count() >= MOST_ENDPOINTS:
        sentence = _("A company can have %(most)d webhooks. Archive one that is not used.")
        raise errors.TooManyWebhooks(sentence % {"most": MOST_ENDPOINTS})


def _check(endpoint: WebhookEndpoint) -> None:
    endpoint.url, endpoint.description = endpoint.url.strip(), endpoint.description.strip()
    check_address(endpoint.url)
    if sentence := unknown_types(endpoint.types):
        raise errors.UnknownEventType.at("types", sentence)
    endpoint.types = sorted(set(endpoint.types))
