"""Start, complete and cancel bookings, mark them as missed, and undo these marks."""

import datetime
from contextlib import suppress

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.invoices import create_invoice, issue_invoice
from billing.models import Invoice, InvoiceLine, Payment
from config.card_numbers import refuse_card_numbers
from config.errors import Refusal
from config.jobs.sweeps import for_each_row
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.constraints import refusing
from config.tenancy.days import zone_of
from config.tenancy.money_permissions import MoneyAction, check_money_action, refused_money_action
from config.tenancy.scoping import acting_for
from config.tenancy.tax_fields import TaxBehavior
from config.times import Clock, database_now, show_moment
from customers.actions.locks import check_owner

from ..errors import BookingNotOpen, TooEarly, WaiverUnexplained
from ..late_cancellation import NOTHING, CancellationForecast, forecast_cancellation
from ..models import Booking, LateCancellation
from ..models.bookings import BookingQuerySet
from ..models.late import WAIVED
from .giving_back import give_back
from .locks import lock_customers, lock_dates

_CONFIRMED, _IN_PROGRESS = Booking.Status.CONFIRMED, Booking.Status.IN_PROGRESS


@transaction.atomic
def start_booking(booking: Booking, *, actor: Actor) -> None:
    """Mark a booking as in progress; raises CustomerArchived or BookingNotOpen."""
    booking = _locked(booking, actor, _CONFIRMED)
    turn(booking, Booking.Status.IN_PROGRESS, started_at=Clock())


@transaction.atomic
def complete_booking(booking: Booking, *, actor: Actor) -> None:
    """Mark a booking as completed, started or not.

    Raises BookingNotOpen, or TooEarly for a place before its event date begins.
    """
    booking = _locked(booking, actor, _CONFIRMED, _IN_PROGRESS, to_end=True)
    if not booking.is_appointment and booking.starts_at > database_now():
        zone = zone_of(booking.company_id)
        facts = {"moment": show_moment(booking.starts_at, zone), "zone": zone}
        raise TooEarly(
            _(
                "The event begins on %(moment)s (%(zone)s), so a place at it cannot be completed "
                "yet. Start the booking if the customer is there, and complete it once the event "
                "has begun."
            )
            % facts
        )
    turn(booking, Booking.Status.COMPLETED, completed_at=Clock())


@transaction.atomic
def check_in_booking(booking: Booking, *, actor: Actor) -> None:
    """Mark that the customer has arrived, whenever that is.

    A place is completed if its event date has begun, an appointment if it is over; otherwise the
    booking is in progress. Raises the refusals of `start_booking` and `complete_booking`.
    """
    booking = _known(booking, actor)
    from_then = booking.ends_at if booking.is_appointment else booking.starts_at
    mark = complete_booking if from_then <= database_now() else start_booking
    mark(booking, actor=actor)


@transaction.atomic
def reopen_booking(booking: Booking, *, actor: Actor) -> None:
    """Undo a mark: a started, completed or missed booking is confirmed again.

    Payments do not change. Raises CustomerArchived or BookingNotOpen.
    """
    statuses = (_IN_PROGRESS, Booking.Status.COMPLETED, Booking.Status.NO_SHOW)
    booking = _locked(booking, actor, *statuses)
    turn(booking, _CONFIRMED, started_at=None, completed_at=None, missed_at=None)


def complete_attended(*, actor: Actor) -> int:
    """Complete the places in progress whose event date is over, and return their number.

    Each is completed in its own transaction; raises RowsFailed after all of them if any failed.
    """
    with acting_for(actor.company_id):
        over = list(Booking.objects.visible_to(actor).attended())

    def complete(place: Booking) -> int:
        with acting_for(actor.company_id), suppress(BookingNotOpen):
            complete_booking(place, actor=actor)
            return 1
        return 0

    return for_each_row(over, complete)


@transaction.atomic
def miss_booking(booking: Booking, *, actor: Actor) -> None:
    """Mark a booking as missed; payments do not change.

    Raises BookingNotOpen, or TooEarly before it begins.
    """
    booking = _locked(booking, actor, _CONFIRMED, to_end=True)
    if booking.starts_at > database_now():
        raise TooEarly
    turn(booking, Booking.Status.NO_SHOW, missed_at=Clock())


@transaction.atomic
def cancel_booking(
    booking: Booking,
    *,
    reason: str = "",
    refund: bool = True,
    waive_fee: bool = False,
    actor: Actor,
) -> None:
    """Cancel a booking and give back visits, credit and, with `refund`, money.

    If cancelling is late by the company's rule, the payment or a fee is kept, unless `waive_fee` is
    set with a reason. For front desk, the unpaid part of a booking that has begun counts against
    the limit for voiding invoices. Raises BookingNotOpen, CardNumber or WaiverUnexplained, and
    AboveRoleLimit for front desk.
    """
    booking = _locked(booking, actor, *Booking.OPEN, to_end=True, gives_back=True)
    if refusal := refused_unpaid(booking, actor=actor):
        raise refusal
    forecast = forecast_cancellation(booking, refund=refund, waive_fee=waive_fee, actor=actor)
    if forecast.is_late and waive_fee:
        if not reason.strip():
            raise WaiverUnexplained
        check_waiver(forecast, actor=actor)
    call_off(booking, refund=refund, forecast=forecast, reason=reason, actor=actor)
    if forecast.is_late:
        _note_late(booking, forecast, reason, actor)


