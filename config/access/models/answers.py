from django.db import models
from django.utils.translation import gettext_lazy as _

from ..tenancy import RemovableQuerySet
from .tenants import TenantModel


class KeptAnswer(TenantModel):
    """The answer to a request that came with an `Idempotency-Key`.

    It is written in the transaction of what the request did, so that both are there or neither.
    `caller` is whose keys these are, `fingerprint` the SHA-256 of what was asked. `body` is what
    the caller was shown, customers' data too for as long as the row is kept; it is empty where
    that was a secret.
    """

    caller = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.TextField(blank=True)

    objects = RemovableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(fields=("company", "caller", "key"), name="kept_answer_once"),
        ]
        indexes = (models.Index(fields=("company", "created_at"), name="kept_answer_age"),)

    def __str__(self) -> str:
        return self.key
