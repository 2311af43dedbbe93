from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from billing.models.taxes import TaxOn
from config.tenancy.merging import Moves
from config.tenancy.models import Named, TenantForeignKey, TenantModel, UpdatedAt, check, index
from config.tenancy.money_fields import MoneyField
from config.tenancy.personal import NOBODYS, Personal
from config.tenancy.recording import ARCHIVING, Recorded
from config.tenancy.scoping import ArchivableQuerySet
from config.tenancy.tax_fields import TaxBehavior, TaxRateField
from config.tenancy.taxes import Taxed, tax_check

from .holdings import ENDING, Holding, HoldingQuerySet

# The most visits of a pass, and of one use.
MOST_VISITS = 10_000


class PassProduct(Taxed, Named):
    """A bundle of visits for sale, valid for its `offerings`; without any, for everything."""

    id_prefix = "pass_"
    noun = "pass product"
    recorded = Recorded("pass_product", ARCHIVING)
    personal = NOBODYS

    visits = models.PositiveIntegerField(_("visits"))
    price = models.PositiveBigIntegerField(_("price"))
    tax_rate = TaxRateField(db_default=0)
    currency = models.CharField(_("currency"), max_length=3)
    valid_for = models.CharField(_("lasts"), max_length=20, blank=True)
    offerings = ArrayField(
        models.CharField(max_length=200), verbose_name=_("good for"), default=list, blank=True
    )
    # The public ids of the services, events and media in `offerings`, if known.
    offering_ids = ArrayField(models.CharField(max_length=40), null=True, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    objects = ArchivableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("pass")
        verbose_name_plural = _("passes")
        constraints = [
            *TenantModel.Meta.constraints,
            check("pass_product_visits", Q(visits__gte=1)),
            tax_check("pass_product_taxed"),
        ]


class PassPurchase(Taxed, Holding):
    """A pass that a customer bought, with its visits, price and offerings at that time.

    `tax` is included in the price or added to it, by `tax_behavior`. `invoice` charges for the
    price; a pass that is free or was sold elsewhere has none.
    """

    id_prefix = "pkg_"
    noun = "pass"
    recorded = Recorded("pass", ENDING, created="sold")
    personal = Personal(impersonal=("offerings",))
    merging = {"customer": Moves()}

    product = TenantForeignKey(PassProduct, related_name="purchases")
    customer = TenantForeignKey("customers.Customer", related_name="passes")
    visits = models.PositiveIntegerField(_("visits"))
    price = models.PositiveBigIntegerField(_("price"))
    tax_rate = TaxRateField(db_default=0)
    tax = MoneyField(_("tax"), db_default=0, editable=False)
    currency = models.CharField(_("currency"), max_length=3)
    offerings = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    purchased_at = models.DateTimeField(_("sold at"), db_default=Now(), editable=False)
    invoice = TenantForeignKey(
        "billing.Invoice", null=True, editable=False, related_name="passes", db_index=False
    )

    objects = HoldingQuerySet.as_manager()

    class Meta(Holding.Meta):
        verbose_name = _("pass sold")
        verbose_name_plural = _("passes sold")
        constraints = [
            *Holding.Meta.constraints,
            tax_check("pass_purchase_taxed"),
            check("pass_purchase_tax", Q(tax=TaxOn(F("price"), F("tax_rate"), F("tax_behavior")))),
        ]
        indexes = (
            index("pass_of_customer", "customer", "id"),
            index("pass_of_invoice", "invoice", condition=Q(invoice__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.product} ({self.customer})"

    @property
    def total(self) -> int:
        """The price including tax."""
        return self.price if self.tax_behavior == TaxBehavior.INCLUSIVE else self.price + self.tax
