from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class KeyFingerprint(models.Model):
    """The fingerprint of a secret key that this database is used with; the key is not stored.

    During a rotation, two keys are not retired.
    """

    fingerprint = models.CharField(_("fingerprint"), max_length=64, primary_key=True)
    created_at = models.DateTimeField(_("created at"), db_default=Now())
    retired_at = models.DateTimeField(_("retired at"), null=True)

    class Meta:
        verbose_name = _("secret key fingerprint")
        verbose_name_plural = _("secret key fingerprints")

    def __str__(self) -> str:
        return self.fingerprint[:8]
