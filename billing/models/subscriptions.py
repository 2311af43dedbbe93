import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.utils.translation import gettext_lazy as _

from config.access.models import TenantForeignKey, TenantModel
from config.access.tenancy import TenantQuerySet
from customers.models import Customer

from .plans import Plan


class DateAfter(Func):
    """The date that lies so many periods after another: the 31st comes back after February."""

    function = "billing_date_after"
    output_field = models.DateField()

    def __init__(self, anchor: Any, period: Any, count: Any, **extra: Any) -> None:
        super().__init__(anchor, period, count, **extra)


class PeriodsBetween(Func):
    """How many whole periods lie between two dates."""

    function = "billing_periods_between"
    output_field = models.IntegerField()

    def __init__(self, anchor: Any, period: Any, today: Any, **extra: Any) -> None:
        super().__init__(anchor, period, today, **extra)


class SubscriptionQuerySet(TenantQuerySet["Subscription"]):
    """Customers' mandates on plans."""

    def active(self) -> Self:
        return self.filter(state=Subscription.State.ACTIVE)

    def live(self) -> Self:
        """All but the cancelled ones."""
        return self.filter(cancelled_at__isnull=True)

    def begun_between(self, first: datetime.date, last: datetime.date) -> Self:
        """Those that began on a day from the first to the last."""
        return self.filter(anchor_date__gte=first, anchor_date__lte=last)

    def due(self, today: datetime.date) -> Self:
        """Those whose period turns today, or should have turned before."""
        customers = Customer.objects.live().values("id")
        return self.active().filter(renewal_date__lte=today, customer_id__in=customers)


class Subscription(TenantModel):
    """A customer's mandate on a plan, under the terms that the plan had when it was made.

    `anchor_date` is the local date on which it began, and `periods_turned` how many periods have
    passed since; both give the `renewal_date`, which a cancelled one has no more. The state is
    made of facts: cancelled before suspended before paused.
    """

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", _("active")
        PAUSED = "PAUSED", _("paused")
        SUSPENDED = "SUSPENDED", _("suspended")
        CANCELLED = "CANCELLED", _("cancelled")

    customer = TenantForeignKey(Customer, related_name="subscriptions")
    plan = TenantForeignKey(Plan, related_name="subscriptions")
    billing_period = models.CharField(
        _("billed"), max_length=3, choices=Plan.Period.choices, editable=False
    )
    anchor_date = models.DateField(_("began on"), blank=True)
    periods_turned = models.PositiveIntegerField(default=0, editable=False)
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), editable=False)
    earliest_cancellation_date = models.DateField(
        _("can be cancelled from"), null=True, editable=False
    )
    paused_at = models.DateTimeField(_("paused at"), null=True, editable=False)
    suspended_at = models.DateTimeField(_("suspended at"), null=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, editable=False)
    renewal_date = models.GeneratedField(
        expression=Case(
            When(
                cancelled_at__isnull=True,
                then=DateAfter(F("anchor_date"), F("billing_period"), F("periods_turned") + 1),
            )
        ),
        output_field=models.DateField(_("renews on"), null=True),
        db_persist=True,
    )
    state = models.GeneratedField(
        expression=Case(
            When(cancelled_at__isnull=False, then=Value("CANCELLED")),
            When(suspended_at__isnull=False, then=Value("SUSPENDED")),
            When(paused_at__isnull=False, then=Value("PAUSED")),
            default=Value("ACTIVE"),
        ),
        output_field=models.CharField(_("state"), max_length=9, choices=State.choices),
        db_persist=True,
    )

    objects = SubscriptionQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")
        constraints = [
            *TenantModel.Meta.constraints,
            models.UniqueConstraint(
                fields=("company", "customer", "plan"),
                condition=Q(cancelled_at__isnull=True),
                name="subscription_once",
                violation_error_message=_("This customer has this plan already."),
            ),
            models.CheckConstraint(
                condition=Q(billing_period__in=["P1W", "P1M", "P3M", "P6M", "P1Y"]),
                name="subscription_billing_period",
            ),
        ]
        indexes = (
            models.Index(fields=("company", "customer", "id"), name="subscription_of_customer"),
            models.Index(
                fields=("company", "renewal_date"),
                condition=Q(state="ACTIVE"),
                name="subscription_due",
            ),
            models.Index(
                fields=("company", "customer"),
                condition=Q(state="ACTIVE"),
                name="subscription_active",
            ),
            models.Index(fields=("company", "anchor_date"), name="subscription_began"),
            models.Index(
                fields=("company", "cancelled_at"),
                condition=Q(cancelled_at__isnull=False),
                name="subscription_ended",
            ),
        )

    def __str__(self) -> str:
        return f"{self.customer} · {self.plan}"


class SubscriptionPauseQuerySet(TenantQuerySet["SubscriptionPause"]):
    """Pauses that are over."""


class SubscriptionPause(TenantModel):
    """That a subscription was paused, and when it was resumed: written then, never changed."""

    subscription = TenantForeignKey(Subscription, related_name="pauses")
    paused_at = models.DateTimeField(_("paused at"))
    resumed_at = models.DateTimeField(_("resumed at"))

    objects = SubscriptionPauseQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(
                condition=Q(resumed_at__gte=F("paused_at")), name="pause_ends_after_it_began"
            ),
        ]
        indexes = (models.Index(fields=("company", "subscription"), name="pause_of_subscription"),)

    def __str__(self) -> str:
        return f"{self.paused_at:%Y-%m-%d} – {self.resumed_at:%Y-%m-%d}"
