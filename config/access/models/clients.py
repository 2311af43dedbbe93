from __future__ import annotations

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import AbstractApplication

from ..ids import new_id
from .companies import Company, limit_field


def _scopes_field() -> ArrayField[Any, Any]:
    return ArrayField(models.CharField(max_length=60), verbose_name=_("scopes"), default=list)


def _requires_match_field() -> models.BooleanField[Any, Any]:
    return models.BooleanField(
        _("changes need If-Match"),
        default=False,
        db_default=False,
        help_text=_(
            "Every change has to name the version that was seen, so that nobody overwrites what "
            "another has changed meanwhile."
        ),
    )


class ApiClientQuerySet(models.QuerySet["ApiClient"]):
    """OAuth clients of integrators."""


class ApiClient(AbstractApplication):
    """An integrator's OAuth client: one company, its allowed scopes, and whether it may come in."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="api_clients")
    scopes = _scopes_field()
    requests_per_minute = limit_field()
    requires_match = _requires_match_field()
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)

    objects = ApiClientQuerySet.as_manager()

    class Meta(AbstractApplication.Meta):
        verbose_name = _("API client")
        verbose_name_plural = _("API clients")

    def is_usable(self, request: Any) -> bool:
        """A suspended client, or a client of an archived company, gets and uses no token."""
        return self.suspended_at is None and not self.company.is_archived


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def live(self) -> ApiKeyQuerySet:
        return self.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=Now()), revoked_at__isnull=True
        )


class ApiKey(models.Model):
    """A key of an integrator, kept as the SHA-256 of its 256 random bits.

    `start` is what people recognise it by; `name` is the integration it serves, which may have
    two live keys while one replaces the other.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="api_keys")
    name = models.CharField(_("name"), max_length=255)
    start = models.CharField(_("begins with"), max_length=20, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = _scopes_field()
    requests_per_minute = limit_field()
    requires_match = _requires_match_field()
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        indexes = (models.Index(fields=("company", "name"), name="api_key_of_company"),)

    def __str__(self) -> str:
        return f"{self.name} ({self.start}…)"

    @property
    def is_live(self) -> bool:
        """Neither revoked nor expired, as `ApiKeyQuerySet.live` chooses."""
        expired = self.expires_at is not None and self.expires_at <= timezone.now()
        return self.revoked_at is None and not expired
