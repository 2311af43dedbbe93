from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from config.tenancy.merging import Moves
from config.tenancy.models import Archivable, Named, TenantForeignKey, TenantModel, index, once
from config.tenancy.personal import NOBODYS, Personal
from config.tenancy.recording import ARCHIVING, Recorded
from config.tenancy.scoping import ArchivableQuerySet, Key

from .customers import Customer


class AddressQuerySet(ArchivableQuerySet["Address"]):
    """Addresses of customers."""

    def in_zone(self, zone_id: Key) -> Self:
        """Live addresses in a service zone; postal codes match ignoring spaces and case."""
        codes = (
            Zone.objects.live()
            .filter(id=zone_id)
            .values(code=Func(F("postal_keys"), function="unnest", output_field=models.TextField()))
        )
        return self.live().filter(postal_key__in=codes).exclude(postal_key="")


class Address(Archivable):
    """An address of a customer; at most one live address of each customer is the default."""

    id_prefix = "addr_"
    recorded = Recorded("address", ARCHIVING)
    personal = Personal(
        erase=(
            *("label", "street", "sub_premise", "city", "state", "postal_code", "country"),
            "access_notes",
        ),
        archives=True,
    )
    merging = {"customer": Moves({"address_one_default": {"is_default": False}})}

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
            once(
                "address_one_default",
                "customer",
                condition=Q(is_default=True, archived_at__isnull=True),
            ),
        ]
        indexes = (
            index("address_of_customer", "customer"),
            index("address_postal_key", "postal_key"),
            models.Index(
                F("company"),
                Func(
                    *map(F, ("postal_code", "city", "street", "sub_premise")),
                    function="customers_place_key",
                ),
                name="address_place",
                condition=Q(archived_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.street, self.postal_code, self.city, self.country)))


class Zone(Named):
    """A service zone: a name and postal codes, which match ignoring spaces and case."""

    id_prefix = "zone_"
    recorded = Recorded("zone", ARCHIVING)
    personal = NOBODYS

    postal_codes = ArrayField(
        models.CharField(max_length=30), verbose_name=_("postal codes"), default=list
    )
    postal_keys = models.GeneratedField(
        expression=Func(F("postal_codes"), function="regulars_postal_keys"),
        output_field=ArrayField(models.TextField()),
        db_persist=True,
    )

    objects = ArchivableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("zone")
        verbose_name_plural = _("zones")
