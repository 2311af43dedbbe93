from django.db import models
from django.utils.translation import gettext_lazy as _

from config.access.models import Staff, TenantForeignKey, TenantModel
from config.access.tenancy import TenantQuerySet

from .customers import Customer


class NoteQuerySet(TenantQuerySet["Note"]):
    """Notes about customers."""


class Note(TenantModel):
    """What somebody wrote about a customer: `author_name` is how they were called then."""

    customer = TenantForeignKey(Customer, related_name="notes")
    content = models.TextField(_("note"), max_length=10_000)
    author = models.ForeignKey(
        Staff, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    author_name = models.CharField(_("written by"), max_length=255, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = NoteQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes = (models.Index(fields=("company", "customer", "id"), name="note_of_customer"),)

    def __str__(self) -> str:
        return self.content[:60]
