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
# The longest notice that a company may require of a cancellation: thirty days.
MOST_LATE_HOURS = 30 * 24
# The default and the longest delay before a person is erased; it can be cancelled until then.
ERASURE_DAYS, MOST_ERASURE_DAYS = 7, 30


def limit_field() -> "models.PositiveIntegerField[int | None, int | None]":
    """Return the column of a rate limit; if it is empty, the default of the settings applies."""
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
    """A tenant: every row of a TenantModel belongs to exactly one company.

    `currency` is an ISO 4217 code, `timezone` an IANA name, `country` an ISO 3166-1 alpha-2 code.
    `credit_limit` is the largest credit that front desk may issue, in the smallest unit of the
    currency: empty means no limit, 0 that front desk may issue none. `refund_limit` limits refunds,
    reductions and waived fees in the same way (config.tenancy.money_permissions).

    If a booking is cancelled less than `late_cancellation_hours` before it begins, the company
    keeps the payment (a visit, a credit or money) or a fee. Empty hours turn this rule off.

    The erasure of a person can be cancelled for `erasure_days`, then it is done.

    `tax_behavior` and `tax_rate` are the defaults of new prices; they do not change existing ones.
    """

    recorded = Recorded("company", ARCHIVING, public=False)

    class Keeps(models.TextChoices):
        """The ways in which a company can charge for a late cancellation."""

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

    # Annotated by `Staff.workplaces`: the role of the staff member in this company.
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
    """Return the default currency of a company's prices."""
    return Company.objects.values_list("currency", flat=True).get(pk=company)


def tax_behavior_in(country: str) -> TaxBehavior:
    """Return the default tax behavior in a country: exclusive in the US and Canada only."""
    return TaxBehavior.EXCLUSIVE if country in ("US", "CA") else TaxBehavior.INCLUSIVE


class Workplace(Company):
    """Proxy of Company for the settings page that owners use."""

    class Meta:
        app_label = "access"
        proxy = True
        verbose_name = _("your company")
        verbose_name_plural = _("your company")
