import uuid

from django.contrib.postgres.functions import RandomUUID
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from .ids import new_id
from .recording import ARCHIVING, Recorded
from .tax_fields import TaxBehavior, TaxBehaviorField, TaxRateField

MOST_PER_MINUTE = 1_000_000
# A late cancellation is at most thirty days before the booking begins.
MOST_LATE_HOURS = 30 * 24
# How long the erasure of a person waits, in which it can be cancelled.
ERASURE_DAYS, MOST_ERASURE_DAYS = 7, 30


def limit_field() -> "models.PositiveIntegerField[int | None, int | None]":
    """Return the column of a limit of its own; where it is empty the installation's holds."""
    return models.PositiveIntegerField(
        _("requests a minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MOST_PER_MINUTE)],
    )


class CompanyQuerySet(models.QuerySet["Company"]):
    def usable(self) -> "CompanyQuerySet":
        return self.filter(archived_at__isnull=True)


class Company(models.Model):
    """A tenant: everything below belongs to exactly one.

    `currency` is an ISO 4217 code, `timezone` an IANA name, `country` an ISO 3166-1 alpha-2 code.
    `credit_limit` is the most that one credit may be worth which front desk issues, in the smallest
    unit of the currency: none where it is empty, and 0 means that front desk issues no credits.
    `refund_limit` likewise limits one refund, reduction or waived fee
    (config.tenancy.money_permissions).

    A booking that is cancelled less than `late_cancellation_hours` before it begins is cancelled
    late: the company keeps what was paid, visit or money, or a fee. There is no such rule where
    the hours are empty.

    The erasure of a person waits for `erasure_days`, in which it can be cancelled.

    `tax_behavior` and `tax_rate` are the defaults of new prices; no price that exists follows them.
    """

    recorded = Recorded("company", ARCHIVING, public=False)

    class Keeps(models.TextChoices):
        """What a company keeps of a booking that is cancelled late."""

        VISIT = "visit", _("what was paid for it: the visit, the credit or the money")
        FEE = "fee", _("a fee")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(_("name"), max_length=200)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    currency = models.CharField(
        _("currency"),
        max_length=3,
        default="GBP",
        validators=[RegexValidator(r"\A[A-Z]{3}\Z", _("Three capital letters, such as GBP."))],
    )
    timezone = models.CharField(_("time zone"), max_length=64, default="Europe/London")
    country = models.CharField(_("country"), max_length=2, default="GB")
    portal_url = models.URLField(_("customer portal"), blank=True)
    credit_limit = models.BigIntegerField(_("limit of front desk"), null=True, blank=True)
    tax_behavior = TaxBehaviorField(verbose_name=_("tax of new prices is"))
    tax_rate = TaxRateField(verbose_name=_("tax of new prices in percent"), default=0, db_default=0)
    refund_limit = models.BigIntegerField(_("refund limit of front desk"), null=True, blank=True)
    late_cancellation_hours = models.IntegerField(_("late cancellation"), null=True, blank=True)
    late_cancellation_keeps = models.CharField(
        _("what is kept"),
        max_length=5,
        choices=Keeps.choices,
        default=Keeps.VISIT,
        db_default=Keeps.VISIT.value,
    )
    late_cancellation_fee = models.BigIntegerField(_("fee"), default=0, db_default=0)
    erasure_days = models.SmallIntegerField(
        _("days before an erasure"), default=ERASURE_DAYS, db_default=ERASURE_DAYS
    )
    requires_second_factor = models.BooleanField(
        _("second factor required"),
        default=False,
        db_default=False,
        help_text=_(
            "Owners and managers sign in with a code from their phone besides the password. Who "
            "has none yet is led to set it up at once."
        ),
    )
    requests_per_minute = limit_field()
    # Hides how many changes all companies make: see config.webhooks.feed.positions.
    change_key = models.UUIDField(db_default=RandomUUID(), editable=False)
    archived_at = models.DateTimeField(_("archived at"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), db_default=Now(), editable=False)

    # The role of the staff member whose `workplaces` the company was read from.
    role: str

    objects = CompanyQuerySet.as_manager()

    class Meta:
        app_label = "access"
        verbose_name = _("company")
        verbose_name_plural = _("companies")
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=models.Q(credit_limit__gte=0), name="company_credit_limit_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    tax_rate__gte=0, tax_rate__lte=100, tax_behavior__in=TaxBehavior.values
                ),
                name="company_taxed",
            ),
            models.CheckConstraint(
                condition=models.Q(refund_limit__gte=0), name="company_refund_limit_not_negative"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    late_cancellation_keeps__in=["visit", "fee"], late_cancellation_fee__gte=0
                )
                & (
                    models.Q(late_cancellation_hours__isnull=True)
                    | models.Q(
                        late_cancellation_hours__gte=1, late_cancellation_hours__lte=MOST_LATE_HOURS
                    )
                ),
                name="company_late_cancellation",
            ),
            models.CheckConstraint(
                condition=models.Q(erasure_days__range=(0, MOST_ERASURE_DAYS)),
                name="company_erasure_days",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None


def currency_of(company: uuid.UUID) -> str:
    """Return the currency that a company's prices are in unless they name another."""
    return Company.objects.values_list("currency", flat=True).get(pk=company)


def tax_behavior_in(country: str) -> TaxBehavior:
    """Return whether prices in a country include tax: everywhere but in the US and Canada."""
    return TaxBehavior.EXCLUSIVE if country in ("US", "CA") else TaxBehavior.INCLUSIVE


class Workplace(Company):
    """The company of a staff session, as its owners see and change it."""

    class Meta:
        app_label = "access"
        proxy = True
        verbose_name = _("your company")
        verbose_name_plural = _("your company")
