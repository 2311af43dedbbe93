import secrets
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from oauth2_provider.models import get_access_token_model

from config.errors import Invalid

from ..constraints import refusing
from ..errors import (
    AlreadyMade,
    AlreadyRevoked,
    AlreadySuspended,
    NotSuspended,
    TooManyKeys,
    UnknownScope,
)
from ..hashers import digest
from ..ids import new_id
from ..models import MOST_PER_MINUTE, ApiClient, ApiKey, Company
from ..scopes import SCOPES

KEY_MARK = "reg_live_"
LIVE_KEYS_PER_NAME = 2


def mark_of(secret: str) -> str:
    """Return what tells a kept secret from its successor, and nothing else of it."""
    return salted_hmac("regulars.seen", secret, algorithm="sha256").hexdigest()


def check_seen(seen: str, secret: str) -> None:
    """Raise AlreadyMade where a form was opened before the secret was changed; "" is no form."""
    if seen and not constant_time_compare(seen, mark_of(secret)):
        raise AlreadyMade


def check_scopes(scopes: Iterable[str]) -> list[str]:
    """Return scopes in the order of the registry; raises UnknownScope, or Invalid for none."""
    wanted = set(scopes)
    if unknown := sorted(wanted - SCOPES.keys()):
        raise UnknownScope(
            _("There is no scope “%(what)s”.") % {"what": unknown[0]}, fields={"scopes": unknown[0]}
        )
    if not wanted:
        raise Invalid(
            _("Name at least one scope."), fields={"scopes": _("Name at least one scope.")}
        )
    return [scope for scope in SCOPES if scope in wanted]


def check_name(name: str) -> str:
    """Return the trimmed name of a credential; raises Invalid for none or one past 255 letters."""
    name = name.strip()
    if not 0 < len(name) <= 255 or "\x00" in name:
        raise Invalid(
            _("Give it a name of 1 to 255 letters."), fields={"name": _("1 to 255 letters.")}
        )
    return name


def check_limit(requests_per_minute: int | None) -> int | None:
    """Return a limit of a credential's own; raises Invalid for one that cannot be."""
    if requests_per_minute is None or 1 <= requests_per_minute <= MOST_PER_MINUTE:
        return requests_per_minute
    sentence = _("Give a number from 1 to %(most)d, or none.") % {"most": MOST_PER_MINUTE}
    raise Invalid(sentence, fields={"requests_per_minute": sentence})


@transaction.atomic
def create_api_client(
    company: Company,
    *,
    name: str,
    scopes: Iterable[str],
    requests_per_minute: int | None = None,
    id: UUID | None = None,
) -> tuple[ApiClient, str]:
    """Let an integrator in by OAuth; returns the client and its secret, shown this once.

    Whoever names the `id` is refused the second time: raises AlreadyMade.
    """
    secret = secrets.token_urlsafe(48)
    client = ApiClient(
        id=id or new_id(),
        company=company,
        name=check_name(name),
        scopes=check_scopes(scopes),
        requests_per_minute=check_limit(requests_per_minute),
        client_secret=secret,
        client_type=ApiClient.CLIENT_CONFIDENTIAL,
        authorization_grant_type=ApiClient.GRANT_CLIENT_CREDENTIALS,
    )
    with refusing(access_apiclient_pkey=AlreadyMade):
        client.save(force_insert=True)
    return client, secret


@transaction.atomic
def limit_credential[C: (ApiClient, ApiKey)](
    credential: C, *, requests_per_minute: int | None
) -> C:
    """Say how often a client or key may come, from its next request on; None: as all others.

    Raises Invalid for a limit that cannot be.
    """
    credential.requests_per_minute = check_limit(requests_per_minute)
    credential.save(update_fields=["requests_per_minute"])
    return credential


