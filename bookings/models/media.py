from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models.money import CurrencyField, MoneyField
from config.access.models import Archivable, TenantForeignKey, TenantModel
from config.access.tenancy import ArchivableQuerySet
from credits.models.today import TodayOnce
from customers.models import Customer

from .payable import Payable, PayableQuerySet


class MediaQuerySet(ArchivableQuerySet["Media"]):
    """What can be watched or heard."""


class Media(Archivable, TenantModel):
    """A video or another medium that can be bought; `valid_for` is an ISO 8601 duration."""

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    price = MoneyField(_("price"))
    currency = CurrencyField(_("currency"), editable=False)
    valid_for = models.CharField(_("lasts"), max_length=20, blank=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = MediaQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("video or other medium")
        verbose_name_plural = _("videos and other media")
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(name="media_price", condition=Q(price__gte=0)),
        ]

    def __str__(self) -> str:
        return self.name


class MediaPurchaseQuerySet(PayableQuerySet["MediaPurchase"]):
    """Media that customers bought."""

    def usable(self) -> Self:
        """Neither cancelled nor past their last day."""
        return self.filter(cancelled_at__isnull=True).exclude(
            expires_on__lt=TodayOnce(F("company_id"))
        )


class MediaPurchase(Payable):
    """A medium that a customer bought; `expires_on` is the last day on which it can be used."""

    media = TenantForeignKey(Media, related_name="purchases")
    customer = TenantForeignKey(Customer, related_name="media_purchases")
    expires_on = models.DateField(_("last day"), null=True, blank=True)
    purchased_at = models.DateTimeField(_("bought at"), db_default=Now(), editable=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)
    cancelled_by = models.CharField(_("cancelled by"), max_length=255, blank=True, editable=False)
    reason = models.CharField(_("cancelled because"), max_length=500, blank=True, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = MediaPurchaseQuerySet.as_manager()

    class Meta(Payable.Meta):
        verbose_name = _("medium bought")
        verbose_name_plural = _("media bought")
        indexes = (models.Index(fields=("company", "customer", "id"), name="media_of_customer"),)

    def __str__(self) -> str:
        return f"{self.media} ({self.customer})"

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None