def check_waiver(forecast: CancellationForecast, *, actor: Actor) -> None:
    """Raise AboveRoleLimit if front desk may not waive the cost of a late cancellation."""
    worth, currency = forecast.waivable, forecast.currency
    check_money_action(actor, MoneyAction.WAIVE_FEE, worth, currency=currency)


def call_off(
    booking: Booking,
    *,
    refund: bool,
    forecast: CancellationForecast | None = None,
    reason: str,
    at: datetime.datetime | None = None,
    actor: Actor,
) -> None:
    """Cancel a booking whose customers are locked, and give back its payment.

    `at` is the time of the change, now by default. Without a forecast everything goes back: the
    rule of late cancellation applies only to customers.
    """
    booking.reason = reason
    refuse_card_numbers(booking)
    most = forecast.refund if forecast and forecast.is_late else None
    keeps_entry = forecast is not None and not forecast.returns_entry
    give_back(
        booking, refund=refund, keeps_entry=keeps_entry, most=most, reason=reason, actor=actor
    )
    turn(
        booking,
        Booking.Status.CANCELLED,
        cancelled_at=at or Clock(),
        cancelled_by=actor.name,
        reason=reason,
        refund=booking.refund,
    )


def refused_unpaid(booking: Booking, *, actor: Actor) -> Refusal | None:
    """Return the refusal of dropping the unpaid part of a booking that has begun, or None."""
    if booking.starts_at > database_now():
        return None
    unpaid, before = booking.due, 0
    if booking.open_invoice is not None:
        invoice = Invoice.objects.with_amounts().get(pk=booking.open_invoice.pk)
        unpaid, before = vars(invoice)["balance"], invoice.reduced
    elif booking.payment is not None and booking.payment.status == Payment.Status.SUCCEEDED:
        return None
    if not unpaid:
        return None
    return refused_money_action(
        actor, MoneyAction.VOID, unpaid, before=before, currency=booking.currency
    )


def _note_late(booking: Booking, forecast: CancellationForecast, reason: str, actor: Actor) -> None:
    """Record what a late cancellation kept, and create the invoice of the fee."""
    invoice = None
    if forecast.fee:
        draft = Invoice(customer=booking.payer, currency=booking.currency)
        text = _("Late cancellation: %(what)s") % {"what": booking.offering}
        line = InvoiceLine(
            description=text, unit_price=forecast.fee, tax_behavior=TaxBehavior.INCLUSIVE
        )
        invoice = issue_invoice(create_invoice(draft, lines=[line], actor=actor), actor=actor)
    late = LateCancellation(
        company_id=actor.company_id,
        booking=booking,
        customer=booking.payer,
        keeps=WAIVED if forecast.keeps == NOTHING else forecast.keeps,
        kept=forecast.kept,
        fee=forecast.fee,
        currency=forecast.currency,
        invoice=invoice,
        reason=reason,
        actor_name=actor.name,
    )
    with refusing(late_cancellation_once=BookingNotOpen):
        insert(late)


def _locked(
    booking: Booking,
    actor: Actor,
    *statuses: Booking.Status,
    to_end: bool = False,
    gives_back: bool = False,
) -> Booking:
    """Return the booking in its present state, locked together with its customer.

    With `gives_back` the customer who paid is locked too.
    """
    known = _known(booking, actor)
    people = [known.customer]
    if gives_back and known.transaction is not None:
        people.append(known.transaction.customer)
    lock_customers(people, to_end=to_end, actor=actor)
    if known.event_date_id is not None:
        lock_dates([known.event_date_id], actor=actor)
    locked = _rows(actor).select_for_update(no_key=True, of=("self",)).get(pk=booking.pk)
    check_owner(locked, known.customer)
    if locked.status not in statuses:
        facts = {
            "status": locked.get_status_display(),
            "allowed": _(" or ").join(str(status.label) for status in statuses),
        }
        text = _("This booking is %(status)s. It must be %(allowed)s for this.")
        raise BookingNotOpen(text % facts)
    return locked


def _known(booking: Booking, actor: Actor) -> Booking:
    return _rows(actor).get(pk=booking.pk)


def _rows(actor: Actor) -> BookingQuerySet:
    return Booking.objects.visible_to(actor).select_related("customer", "transaction__customer")


def turn(booking: Booking, status: Booking.Status, **facts: object) -> None:
    """Update the status of a locked booking and the columns that go with it."""
    booking.status = status
    for name, value in facts.items():
        setattr(booking, name, value)
    booking.save(update_fields=["status", *facts, "updated_at"])
