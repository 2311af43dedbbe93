"""Answers kept for a second try: of requests with an `Idempotency-Key` and of forms."""

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
    """The answer to a request that came with an `Idempotency-Key`.

    It is written in the transaction of what the request did, so that both are there or neither.
    `caller` is whose keys these are, `fingerprint` the SHA-256 of what was asked. `body` is what
    the caller was shown, customers' data too for as long as the row is kept; it is empty where
    that was a secret, and ERASED where a person of it was erased.
    """

    # Is the body of no answer.
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
    """Remove at most REMOVED_AT_ONCE expired answers of the active company; return how many."""
    old = KeptAnswer.objects.filter(created_at__lte=Now() - timedelta(hours=HOURS_KEPT))
    return KeptAnswer.objects.filter(pk__in=old.order_by("created_at")[:REMOVED_AT_ONCE]).remove()
