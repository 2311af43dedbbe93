import datetime
from typing import Self

from django.db import models
from django.db.models import Case, CharField, Q, Value, When
from django.db.models.expressions import Combinable
from django.utils.translation import gettext_lazy as _

from config.errors import Refusal
from config.tenancy.days import Moment
from config.tenancy.models import TenantModel, UpdatedAt, check
from config.tenancy.recording import is_set
from config.tenancy.scoping import TenantQuerySet
from config.times import Clock, ClockOnce

from ..errors import EndsTooSoon, Expired, NotEnough, Revoked, UsedUp

# The first matching condition is the refusal of a use. The conditional update, the error and the
# forecast all use this list.
TERMINAL: list[tuple[type[Refusal], Q]] = [
    (UsedUp, Q(redeemed_at__isnull=False)),
    (Revoked, Q(revoked_at__isnull=False)),
    (Expired, Q(expired_at__isnull=False)),
]
UNFINISHED = Q(redeemed_at__isnull=True, revoked_at__isnull=True, expired_at__isnull=True)

_ALL: tuple[type[Refusal], ...] = (UsedUp, Revoked, Expired, EndsTooSoon, NotEnough)
REFUSALS: dict[str, type[Refusal]] = {refusal.code: refusal for refusal in _ALL}


def has_ended(at: Moment) -> Q:
    """Return the condition that a credit or pass has ended at a moment."""
    return Q(expires_at__lte=at)


def lasts(at: Moment) -> Q:
    """Return the condition that a credit or pass has not ended at a moment."""
    return Q(expires_at__isnull=True) | Q(expires_at__gt=at)


ENDING = (is_set("revoked", "revoked_at"), is_set("expired", "expired_at"))


class HoldingQuerySet[M: models.Model](TenantQuerySet[M]):
    """Credits or passes of customers."""

    def with_refusal(
        self,
        amount: int | Combinable,
        *,
        begins_at: Moment | None = None,
        now: Moment | None = None,
    ) -> Self:
        """Annotate `refusal`: the code of the reason why `amount` cannot be taken, else null.

        `begins_at` is the start of the booking to pay, now by default. The conditions read only the
        row and join no table, so an update that waited for the row sees its latest version.
        """
        too_soon = [] if begins_at is None else [(EndsTooSoon, has_ended(begins_at))]
        reasons: list[tuple[type[Refusal], Q]] = [
            *TERMINAL,
            (Expired, has_ended(now or Clock())),
            *too_soon,
            (NotEnough, Q(balance__lt=amount)),
        ]
        return self.annotate(
            refusal=Case(
                *(When(condition, then=Value(refusal.code)) for refusal, condition in reasons),
                default=None,
                output_field=CharField(null=True),
            )
        )

    def takeable(self, amount: int | Combinable, *, begins_at: Moment | None = None) -> Self:
        """Rows from which `amount` can be taken: those without a refusal."""
        return self.with_refusal(amount, begins_at=begins_at).filter(Q(refusal__isnull=True))

    def live(self) -> Self:
        """Rows that can be used now."""
        return self.unfinished().filter(lasts(ClockOnce()))

    def ending_before(self, moment: datetime.datetime) -> Self:
        """Rows that end before a moment."""
        return self.filter(expires_at__lt=moment)

    def past_expiry(self, now: Moment | None = None) -> Self:
        """Rows whose end has passed and that the sweep has not expired yet."""
        return self.unfinished().filter(has_ended(now or Clock()))

    def unfinished(self) -> Self:
        """Rows that are neither used up, nor revoked, nor expired in the ledger."""
        return self.filter(UNFINISHED)


class Holding(TenantModel):
    """The base of credits and passes: a balance, which is the sum of its ledger entries.

    It pays for bookings that begin before `expires_at`, and ends at that moment. Its state is the
    first of `redeemed_at`, `revoked_at` and `expired_at` that is set.
    """

    balance = models.BigIntegerField(_("balance"))
    times_redeemed = models.PositiveIntegerField(_("times used"), default=0)
    expires_at = models.DateTimeField(_("ends"), null=True, blank=True)
    redeemed_at = models.DateTimeField(_("used up at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)
    expired_at = models.DateTimeField(_("expired at"), null=True, editable=False)
    updated_at = UpdatedAt(_("updated at"))

    class Meta(TenantModel.Meta):
        abstract = True
        constraints = [
            *TenantModel.Meta.constraints,
            check("%(app_label)s_%(class)s_balance", Q(balance__gte=0)),
            check(
                "%(app_label)s_%(class)s_one_end",
                Q(redeemed_at__isnull=True, revoked_at__isnull=True)
                | Q(redeemed_at__isnull=True, expired_at__isnull=True)
                | Q(revoked_at__isnull=True, expired_at__isnull=True),
            ),
            check("%(app_label)s_%(class)s_nothing_left", Q(balance=0) | UNFINISHED),
        ]
