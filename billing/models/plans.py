from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.tenancy.models import Named, TenantModel, check
from config.tenancy.money_fields import CurrencyField, MoneyField
from config.tenancy.personal import NOBODYS
from config.tenancy.recording import ARCHIVING, Recorded
from config.tenancy.scoping import ArchivableQuerySet
from config.tenancy.tax_fields import TaxRateField
from config.tenancy.taxes import Taxed, tax_check


class Plan(Taxed, Named):
    """A price for every billing period, with tax or without.

    `grace_days` is how many days late a payment may be; `minimum_periods` is how many periods must
    pass before a subscription may be cancelled. Changes apply to new subscriptions only.
    """

    id_prefix = "plan_"
    recorded = Recorded("plan", ARCHIVING)
    personal = NOBODYS

    class Period(models.TextChoices):
        WEEK = "P1W", _("every week")
        MONTH = "P1M", _("every month")
        QUARTER = "P3M", _("every three months")
        HALF_YEAR = "P6M", _("every six months")
        YEAR = "P1Y", _("every year")

    price = MoneyField(_("price"))
    tax_rate = TaxRateField(db_default=0)
    currency = CurrencyField(_("currency"))
    billing_period = models.CharField(_("billed"), max_length=3, choices=Period.choices)
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=0)
    minimum_periods = models.PositiveSmallIntegerField(_("periods at least"), default=0)

    objects = ArchivableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            *TenantModel.Meta.constraints,
            check("plan_price_not_negative", Q(price__gte=0)),
            tax_check("plan_taxed"),
            check("plan_billing_period", Q(billing_period__in=["P1W", "P1M", "P3M", "P6M", "P1Y"])),
        ]
