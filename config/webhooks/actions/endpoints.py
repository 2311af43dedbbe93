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
    """Create an endpoint that gets events from now on; return it with its secret.

    The secret is shown only this once. Raises InvalidWebhookUrl, UnknownEventType or
    TooManyWebhooks.
    """
    actor.check_may_change()
    endpoint.company_id = actor.company_id
    _check(endpoint)
    _lock_company(actor)
    _check_room(actor)
    secret = new_secret()
    endpoint.secret = seal(secret)
    # Changes that are not committed yet come after this position, so they are sent.
    endpoint.position = settled(actor.company_id)
    insert(endpoint)
    return endpoint, secret


@transaction.atomic
def change_endpoint(
    endpoint: WebhookEndpoint, *, changes: Changes, actor: Actor
) -> WebhookEndpoint:
    """Change an endpoint's URL or event types; waiting messages go to the new URL.

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
    """Stop sending until it is enabled; waiting messages stay. Raises WebhookAlreadyDisabled."""
    endpoint = lock_endpoint(endpoint, actor=actor)
    if endpoint.disabled_at is not None:
        raise errors.WebhookAlreadyDisabled
    endpoint.disabled_at, endpoint.disabled_because = Clock(), because
    endpoint.save(update_fields=["disabled_at", "disabled_because"])
    return endpoint


@transaction.atomic
def enable_endpoint(endpoint: WebhookEndpoint, *, actor: Actor) -> WebhookEndpoint:
    """Send again: the waiting messages, and changes from now on. Raises WebhookNotDisabled.

    Changes from the time when it was disabled are not sent; the feed of changes has them.
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
    """Replace an endpoint's secret, and return the new one, which is shown only this once.

    For `overlap_hours` the old secret signs too, so that the receiver can switch in between; a
    still older one from an earlier rotation stops signing now. Raises WebhookArchived, Invalid if
    the overlap is out of bounds, and AlreadyMade if the current secret is not the one that was
    `seen`.
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
    """Archive an endpoint: waiting messages are cancelled, and the secrets are deleted.

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
    """Restore an archived endpoint, which gets events from now on; return its new secret.

    The secret is shown only this once. A disabled endpoint stays disabled. Raises NotArchived or
    TooManyWebhooks.
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
    """Return an endpoint's current row, locked in this transaction; raises WebhookArchived."""
    actor.check_may_change()
    rows = WebhookEndpoint.objects.visible_to(actor).select_for_update(no_key=True)
    endpoint = rows.get(pk=endpoint.pk)
    if endpoint.is_archived:
        raise errors.WebhookArchived
    return endpoint


def _lock_company(actor: Actor) -> None:
    """Lock the company, so that two simultaneous requests cannot exceed the limit of endpoints."""
    Company.objects.select_for_update(no_key=True).get(pk=actor.company_id)


def _check_room(actor: Actor) -> None:
    """Raise TooManyWebhooks if the company has reached the limit of endpoints."""
    if WebhookEndpoint.objects.visible_to(actor).live().count() >= MOST_ENDPOINTS:
        sentence = _("A company can have %(most)d webhooks. Archive one that is not used.")
        raise errors.TooManyWebhooks(sentence % {"most": MOST_ENDPOINTS})


def _check(endpoint: WebhookEndpoint) -> None:
    endpoint.url, endpoint.description = endpoint.url.strip(), endpoint.description.strip()
    check_address(endpoint.url)
    if sentence := unknown_types(endpoint.types):
        raise errors.UnknownEventType.at("types", sentence)
    endpoint.types = sorted(set(endpoint.types))
