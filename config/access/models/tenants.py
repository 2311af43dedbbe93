from typing import Any

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from ..ids import new_id
from .companies import Company


class TenantForeignKey(models.ForeignKey):
    """A key to a row of the same company.

    PostgreSQL holds it as `(company_id, …_id)`, which `ProtectTable` adds: row-level security does
    not look at foreign keys, so Django's own single-column key would let one company point at
    another's row.
    """

    def __init__(self, to: Any, on_delete: Any = models.PROTECT, **kwargs: Any) -> None:
        kwargs["db_constraint"] = False
        super().__init__(to, on_delete, **kwargs)

    def contribute_to_class(self, cls: Any, name: str, *args: Any, **kwargs: Any) -> None:
        """Call it what the other row is called, where it was given no name of its own."""
        to = self.remote_field.model
        if self.verbose_name is None and isinstance(to, type):
            self.verbose_name = to._meta.verbose_name
        super().contribute_to_class(cls, name, *args, **kwargs)


class TenantModel(models.Model):
    """A row that belongs to a company."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(
                fields=("company", "id"), name="%(app_label)s_%(class)s_company"
            ),
        ]


class Archivable(models.Model):
    """Something that is archived and restored, and never deleted."""

    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None
