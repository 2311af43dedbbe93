from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from config.tenancy.actors import Actor
from config.tenancy.companies import Company, limit_field
from config.tenancy.ids import new_id
from config.tenancy.models import UpdatedAt, index
from config.tenancy.personal import NOBODYS
from config.tenancy.recording import SUSPENDING, Recorded, is_set
from config.times import database_now


def _scopes_field() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=60), verbose_name=_("scopes"), default=list)


def _requires_match_field() -> models.BooleanField[bool, bool]:
    return models.BooleanField(
        _("changes need If-Match"),
        default=False,
        db_default=False,
        help_text=_(
            "Every change has to name the version that was seen, so that nobody overwrites what "
            "another has changed meanwhile."
        ),
    )


def _refuses_duplicates_field() -> models.BooleanField[bool, bool]:
    return models.BooleanField(
        _("likely duplicates are refused"),
        default=False,
        db_default=False,
        help_text=_(
            "A new customer who is likely one that is there already is refused, unless the request "
            "insists on it."
        ),
    )


class ApiClientQuerySet(models.QuerySet["ApiClient"]):
    """OAuth clients of integrators."""

    def visible_to(self, actor: Actor) -> ApiClientQuerySet:
        return self.filter(company_id=actor.company_id)


class ApiClient(AbstractApplication):
    """An OAuth client of an integrator: its company, its scopes and whether it is suspended."""

    recorded = Recorded("api_client", SUSPENDING, public=False)
    personal = NOBODYS

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="api_clients")
    scopes = _scopes_field()
    requests_per_minute = limit_field()
    requires_match = _requires_match_field()
    refuses_duplicates = _refuses_duplicates_field()
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    # Django OAuth Toolkit's own fields use this process's clock.
    created = models.DateTimeField(_("created at"), db_default=Now(), editable=False)
    updated = UpdatedAt(_("updated"))

    objects = ApiClientQuerySet.as_manager()

    class Meta(AbstractApplication.Meta):
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")

    def is_usable(self, request: object) -> bool:
        """Refuse tokens to a suspended client and to a client of an archived company."""
        return self.may_work

    @property
    def may_work(self) -> bool:
        """Whether the client may send requests, and its background jobs run."""
        return self.suspended_at is None and not self.company.is_archived

    def actor_in(self, company: Company) -> Actor:
        """Return the client as an actor in its company, with its current scopes."""
        return _actor("client", self, company)


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """API keys of integrators."""

    def visible_to(self, actor: Actor) -> ApiKeyQuerySet:
        return self.filter(company_id=actor.company_id)

    def live(self) -> ApiKeyQuerySet:
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=Now()), revoked_at__isnull=True
        )


class ApiKey(models.Model):
    """An API key of an integrator, stored as the SHA-256 of its 256 random bits.

    `start` is the beginning of the key, by which people recognise it. `name` is the integration
    that uses it; two live keys may have the same name while one replaces the other.
    """

    recorded = Recorded("api_key", (is_set("revoked", "revoked_at"),), public=False)
    personal = NOBODYS

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(_("name"), max_length=255)
    start = models.CharField(_("begins with"), max_length=20, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = _scopes_field()
    requests_per_minute = limit_field()
    requires_match = _requires_match_field()
    refuses_duplicates = _refuses_duplicates_field()
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        indexes = (index("api_key_of_company", "name"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    @property
    def is_live(self) -> bool:
        """Whether the key is neither revoked nor expired, like `ApiKeyQuerySet.live`."""
        expired = self.expires_at is not None and self.expires_at <= database_now()
        return self.revoked_at is None and not expired

    @property
    def may_work(self) -> bool:
        """Whether the key may send requests, and its background jobs run."""
        return self.is_live and not self.company.is_archived

    def actor_in(self, company: Company) -> Actor:
        """Return the key as an actor in its company, with its current scopes."""
        return _actor("key", self, company)


def _actor(kind: str, one: ApiClient | ApiKey, company: Company) -> Actor:
    scopes = frozenset(one.scopes)
    return Actor(kind, one.name, company.id, company.country, one.id, scopes)


def requires_match(actor: Actor) -> bool:
    """Return whether the actor must send If-Match with every change; False for staff."""
    return _is_set(actor, requires_match=True)


def refuses_duplicates(actor: Actor) -> bool:
    """Return whether the actor may not create likely duplicates; False for staff."""
    return _is_set(actor, refuses_duplicates=True)


def _is_set(actor: Actor, **setting: bool) -> bool:
    kinds: dict[str, type[ApiClient | ApiKey]] = {"client": ApiClient, "key": ApiKey}
    if actor.kind not in kinds:
        return False
    return kinds[actor.kind].objects.filter(pk=actor.credential_id, **setting).exists()
