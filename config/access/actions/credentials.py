import secrets
from collections.abc import Iterable
from difflib import get_close_matches

from django.db import transaction
from django.utils.translation import gettext as _
from oauth2_provider.models import get_access_token_model

from config.errors import Invalid
from config.tenancy.actors import Actor
from config.tenancy.companies import MOST_PER_MINUTE, Company
from config.tenancy.secrets import check_seen
from config.times import Clock, database_now

from ..errors import AlreadyRevoked, AlreadySuspended, NotSuspended, TooManyKeys, UnknownScope
from ..hashers import digest, new_credential
from ..models import ApiClient, ApiKey
from ..scopes import SCOPES

KEY_MARK = "reg_live_"
LIVE_KEYS_PER_NAME = 2


def check_scopes(scopes: Iterable[str]) -> list[str]:
    """Return the scopes in the order of SCOPES; raises UnknownScope, or Invalid for none."""
    wanted = set(scopes)
    for unknown in sorted(wanted - SCOPES.keys()):
        sentence = _no_scope(unknown)
        raise UnknownScope(sentence, fields={"scopes": sentence})
    if not wanted:
        raise Invalid(_("Name at least one scope."), field="scopes")
    return [scope for scope in SCOPES if scope in wanted]


def _no_scope(name: str) -> str:
    """Return the error message for an unknown scope, with the closest known scope if any."""
    if close := get_close_matches(name, SCOPES, n=1, cutoff=0.8):
        facts = {"name": name, "meant": close[0]}
        return _("There is no scope “%(name)s”. Did you mean “%(meant)s”?") % facts
    facts = {"name": name, "scopes": ", ".join(SCOPES)}
    return _("There is no scope “%(name)s”. Choose from: %(scopes)s.") % facts


def check_name(name: str) -> str:
    """Return the trimmed name of a credential; raises Invalid unless it has 1 to 255 characters."""
    name = name.strip()
    if not 0 < len(name) <= 255 or "\x00" in name:
        raise Invalid(_("Give it a name of 1 to 255 letters."), field="name")
    return name


def _check_limit(requests_per_minute: int | None) -> None:
    if requests_per_minute is None or 1 <= requests_per_minute <= MOST_PER_MINUTE:
        return
    sentence = _("Give a number from 1 to %(most)d, or none.") % {"most": MOST_PER_MINUTE}
    raise Invalid(sentence, field="requests_per_minute")


def _prepare(credential: ApiClient | ApiKey, actor: Actor) -> None:
    """Validate the fields of a new credential and assign it to the actor's company."""
    actor.check_may_change()
    credential.company_id = actor.company_id
    credential.name = check_name(credential.name)
    credential.scopes = check_scopes(credential.scopes)
    _check_limit(credential.requests_per_minute)


@transaction.atomic
def create_api_client(client: ApiClient, *, actor: Actor) -> tuple[ApiClient, str]:
    """Create an OAuth client; return the client and its secret, which is shown only once.

    Raises UnknownScope or Invalid.
    """
    _prepare(client, actor)
    secret = secrets.token_urlsafe(48)
    client.client_id = new_credential("client", client.company_id, random_bytes=12)
    client.client_secret = secret
    client.client_type = ApiClient.CLIENT_CONFIDENTIAL
    client.authorization_grant_type = ApiClient.GRANT_CLIENT_CREDENTIALS
    client.save(force_insert=True)
    return client, secret


@transaction.atomic
def limit_credential(
    credential: ApiClient | ApiKey, *, requests_per_minute: int | None, actor: Actor
) -> None:
    """Set the rate limit of a client or key from its next request; None sets the default limit.

    Raises Invalid if the limit is out of range.
    """
    actor.check_may_change()
    _check_limit(requests_per_minute)
    credential.requests_per_minute = requests_per_minute
    credential.save(update_fields=["requests_per_minute"])


@transaction.atomic
def rotate_api_client(client: ApiClient, *, seen: str = "", actor: Actor) -> str:
    """Give a client a new secret and return it; the old secret stops working at once.

    Access tokens that the client already has expire within an hour; suspend the client to stop
    them. Raises AlreadyMade if the secret has changed since `seen` was read.
    """
    actor.check_may_change()
    clients = ApiClient.objects.visible_to(actor)
    client = clients.select_for_update(no_key=True).get(pk=client.pk)
    check_seen(seen, client.client_secret)
    secret = secrets.token_urlsafe(48)
    client.client_secret = secret
    client.save(update_fields=["client_secret", "updated"])
    return secret


