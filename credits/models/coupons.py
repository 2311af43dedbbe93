from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from billing.models import Plan
from config.access.models import Archivable, TenantForeignKey, TenantModel
from config.access.tenancy import ArchivableQuerySet

AMOUNT, PERCENTAGE, OFFERING = "amount", "percentage", "offering"

# How many coupons are offered of many, and among how many a name is looked for.
FEW, NEWEST = 3, 1000


class Terms(models.Model):
    """What an entitlement is: an amount off, a percentage off, or a named offering.

    `amount` counts in the smallest unit of `currency`; an amount is a balance that is used in
    parts, the others are used once, or any number of times where they are `multi_use`.
    """

    entitlement = models.CharField(
        _("gives"),
        max_length=20,
        choices=[
            (AMOUNT, _("an amount")),
            (PERCENTAGE, _("a percentage off")),
            (OFFERING, _("an offering")),
        ],
    )
    amount = models.PositiveBigIntegerField(_("amount"), null=True, blank=True)
    percentage = models.PositiveSmallIntegerField(_("percentage"), null=True, blank=True)
    offering = models.CharField(_("offering"), max_length=200, blank=True)
    multi_use = models.BooleanField(_("any number of uses"), default=False)
    currency = models.CharField(_("currency"), max_length=3)

    class Meta:
        abstract = True

    @property
    def is_amount(self) -> bool:
        return self.entitlement == AMOUNT


def terms_hold(name: str) -> models.CheckConstraint:
    """Return the constraint that terms say one thing, and one that can be."""
    return models.CheckConstraint(
        name=name,
        condition=Q(
            entitlement=AMOUNT,
            amount__gt=0,
            percentage__isnull=True,
            offering="",
            multi_use=False,
        )
        | Q(
            entitlement=PERCENTAGE,
            amount__isnull=True,
            percentage__gte=1,
            percentage__lte=100,
            offering="",
        )
        | (Q(entitlement=OFFERING, amount__isnull=True, percentage__isnull=True) & ~Q(offering="")),
    )


class CouponQuerySet(ArchivableQuerySet["Coupon"]):
    """Templates of credits."""

    def known_as(self, typed: str) -> models.QuerySet[Any, Any]:
        """The ids of those that somebody may mean who types a code or a part of a name: a few.

        Names are looked for among the newest, as a company may have any number of coupons.
        """
        codes = {typed, typed.upper(), typed.lower()}
        begins = Q()
        for code in codes:
            begins |= Q(code__gte=code, code__lt=f"{code}\U0010ffff", code__startswith=code)
        newest = self.newest_first().values("pk")[:NEWEST]
        named = Q(pk__in=newest)
        for word in typed.split():
            named &= Q(name__icontains=word)
        few = (
            self.filter(way).order_by("-pk").values("pk")[:FEW]
            for way in (Q(code__in=codes), begins, named)
        )
        return next(few).union(*few)


class Coupon(Archivable, Terms, TenantModel):
    """The template of a credit. `valid_for` is an ISO 8601 duration, "" for ever.

    Its terms are copied when a credit is issued, so that changing it touches none that is out.
    """

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    code = models.CharField(_("code"), max_length=60, blank=True)
    valid_for = models.CharField(_("lasts"), max_length=20, blank=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = CouponQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            *TenantModel.Meta.constraints,
            terms_hold("coupon_terms"),
            models.UniqueConstraint(
                fields=("company", "code"),
                condition=Q(archived_at__isnull=True) & ~Q(code=""),
                name="coupon_code_once",
                violation_error_message=_("Another coupon has this code."),
            ),
        ]
        indexes = (models.Index(fields=("company", "code"), name="coupon_code"),)

    def __str__(self) -> str:
        return self.name


class CreditRuleQuerySet(ArchivableQuerySet["CreditRule"]):
    """What plans grant."""


class CreditRule(Archivable, TenantModel):
    """That a plan grants a coupon every so often.

    `every` is the plan's own billing period, an ISO 8601 duration, or P0D: once. Where it does
    not roll over, what is left of one period ends with it.
    """

    BILLING_CYCLE, ONCE = "billing_cycle", "P0D"
    EVERY = [
        (BILLING_CYCLE, _("every billing period")),
        (ONCE, _("once")),
        ("P1M", _("every month")),
        ("P3M", _("every three months")),
        ("P6M", _("every six months")),
        ("P1Y", _("every year")),
    ]

    plan = TenantForeignKey(Plan, related_name="credit_rules")
    coupon = TenantForeignKey(Coupon, related_name="rules")
    every = models.CharField(_("how often"), max_length=20, choices=EVERY)
    on_sign_up = models.BooleanField(_("the first one on sign-up"), default=True)
    rolls_over = models.BooleanField(_("rolls over"), default=False)

    objects = CreditRuleQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("credit rule")
        verbose_name_plural = _("credit rules")
        indexes = (models.Index(fields=("company", "plan"), name="credit_rule_of_plan"),)

    def __str__(self) -> str:
        return f"{self.coupon}, {self.get_every_display()}"
