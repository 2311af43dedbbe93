from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from config.access.models import Archivable, TenantForeignKey, TenantModel
from config.access.tenancy import ArchivableQuerySet

from .customers import Customer


class AddressQuerySet(ArchivableQuerySet["Address"]):
    """Addresses of customers."""

    def in_zone(self, zone_id: Any) -> Self:
        """Live addresses whose postal code, spaces and case aside, the zone lists."""
        codes = (
            Zone.objects.live()
            .filter(id=zone_id)
            .values(code=Func(F("postal_keys"), function="unnest", output_field=models.TextField()))
        )
        return self.live().filter(postal_key__in=codes).exclude(postal_key="")


class Address(Archivable, TenantModel):
    """Where a customer is found; at most one live address of each is the default."""

    customer = TenantForeignKey(Customer, related_name="addresses")
    label = models.CharField(_("label"), max_length=100, blank=True)
    street = models.CharField(_("street"), max_length=300, blank=True)
    sub_premise = models.CharField(_("flat, floor or unit"), max_length=100, blank=True)
    city = models.CharField(_("city"), max_length=120, blank=True)
    state = models.CharField(_("state or county"), max_length=120, blank=True)
    postal_code = models.CharField(_("postal code"), max_length=30, blank=True)
    country = models.CharField(_("country"), max_length=100, blank=True)
    access_notes = models.TextField(_("how to get in"), max_length=2000, blank=True)
    is_default = models.BooleanField(_("default address"), default=False)
    postal_key = models.GeneratedField(
        expression=Func(F("postal_code"), function="regulars_postal_key"),
        output_field=models.TextField(),
        db_persist=True,
    )

    objects = AddressQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=("company", "customer"),
                condition=Q(is_default=True, archived_at__isnull=True),
                name="address_one_default",
            ),
        ]
        indexes = (
            models.Index(fields=("company", "customer"), name="address_of_customer"),
            models.Index(fields=("company", "postal_key"), name="address_postal_key"),
        )

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.street, self.postal_code, self.city, self.country)))


class ZoneQuerySet(ArchivableQuerySet["Zone"]):
    """Service zones."""


class Zone(Archivable, TenantModel):
    """A service zone: a name and the postal codes that it covers, spaces and case aside."""

    name = models.CharField(_("name"), max_length=200)
    postal_codes = ArrayField(
        models.CharField(max_length=30), verbose_name=_("postal codes"), default=list
    )
    postal_keys = models.GeneratedField(
        expression=Func(F("postal_codes"), function="regulars_postal_keys"),
        output_field=ArrayField(models.TextField()),
        db_persist=True,
    )

    objects = ZoneQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("zone")
        verbose_name_plural = _("zones")

    def __str__(self) -> str:
        return self.name
