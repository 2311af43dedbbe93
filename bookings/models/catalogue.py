from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.emails import EmailField
from config.tenancy.models import Named, TenantModel, UpdatedAt, check
from config.tenancy.money_fields import CurrencyField, MoneyField
from config.tenancy.personal import NOBODYS
from config.tenancy.recording import ARCHIVING, Recorded
from config.tenancy.scoping import ArchivableQuerySet
from config.tenancy.tax_fields import TaxBehavior
from config.tenancy.taxes import Taxed

# The longest duration in minutes: one week.
LONGEST = 7 * 24 * 60


class Service(Taxed, Named):
    """A service: its duration in minutes and its price, with tax or without.

    `configuration` holds the defaults of a booking's configuration.
    """

    id_prefix = "svc_"
    recorded = Recorded("service", ARCHIVING)
    personal = NOBODYS

    description = models.TextField(_("description"), max_length=2000, blank=True)
    duration = models.PositiveIntegerField(_("minutes"))
    price = MoneyField(_("price"), default=0)
    currency = CurrencyField(_("currency"), editable=False)
    configuration = models.JSONField(_("configuration"), default=dict, blank=True)
    updated_at = UpdatedAt(_("updated at"))

    objects = ArchivableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [
            *TenantModel.Meta.constraints,
            check("service_duration", Q(duration__gte=1, duration__lte=LONGEST)),
            check("service_price", Q(price__gte=0, tax_rate__gte=0, tax_rate__lte=100)),
            check("service_tax_behavior", Q(tax_behavior__in=TaxBehavior.values)),
        ]


class Facilitator(Named):
    """A person who does services and leads events, one at a time."""

    id_prefix = "fac_"
    recorded = Recorded("facilitator", ARCHIVING)
    personal = NOBODYS

    email = EmailField(_("e-mail"), max_length=254, blank=True)
    updated_at = UpdatedAt(_("updated at"))

    objects = ArchivableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("facilitator")
        verbose_name_plural = _("facilitators")
