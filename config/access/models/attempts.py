"""Counts of failed attempts to sign in."""

from django.db import models
from django.db.models.functions import Now


class AttemptCount(models.Model):
    """The failed attempts for a name from an address, since the last success or expiry.

    Each `kind` has separate counts: a typed name cannot affect the counts of another kind.
    """

    class Kind(models.TextChoices):
        PASSWORD = "password"  # noqa: S105
        CODE = "code"
        LINK = "link"

    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=255)
    address = models.GenericIPAddressField()
    attempts = models.PositiveIntegerField()
    latest_at = models.DateTimeField(db_default=Now())

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "name", "address"], name="attempts_counted_once"
            )
        ]
        indexes = [
            models.Index(fields=["address"], name="attempts_by_address"),
            models.Index(fields=["latest_at"], name="attempts_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.attempts} × {self.kind} from {self.address}"
