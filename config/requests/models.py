from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.tenancy.companies import Company
from config.tenancy.models import TenantModel, index, once
from config.tenancy.personal import NOBODYS, Personal
from config.tenancy.scoping import RemovableQuerySet

# How many days requests and their counts are kept.
DAYS_KEPT = 30


class ApiRequest(TenantModel):
    """A write or a refused request of an API client or key.

    `operation` is the operationId of the OpenAPI document, "" if the path does not take the method.
    `path` has ids but no query, and `error_code` is "" unless the request was refused.
    """

    id_prefix = "req_"
    personal = Personal(
        mentions=("request_id", "path"),
        impersonal=("operation", "method", "error_code", "credential_name"),
    )

    class CredentialKind(models.TextChoices):
        CLIENT = "client", _("API client")
        KEY = "key", _("API key")

    # The other indexes begin with the company, so it needs no index of its own.
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    request_id = models.CharField(_("Request-Id"), max_length=128)
    operation = models.CharField(_("operation"), max_length=100, blank=True)
    method = models.CharField(_("method"), max_length=20)
    path = models.CharField(_("path"), max_length=500)
    status = models.PositiveSmallIntegerField(_("status"))
    error_code = models.CharField(_("error code"), max_length=100, blank=True)
    milliseconds = models.PositiveIntegerField(_("took"))
    credential_kind = models.CharField(
        _("kind of credential"), max_length=6, choices=CredentialKind
    )
    credential_id = models.UUIDField(_("credential"))
    credential_name = models.CharField(_("by"), max_length=255)

    objects = RemovableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("API request")
        verbose_name_plural = _("API requests")
        indexes = (
            index("api_request_age", "created_at"),
            index("api_request_by_request_id", "request_id"),
            index("api_request_by_credential", "credential_id", "-id"),
            index("api_request_by_operation", "operation", "-id"),
            index("api_request_refused", "status", "-id", condition=Q(status__gte=400)),
        )

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class RequestCount(TenantModel):
    """The number of requests by credential, operation, status and hour.

    Reads are counted too. `scope` is the scope that the operation requires.
    """

    personal = NOBODYS

    credential_id = models.UUIDField()
    operation = models.CharField(max_length=100, blank=True)
    scope = models.CharField(max_length=60, blank=True)
    status = models.PositiveSmallIntegerField()
    hour = models.DateTimeField()
    count = models.PositiveIntegerField()

    objects = RemovableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        constraints = [
            *TenantModel.Meta.constraints,
            once("request_counted_once", "credential_id", "operation", "status", "hour"),
        ]
        indexes = (index("request_count_age", "hour"),)

    def __str__(self) -> str:
        return f"{self.count} × {self.operation} {self.status}"
