import datetime
from typing import Self

from django.db import models
from django.db.models import Case, F, Func, Q, Value, When
from django.utils.translation import gettext_lazy as _

from config.tenancy.merging import REFUSED, Moves
from config.tenancy.models import TenantForeignKey, TenantModel, check, index, once
from config.tenancy.personal import Personal
from config.tenancy.recording import CANCELLING, SUSPENDING, Recorded, is_cleared, is_set
from config.tenancy.scoping import TenantQuerySet
from customers.models import Customer

from .plans import Plan


class DateAfter(Func):
    """The date a number of periods after an anchor; after February, the 31st is used again."""

    function = "billing_date_after"
    output_field = models.DateField()
    arity = 3


class PeriodsBetween(Func):
    """The number of whole periods between two dates."""

    function = "billing_periods_between"
    output_field = models.IntegerField()
    arity = 3


class SubscriptionQuerySet(TenantQuerySet["Subscription"]):
    """Subscriptions of customers."""

    def active(self) -> Self:
        """Subscriptions that renew and grant: ACTIVE, and the customer is not archived."""
        return self.in_state(Subscription.State.ACTIVE)

    def of_archived(self) -> Self:
        """Subscriptions of archived customers, which do not renew or grant."""
        return self.live().filter(customer_id__in=Customer.objects.archived().values("id"))

    def in_state(self, state: str) -> Self:
        """Subscriptions in a state; those of archived customers count only as cancelled."""
        if state == Subscription.State.CANCELLED:
            return self.filter(state=state)
        return self.filter(state=state, customer_id__in=Customer.objects.live().values("id"))

    def live(self) -> Self:
        """Subscriptions that are not cancelled."""
        return self.filter(cancelled_at__isnull=True)

    def pause_over(self, today: datetime.date) -> Self:
        """Paused subscriptions that continue today, or should have before."""
        return self.renewing().filter(paused_until__lte=today)

    def renewing(self) -> Self:
        """Subscriptions that will renew: not cancelled, and the customer is not archived."""
        return self.live().filter(customer_id__in=Customer.objects.live().values("id"))

    def begun_between(self, first: datetime.date, last: datetime.date) -> Self:
        """Subscriptions that began between two days, both included."""
        return self.filter(anchor_date__gte=first, anchor_date__lte=last)

    def due(self, today: datetime.date) -> Self:
        """Subscriptions that renew today, or should have renewed before."""
        return self.active().filter(renewal_date__lte=today)


class Subscription(TenantModel):
    """A customer's subscription to a plan, on the terms of the plan when it was made.

    `anchor_date` is the local date on which the subscription began; `periods_turned` is the number
    of periods since. They determine the `renewal_date`; a cancelled subscription has none. If
    several states apply, the first of cancelled, suspended and paused counts. `paused_until` is the
    day on which a paused subscription continues; without it, the pause lasts until staff resume it.
    """

    id_prefix = "mandate_"
    recorded = Recorded(
        "subscription",
        (
            *CANCELLING,
            is_set("paused", "paused_at"),
            is_cleared("resumed", "paused_at"),
            *SUSPENDING,
        ),
    )
    merging = {"customer": Moves({"subscription_once": REFUSED})}

    personal = Personal(erase=("pause_reason",))

    class State(models.TextChoices):
        ACTIVE = "ACTIVE", _("active")
        PAUSED = "PAUSED", _("paused")
        SUSPENDED = "SUSPENDED", _("suspended")
        CANCELLED = "CANCELLED", _("cancelled")

    customer = TenantForeignKey("customers.Customer", related_name="subscriptions")
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
    paused_until = models.DateField(_("paused until"), null=True, editable=False)
    pause_reason = models.CharField(
        _("paused because"), max_length=500, default="", db_default="", blank=True, editable=False
    )
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
            once(
                "subscription_once",
                "customer",
                "plan",
                condition=Q(cancelled_at__isnull=True),
                message=_("This customer has this plan already."),
            ),
            check(
                "subscription_billing_period",
                Q(billing_period__in=["P1W", "P1M", "P3M", "P6M", "P1Y"]),
            ),
            check(
                "subscription_pause_has_begun",
                Q(paused_at__isnull=False) | Q(paused_until__isnull=True, pause_reason=""),
            ),
        ]
        indexes = (
            index("subscription_of_customer", "customer", "id"),
            index("subscription_due", "renewal_date", condition=Q(state="ACTIVE")),
            index("subscription_active", "customer", condition=Q(state="ACTIVE")),
            index(
                "subscription_pause_ends", "paused_until", condition=Q(paused_until__isnull=False)
            ),
            index("subscription_began", "anchor_date"),
            index("subscription_ended", "cancelled_at", condition=Q(cancelled_at__isnull=False)),
        )

    def __str__(self) -> str:
        return f"{self.customer} · {self.plan}"


class SubscriptionPause(TenantModel):
    """A pause that has ended; created when the subscription resumes, never changed."""

    recorded = Recorded("subscription_pause")
    personal = Personal(erase=("reason",))

    subscription = TenantForeignKey(Subscription, related_name="pauses")
    paused_at = models.DateTimeField(_("paused at"))
    resumed_at = models.DateTimeField(_("resumed at"))
    reason = models.CharField(
        _("paused because"), max_length=500, default="", db_default="", blank=True
    )

    objects = TenantQuerySet.as_manager()

    class Meta(TenantModel.Meta):
        verbose_name = _("pause")
        verbose_name_plural = _("pauses")
        constraints = [
            *TenantModel.Meta.constraints,
            check("pause_ends_after_it_began", Q(resumed_at__gte=F("paused_at"))),
        ]
        indexes = (index("pause_of_subscription", "subscription"),)

    def __str__(self) -> str:
        return f"{self.paused_at:%Y-%m-%d} – {self.resumed_at:%Y-%m-%d}"
