from collections.abc import Mapping

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.tenancy.models import (
    Archivable,
    TenantForeignKey,
    TenantModel,
    UpdatedAt,
    check,
    index,
    once,
)
from config.tenancy.personal import NOBODYS
from config.tenancy.recording import ARCHIVING, Recorded
from config.tenancy.scoping import ArchivableQuerySet

AMOUNT, PERCENTAGE, OFFERING = "amount", "percentage", "offering"

# The most matches, and the number of newest coupons whose names are searched.
FEW, NEWEST = 3, 1000


class Terms(models.Model):
    """The terms of an entitlement: an amount off, a percentage off, or a named offering.

    `amount` counts in the smallest unit of `currency`; an amount is a balance that is used in
    parts. The others are used once, or any number of times if they are `multi_use`.
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

    @property
    def is_percentage(self) -> bool:
        return self.entitlement == PERCENTAGE

    @property
    def is_offering(self) -> bool:
        return self.entitlement == OFFERING

    def percentage_off(self, price: int) -> int:
        """Return the percentage of a price, rounded half up."""
        return (price * (self.percentage or 0) + 50) // 100


def terms_hold(name: str) -> models.CheckConstraint:
    """Return the constraint that the terms have exactly one entitlement, within its bounds."""
    return check(
        name,
        Q(entitlement=AMOUNT, amount__gt=0, percentage__isnull=True, offering="", multi_use=False)
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

    def known_as(self, typed: str) -> models.QuerySet["Coupon", Mapping[str, object]]:
        """Ids of a few coupons that match a typed code or part of a name.

        Only the newest coupons are searched by name, as a company may have any number of coupons.
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


class Coupon(Archivable, Terms):
    """The template of a credit; `valid_for` is an ISO 8601 duration, "" for no end.

    A credit gets a copy of the terms, so a change does not affect issued credits.
    """

    id_prefix = "cpn_"
    recorded = Recorded("coupon", ARCHIVING)
    personal = NOBODYS

    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), max_length=2000, blank=True)
    # The public id of the service, event or medium in `offering`, "" if unknown.
    offering_id = models.CharField(max_length=40, blank=True, db_default="", editable=False)
    code = models.CharField(_("code"), max_length=60, blank=True)
    valid_for = models.CharField(_("lasts"), max_length=20, blank=True)
    updated_at = UpdatedAt(_("updated at"))

    objects = CouponQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("coupon")
        verbose_name_plural = _("coupons")
        constraints = [
            *TenantModel.Meta.constraints,
            terms_hold("coupon_terms"),
            once(
                "coupon_code_once",
                "code",
                condition=Q(archived_at__isnull=True) & ~Q(code=""),
                message=_("Another coupon has this code."),
            ),
        ]
        indexes = (index("coupon_code", "code"),)

    def __str__(self) -> str:
        return self.name


class CreditRule(Archivable):
    """A rule by which a plan grants a coupon.

    `every` is the plan's own billing period, an ISO 8601 duration, or P0D for a single grant.
    Unless the rule rolls over, a credit ends with the period for which it was granted.
    """

    id_prefix = "rule_"
    recorded = Recorded("credit_rule", ARCHIVING)
    personal = NOBODYS

    BILLING_CYCLE, ONCE = "billing_cycle", "P0D"
    EVERY = [
        (BILLING_CYCLE, _("every billing period")),
        (ONCE, _("once")),
        ("P1M", _("every month")),
        ("P3M", _("every three months")),
        ("P6M", _("every six months")),
        ("P1Y", _("every year")),
    ]

    plan = TenantForeignKey("billing.Plan", related_name="credit_rules")
    coupon = TenantForeignKey(Coupon, related_name="rules")
    every = models.CharField(_("how often"), max_length=20, choices=EVERY)
    on_sign_up = models.BooleanField(_("the first one on sign-up"), default=True)
    rolls_over = models.BooleanField(_("rolls over"), default=False)

    objects = ArchivableQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("credit rule")
        verbose_name_plural = _("credit rules")
        indexes = (index("credit_rule_of_plan", "plan"),)

    def __str__(self) -> str:
        return f"{self.coupon}, {self.get_every_display()}"
