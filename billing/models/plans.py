from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.access.models import Archivable, TenantModel
from config.access.tenancy import ArchivableQuerySet

from .money import CurrencyField, MoneyField


class PlanQuerySet(ArchivableQuerySet["Plan"]):
    """What customers can sign up for."""


class Plan(Archivable, TenantModel):
    """Something to sign up for: a price for every period.

    `grace_days` is how long a payment may be late, `minimum_periods` how many periods pass before
    a subscription may be cancelled. What is changed here holds for subscriptions made from then on.
    """

    class Period(models.TextChoices):
        WEEK = "P1W", _("every week")
        MONTH = "P1M", _("every month")
        QUARTER = "P3M", _("every three months")
        HALF_YEAR = "P6M", _("every six months")
        YEAR = "P1Y", _("every year")

    name = models.CharField(_("name"), max_length=200)
    price = MoneyField(_("price"))
    currency = CurrencyField(_("currency"))
    billing_period = models.CharField(_("billed"), max_length=3, choices=Period.choices)
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=0)
    minimum_periods = models.PositiveSmallIntegerField(_("periods at least"), default=0)

    objects = PlanQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("plan")
        verbose_name_plural = _("plans")
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(condition=Q(price__gte=0), name="plan_price_not_negative"),
            models.CheckConstraint(
                condition=Q(billing_period__in=["P1W", "P1M", "P3M", "P6M", "P1Y"]),
                name="plan_billing_period",
            ),
        ]

    def __str__(self) -> str:
        return self.name
