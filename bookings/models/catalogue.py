from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models.money import CurrencyField, MoneyField
from config.access.models import Archivable, TenantModel
from config.access.tenancy import ArchivableQuerySet
from config.emails import EmailField

# The longest that something can last: a week, in minutes.
LONGEST = 7 * 24 * 60


class ServiceQuerySet(ArchivableQuerySet["Service"]):
    """What is done for customers."""


class Service(Archivable, TenantModel):
    """What is done for a customer: how long it takes (minutes) and what it costs, before tax.

    `configuration` is what a booking of it is made with unless it says otherwise.
    """

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    duration = models.PositiveIntegerField(_("minutes"))
    price = MoneyField(_("price"), default=0)
    tax_rate = models.DecimalField(_("tax in percent"), max_digits=7, decimal_places=4, default=0)
    currency = CurrencyField(_("currency"), editable=False)
    configuration = models.JSONField(_("configuration"), default=dict, blank=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = ServiceQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("service")
        verbose_name_plural = _("services")
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(
                name="service_duration", condition=Q(duration__gte=1, duration__lte=LONGEST)
            ),
            models.CheckConstraint(
                name="service_price",
                condition=Q(price__gte=0, tax_rate__gte=0, tax_rate__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FacilitatorQuerySet(ArchivableQuerySet["Facilitator"]):
    """Who does it."""


class Facilitator(Archivable, TenantModel):
    """A person who does services and leads events, one at a time."""

    name = models.CharField(_("name"), max_length=200)
    email = EmailField(_("e-mail"), max_length=254, blank=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = FacilitatorQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("facilitator")
        verbose_name_plural = _("facilitators")

    def __str__(self) -> str:
        return self.name
