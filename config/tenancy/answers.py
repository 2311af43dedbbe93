"""Stored responses for retries: of requests with an `Idempotency-Key`, and of forms."""

from datetime import timedelta

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .models import TenantModel, index, once
from .personal import Personal
from .scoping import RemovableQuerySet

HOURS_KEPT = 72
REMOVED_AT_ONCE = 1_000


class KeptAnswer(TenantModel):
    """The stored response to a request with an `Idempotency-Key`, or to a sent form.

    It is written in the same transaction as the changes of the request. `caller` is the owner of
    the key, `fingerprint` the SHA-256 of the request. `body` is the response body and may have data
    of customers; it is "" if the response had a secret, and ERASED after a person in it is erased.
    """

    # No response has this body.
    ERASED = "erased"

    personal = Personal(mentions=("body",), impersonal=("caller", "key", "fingerprint", "headers"))

    caller = models.CharField(max_length=300)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField()
    body = models.TextField(blank=True)

    objects = RemovableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        app_label = "access"
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = [*TenantModel.Meta.constraints, once("kept_answer_once", "caller", "key")]
        indexes = (index("kept_answer_age", "created_at"),)

    def __str__(self) -> str:
        return self.key


def remove_old_answers() -> int:
    """Remove up to REMOVED_AT_ONCE expired responses of the active company; return how many."""
    old = KeptAnswer.objects.filter(created_at__lte=Now() - timedelta(hours=HOURS_KEPT))
    return KeptAnswer.objects.filter(pk__in=old.order_by("created_at")[:REMOVED_AT_ONCE]).remove()
