from typing import Self

from django.db import models
from django.db.models import F, Q, Value
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models.taxes import TaxOn
from config.tenancy.days import TodayOnce
from config.tenancy.merging import Moves
from config.tenancy.models import Named, TenantForeignKey, TenantModel, UpdatedAt, check, index
from config.tenancy.money_fields import CurrencyField, MoneyField
from config.tenancy.personal import NOBODYS, Personal
from config.tenancy.recording import ARCHIVING, CANCELLING, Recorded
from config.tenancy.scoping import ArchivableQuerySet
from config.tenancy.tax_fields import TaxBehavior, TaxRateField
from config.tenancy.taxes import Taxed, tax_check

from .payable import UNPAID, Payable, PayableQuerySet

_INCLUSIVE = Value(TaxBehavior.INCLUSIVE.value)


class Media(Taxed, Named):
    """A video or another medium for sale; `valid_for` is an ISO 8601 duration."""

    id_prefix = "media_"
    noun = "medium"
    recorded = Recorded("media", ARCHIVING)
    personal = NOBODYS

    description = models.TextField(_("description"), max_length=2000, blank=True)
    price = MoneyField(_("price"))
    tax_rate = TaxRateField(db_default=0)
    currency = CurrencyField(_("currency"), editable=False)
    valid_for = models.CharField(_("lasts"), max_length=20, blank=True)
    updated_at = UpdatedAt(_("updated at"))

    objects = ArchivableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("video or other medium")
        verbose_name_plural = _("videos and other media")
        constraints = [
            *TenantModel.Meta.constraints,
            check("media_price", Q(price__gte=0)),
            tax_check("media_taxed"),
        ]


class MediaPurchaseQuerySet(PayableQuerySet["MediaPurchase"]):
    """Media that customers bought."""

    def usable(self) -> Self:
        """Purchases that are neither cancelled nor past their last day."""
        return self.filter(cancelled_at__isnull=True).exclude(
            expires_on__lt=TodayOnce(F("company_id"))
        )


class MediaPurchase(Taxed, Payable):
    """A medium that a customer bought; `expires_on` is the last day on which it can be used.

    `total` is the price that the customer pays, including `tax`.
    """

    id_prefix = "media_"
    noun = "media purchase"
    recorded = Recorded("media_purchase", CANCELLING)
    personal = Personal(erase=("reason",), impersonal=("cancelled_by",))
    merging = {"customer": Moves()}

    media = TenantForeignKey(Media, related_name="purchases")
    customer = TenantForeignKey("customers.Customer", related_name="media_purchases")
    tax_rate = TaxRateField(db_default=0)
    tax = MoneyField(_("tax"), db_default=0, editable=False)
    invoice = TenantForeignKey(
        "billing.Invoice", null=True, editable=False, related_name="+", db_index=False
    )
    expires_on = models.DateField(_("last day"), null=True, blank=True)
    purchased_at = models.DateTimeField(_("sold at"), db_default=Now(), editable=False)

    objects = MediaPurchaseQuerySet.as_manager()

    class Meta(Payable.Meta):
        verbose_name = _("video sold")
        verbose_name_plural = _("videos sold")
        constraints = [
            *Payable.Meta.constraints,
            tax_check("media_purchase_taxed"),
            # `tax` is the tax included in `total`, also if the price excludes it.
            check("media_purchase_tax", Q(tax=TaxOn(F("total"), F("tax_rate"), _INCLUSIVE))),
        ]
        indexes = (
            index("media_of_customer", "customer", "id"),
            index("media_to_pay", "customer", condition=UNPAID),
            index("media_of_invoice", "invoice", condition=Q(invoice__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.media} ({self.customer})"

    @property
    def subtotal(self) -> int:
        """The price as entered: including the tax if it is inclusive, else without."""
        return self.total if self.tax_behavior == TaxBehavior.INCLUSIVE else self.total - self.tax

    @property
    def is_cancelled(self) -> bool:
        return self.cancelled_at is not None

    @property
    def offering(self) -> str:
        return self.media.name
