import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Case, CharField, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from config.access.models import TenantModel
from config.access.tenancy import TenantQuerySet
from config.errors import Refusal

from ..errors import Expired, NotEnough, Revoked, UsedUp
from .today import Today, TodayOnce

# Why nothing can be taken, in the order of which comes first. This is the one home of the rule:
# the update that takes, the answer that explains, and the forecast all read it.
TERMINAL: list[tuple[type[Refusal], Q]] = [
    (UsedUp, Q(redeemed_at__isnull=False)),
    (Revoked, Q(revoked_at__isnull=False)),
    (Expired, Q(expired_at__isnull=False)),
]


_ALL: tuple[type[Refusal], ...] = (UsedUp, Revoked, Expired, NotEnough)
REFUSALS: dict[str, type[Refusal]] = {refusal.code: refusal for refusal in _ALL}


class HoldingQuerySet[M: models.Model](TenantQuerySet[M]):
    """Balances that customers hold."""

    def with_refusal(self, amount: Any, today: Any = None) -> Self:
        """With `refusal`: the code of why `amount` cannot be taken, null where it can be.

        Conditions stand on the row itself and on nothing joined, so that an update which waited
        for the row looks at it as it has become.
        """
        reasons: list[tuple[type[Refusal], Q]] = [
            *TERMINAL,
            (Expired, Q(expiry_date__lt=today or Today())),
            (NotEnough, Q(balance__lt=amount)),
        ]
        return self.annotate(
            refusal=Case(
                *(When(condition, then=Value(refusal.code)) for refusal, condition in reasons),
                default=None,
                output_field=CharField(null=True),
            )
        )

    def live(self, today: Any = None) -> Self:
        """Those that can be used today, the company's own unless another day is given."""
        day = TodayOnce(F("company_id")) if today is None else today
        lasts = Q(expiry_date__isnull=True) | Q(expiry_date__gte=day)
        return self.unfinished().filter(lasts)

    def expiring_within(self, days: int, today: datetime.date) -> Self:
        """Live ones whose last day is at most so many days away."""
        last = today + datetime.timedelta(days=days)
        return self.unfinished().filter(expiry_date__gte=today, expiry_date__lte=last)

    def past_expiry(self) -> Self:
        """Open ones whose last day is over."""
        return self.unfinished().filter(expiry_date__lt=Today())

    def unfinished(self) -> Self:
        """Neither used up nor revoked nor expired in the ledger."""
        return self.filter(
            redeemed_at__isnull=True, revoked_at__isnull=True, expired_at__isnull=True
        )


class Holding(TenantModel):
    """A balance that a customer holds, beside the ledger entries that it is the sum of.

    `expiry_date` is the last day, in the company's time zone, on which it can be used. The first
    of the three moments to be set is its state.
    """

    balance = models.BigIntegerField(_("balance"))
    times_redeemed = models.PositiveIntegerField(_("times used"), default=0)
    expiry_date = models.DateField(_("last day"), null=True, blank=True)
    redeemed_at = models.DateTimeField(_("used up at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)
    expired_at = models.DateTimeField(_("expired at"), null=True, editable=False)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta(TenantModel.Meta):
        abstract = True
        constraints = [
            *TenantModel.Meta.constraints,
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_balance", condition=Q(balance__gte=0)
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_one_end",
                condition=Q(redeemed_at__isnull=True, revoked_at__isnull=True)
                | Q(redeemed_at__isnull=True, expired_at__isnull=True)
                | Q(revoked_at__isnull=True, expired_at__isnull=True),
            ),
            models.CheckConstraint(
                name="%(app_label)s_%(class)s_nothing_left",
                condition=Q(balance=0)
                | Q(redeemed_at__isnull=True, revoked_at__isnull=True, expired_at__isnull=True),
            ),
        ]
