from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.tenancy.merging import Moves
from config.tenancy.models import TenantForeignKey, TenantModel, UpdatedAt, index
from config.tenancy.personal import Personal
from config.tenancy.recording import Recorded
from config.tenancy.scoping import TenantQuerySet

from .customers import Customer


class Note(TenantModel):
    """A note about a customer; `author_name` is the name of the author at that time."""

    id_prefix = "note_"
    recorded = Recorded("note")
    personal = Personal(erase=("content",), impersonal=("author_name",))
    merging = {"customer": Moves()}

    customer = TenantForeignKey(Customer, related_name="notes")
    content = models.TextField(_("note"), max_length=10_000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    author_name = models.CharField(_("written by"), max_length=255, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        indexes = (index("note_of_customer", "customer", "id"),)

    def __str__(self) -> str:
        return self.content[:60]