@transaction.atomic
def rotate_api_client(client: ApiClient, *, seen: str = "") -> str:
    """Give a client a new secret and return it; the old one stops at once.

    Tokens that are out already run to their end, an hour at most; suspend the client to stop them.
    Raises AlreadyMade where the secret is not the one that was `seen`.
    """
    client = ApiClient.objects.select_for_update(no_key=True).get(pk=client.pk)
    check_seen(seen, client.client_secret)
    secret = secrets.token_urlsafe(48)
    client.client_secret = secret
    client.save(update_fields=["client_secret", "updated"])
    return secret


@transaction.atomic
def suspend_api_client(client: ApiClient) -> None:
    """Refuse a client from its next request on, tokens included; raises AlreadySuspended."""
    if not ApiClient.objects.filter(pk=client.pk, suspended_at__isnull=True).update(
        suspended_at=timezone.now()
    ):
        raise AlreadySuspended
    get_access_token_model().objects.filter(application=client).delete()
    client.refresh_from_db()


@transaction.atomic
def resume_api_client(client: ApiClient) -> None:
    """Let a suspended client back in; raises NotSuspended."""
    if not ApiClient.objects.filter(pk=client.pk, suspended_at__isnull=False).update(
        suspended_at=None
    ):
        raise NotSuspended
    client.refresh_from_db()


def require_match(credential: ApiClient | ApiKey) -> None:
    """Let a client or a key change only what it has seen, from its next request on."""
    credential.requires_match = True
    credential.save(update_fields=["requires_match"])


def waive_match(credential: ApiClient | ApiKey) -> None:
    """Let a client or a key change things without saying what it has seen."""
    credential.requires_match = False
    credential.save(update_fields=["requires_match"])


@transaction.atomic
def create_api_key(
    company: Company,
    *,
    name: str,
    scopes: Iterable[str],
    expires_at: datetime | None = None,
    requests_per_minute: int | None = None,
    id: UUID | None = None,
) -> tuple[ApiKey, str]:
    """Let an integrator in by key; returns it and its text, shown this once.

    Raises TooManyKeys when the integration of this name has two live ones. Whoever names the `id`
    is refused the second time: raises AlreadyMade.
    """
    Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    if id and company.api_keys.filter(pk=id).exists():
        raise AlreadyMade
    if expires_at and expires_at <= timezone.now():
        raise Invalid(
            _("The key would have expired."), fields={"expires_at": _("This is in the past.")}
        )
    name = check_name(name)
    if company.api_keys.live().filter(name=name).count() >= LIVE_KEYS_PER_NAME:
        raise TooManyKeys(
            _("“%(name)s” has two live keys already. Revoke one first.") % {"name": name}
        )
    text = KEY_MARK + secrets.token_urlsafe(32)
    key = ApiKey(
        id=id or new_id(),
        company=company,
        name=name,
        start=text[: len(KEY_MARK) + 4],
        digest=digest(text),
        scopes=check_scopes(scopes),
        requests_per_minute=check_limit(requests_per_minute),
        expires_at=expires_at,
    )
    with refusing(access_apikey_pkey=AlreadyMade):
        key.save(force_insert=True)
    return key, text


@transaction.atomic
def rotate_api_key(key: ApiKey, *, id: UUID | None = None) -> tuple[ApiKey, str]:
    """Make the key that replaces this one, which stays live until it is revoked.

    Raises AlreadyRevoked for a dead key, TooManyKeys when its successor is there already, and
    AlreadyMade as `create_api_key` does.
    """
    if key.revoked_at:
        raise AlreadyRevoked
    terms = {"name": key.name, "scopes": key.scopes, "expires_at": key.expires_at}
    terms["requests_per_minute"] = key.requests_per_minute
    return create_api_key(key.company, **terms, id=id)


@transaction.atomic
def revoke_api_key(key: ApiKey) -> None:
    """Refuse a key from its next request on; raises AlreadyRevoked."""
    if not ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(
        revoked_at=timezone.now()
    ):
        raise AlreadyRevoked
    key.refresh_from_db()
