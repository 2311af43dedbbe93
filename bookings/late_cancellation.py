"""Forecast what cancelling a booking now would give back, by the company's rule.

The action, the confirmation page and the API use this forecast.
"""

import datetime
from dataclasses import dataclass

from django.db.models import Q, Sum

from billing.models import Payment
from billing.models.payments import PaymentQuerySet
from config.tenancy.actors import Actor
from config.tenancy.companies import Company
from config.times import database_now

from .models import AnyPayable, Booking

NOTHING, VISIT, FEE = "nothing", Company.Keeps.VISIT.value, Company.Keeps.FEE.value


@dataclass(frozen=True)
class CancellationForecast:
    """What is kept and what goes back if a booking is cancelled.

    Cancelling `is_late` from `late_from` on; without a rule that is None. `keeps` says what is
    kept: nothing, the visit (the whole payment), or a fee. `kept` is the money kept, `refund` the
    money that goes back, and `fee` the amount of the fee's invoice. `waivable` is the value of
    waiving the rule.
    """

    is_late: bool
    late_from: datetime.datetime | None
    keeps: str
    kept: int
    refund: int
    fee: int
    waivable: int
    currency: str

    @property
    def returns_entry(self) -> bool:
        """Whether the visits or the credit that paid for the booking go back."""
        return self.keeps != VISIT


def forecast_cancellation(
    booking: Booking, *, refund: bool = True, waive_fee: bool = False, actor: Actor
) -> CancellationForecast:
    """Return what cancelling a booking now would do; without `refund`, its money is kept.

    The rule does not apply to free bookings, and a fee applies only in the company's currency. An
    archived customer gets no invoice for a fee.
    """
    company = Company.objects.get(pk=actor.company_id)
    late_from = _late_from(booking, company)
    costs = bool(booking.total or booking.entry_id)
    is_late = late_from is not None and costs and database_now() >= late_from
    keeps = company.late_cancellation_keeps if is_late and not waive_fee else NOTHING
    paid, whole_fee = money_kept(booking, actor), _fee_of(company, booking)
    kept = _kept(booking, keeps, paid, whole_fee) if refund else paid
    fee = max(whole_fee - kept, 0) if keeps == FEE and not booking.payer.is_archived else 0
    return CancellationForecast(
        is_late=is_late,
        late_from=late_from,
        keeps=keeps,
        kept=kept,
        refund=paid - kept,
        fee=fee,
        waivable=_waivable(company, booking, paid, whole_fee),
        currency=booking.currency,
    )


def money_kept(payable: AnyPayable, actor: Actor) -> int:
    """Return how much money was taken for a payable and not refunded.

    A void invoice keeps no money: what is paid after it was voided is a payment of its own.
    """
    rows = Payment.objects.visible_to(actor)
    if payable.open_invoice is not None:
        return _sum(rows.filter(invoice=payable.open_invoice))
    payment = payable.payment
    if payment is None:
        return 0
    return min(payable.due, _sum(rows.filter(Q(pk=payment.pk) | Q(refunds=payment))))


def is_late(booking: Booking) -> bool:
    """Return whether cancelling a booking now is late, whatever it costs."""
    company = Company.objects.get(pk=booking.company_id)
    late_from = _late_from(booking, company)
    return late_from is not None and database_now() >= late_from


def _late_from(booking: Booking, company: Company) -> datetime.datetime | None:
    """Return when cancelling becomes late; a booking moved when it was late stays late."""
    hours = company.late_cancellation_hours
    if hours is None:
        return None
    starts_at = min(booking.starts_at, booking.moved_late_from or booking.starts_at)
    return starts_at - datetime.timedelta(hours=hours)


def _fee_of(company: Company, booking: Booking) -> int:
    is_fee = company.late_cancellation_keeps == FEE and company.currency == booking.currency
    return company.late_cancellation_fee if is_fee else 0


def _kept(booking: Booking, keeps: str, paid: int, fee: int) -> int:
    """Return how much of the money paid is kept."""
    if keeps == VISIT:
        return paid
    invoice = booking.open_invoice
    if keeps != FEE or (invoice is not None and invoice.paid_at is None):
        # A partly paid invoice would still charge for the rest, so it is voided instead.
        return 0
    return min(paid, fee)


def _waivable(company: Company, booking: Booking, paid: int, fee: int) -> int:
    if company.late_cancellation_keeps == FEE:
        return fee
    invoice = booking.open_invoice
    return paid + booking.covered + (invoice.covered if invoice else 0)


def _sum(payments: PaymentQuerySet) -> int:
    return payments.aggregate(total=Sum("signed_amount", default=0))["total"]
