from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from config.access.models import Archivable, TenantForeignKey, TenantModel
from config.access.tenancy import ArchivableQuerySet
from customers.models import Customer

from .holdings import Holding, HoldingQuerySet

# How many visits a pass can be sold with, and used for at once.
MOST_VISITS = 10_000


class PassProductQuerySet(ArchivableQuerySet["PassProduct"]):
    """Passes that can be bought."""


class PassProduct(Archivable, TenantModel):
    """A bundle of visits. `offerings` are what they are good for, none named: for anything."""

    name = models.CharField(_("name"), max_length=200)
    visits = models.PositiveIntegerField(_("visits"))
    price = models.PositiveBigIntegerField(_("price"))
    currency = models.CharField(_("currency"), max_length=3)
    valid_for = models.CharField(_("lasts"), max_length=20, blank=True)
    offerings = ArrayField(
        models.CharField(max_length=200), verbose_name=_("good for"), default=list, blank=True
    )
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = PassProductQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("pass")
        verbose_name_plural = _("passes")
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(name="pass_product_visits", condition=Q(visits__gte=1)),
        ]

    def __str__(self) -> str:
        return self.name


class PassPurchaseQuerySet(HoldingQuerySet["PassPurchase"]):
    """Passes that customers bought."""


class PassPurchase(Holding):
    """A pass that a customer bought, with the visits, price and use that it had then."""

    product = TenantForeignKey(PassProduct, related_name="purchases")
    customer = TenantForeignKey(Customer, related_name="passes")
    visits = models.PositiveIntegerField(_("visits"))
    price = models.PositiveBigIntegerField(_("price"))
    currency = models.CharField(_("currency"), max_length=3)
    offerings = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    purchased_at = models.DateTimeField(_("bought at"), db_default=Now(), editable=False)

    objects = PassPurchaseQuerySet.as_manager()

    class Meta(Holding.Meta):
        verbose_name = _("pass bought")
        verbose_name_plural = _("passes bought")
        indexes = (models.Index(fields=("company", "customer", "id"), name="pass_of_customer"),)

    def __str__(self) -> str:
        return f"{self.product} ({self.customer})"