@transaction.atomic
def suspend_api_client(client: ApiClient, *, actor: Actor) -> None:
    """Suspend a client: it and its tokens are refused from the next request.

    Raises AlreadySuspended.
    """
    actor.check_may_change()
    clients = ApiClient.objects.visible_to(actor).filter(pk=client.pk)
    if not clients.filter(suspended_at__isnull=True).update(suspended_at=Clock()):
        raise AlreadySuspended
    get_access_token_model().objects.filter(application=client).delete()
    client.refresh_from_db()


@transaction.atomic
def resume_api_client(client: ApiClient, *, actor: Actor) -> None:
    """Resume a suspended client; raises NotSuspended."""
    actor.check_may_change()
    clients = ApiClient.objects.visible_to(actor).filter(pk=client.pk)
    if not clients.filter(suspended_at__isnull=False).update(suspended_at=None):
        raise NotSuspended
    client.refresh_from_db()


def require_match(credential: ApiClient | ApiKey, *, actor: Actor) -> None:
    """Require If-Match for every change by a client or key, from its next request."""
    actor.check_may_change()
    credential.requires_match = True
    credential.save(update_fields=["requires_match"])


def waive_match(credential: ApiClient | ApiKey, *, actor: Actor) -> None:
    """Stop requiring If-Match for changes by a client or key."""
    actor.check_may_change()
    credential.requires_match = False
    credential.save(update_fields=["requires_match"])


def refuse_duplicates(credential: ApiClient | ApiKey, *, actor: Actor) -> None:
    """Refuse likely duplicates when a client or key creates customers, from its next request."""
    actor.check_may_change()
    credential.refuses_duplicates = True
    credential.save(update_fields=["refuses_duplicates"])


def allow_duplicates(credential: ApiClient | ApiKey, *, actor: Actor) -> None:
    """Let a client or key create customers who are likely duplicates."""
    actor.check_may_change()
    credential.refuses_duplicates = False
    credential.save(update_fields=["refuses_duplicates"])


@transaction.atomic
def create_api_key(key: ApiKey, *, actor: Actor) -> tuple[ApiKey, str]:
    """Create an API key; return the row and the key itself, which is shown only once.

    Raises UnknownScope, Invalid, or TooManyKeys if two live keys have this name.
    """
    Company.objects.select_for_update(no_key=True).get(pk=actor.company_id)
    keys = ApiKey.objects.visible_to(actor)
    if key.expires_at and key.expires_at <= database_now():
        raise Invalid(
            _("The key would have expired."), fields={"expires_at": _("This is in the past.")}
        )
    _prepare(key, actor)
    if keys.live().filter(name=key.name).count() >= LIVE_KEYS_PER_NAME:
        raise TooManyKeys(
            _("“%(name)s” has two live keys already. Revoke one first.") % {"name": key.name}
        )
    text = new_credential("live", actor.company_id)
    secret = text.removeprefix(f"{KEY_MARK}{actor.company_id.hex}_")
    # All keys of a company have the same prefix, so `start` shows the first letters of the secret.
    key.start, key.digest = f"{KEY_MARK}…_{secret[:4]}", digest(text)
    key.save(force_insert=True)
    return key, text


@transaction.atomic
def rotate_api_key(key: ApiKey, *, actor: Actor) -> tuple[ApiKey, str]:
    """Create a key that replaces this one; this key stays live until it is revoked.

    Raises AlreadyRevoked, or TooManyKeys if two live keys have this name.
    """
    if key.revoked_at:
        raise AlreadyRevoked
    successor = ApiKey(
        name=key.name,
        scopes=key.scopes,
        expires_at=key.expires_at,
        requests_per_minute=key.requests_per_minute,
        requires_match=key.requires_match,
        refuses_duplicates=key.refuses_duplicates,
    )
    return create_api_key(successor, actor=actor)


@transaction.atomic
def revoke_api_key(key: ApiKey, *, actor: Actor) -> None:
    """Revoke a key permanently, from its next request; raises AlreadyRevoked."""
    actor.check_may_change()
    live = ApiKey.objects.visible_to(actor).filter(pk=key.pk, revoked_at__isnull=True)
    if not live.update(revoked_at=Clock()):
        raise AlreadyRevoked
    key.refresh_from_db()
