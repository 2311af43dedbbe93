"""Start, complete and cancel bookings, and mark them as missed."""

from django.db import transaction
from django.utils.translation import gettext as _

from config.card_numbers import refuse_card_numbers
from config.tenancy.actors import Actor
from config.times import Clock, database_now

from ..errors import BookingNotOpen, TooEarly
from ..models import Booking
from .locks import lock_customers, lock_dates
from .paying import give_back

_CONFIRMED, _IN_PROGRESS = Booking.Status.CONFIRMED, Booking.Status.IN_PROGRESS


@transaction.atomic
def start_booking(booking: Booking, *, actor: Actor) -> None:
    """Mark a booking as in progress; raises CustomerArchived or BookingNotOpen."""
    booking = _locked(booking, actor, _CONFIRMED)
    _turn(booking, Booking.Status.IN_PROGRESS, started_at=Clock())


@transaction.atomic
def complete_booking(booking: Booking, *, actor: Actor) -> None:
    """Mark a booking as completed, started or not; raises BookingNotOpen."""
    booking = _locked(booking, actor, _CONFIRMED, _IN_PROGRESS, to_end=True)
    _turn(booking, Booking.Status.COMPLETED, completed_at=Clock())


@transaction.atomic
def miss_booking(booking: Booking, *, actor: Actor) -> None:
    """Mark a booking as missed; what was paid stays paid.

    Raises BookingNotOpen, or TooEarly before it begins.
    """
    booking = _locked(booking, actor, _CONFIRMED, to_end=True)
    if booking.starts_at > database_now():
        raise TooEarly
    _turn(booking, Booking.Status.NO_SHOW, missed_at=Clock())


@transaction.atomic
def cancel_booking(
    booking: Booking, *, reason: str = "", refund: bool = True, actor: Actor
) -> None:
    """Cancel a booking and give back visits, credit and, with `refund`, money.

    Raises BookingNotOpen or CardNumber.
    """
    booking = _locked(booking, actor, *Booking.OPEN, to_end=True, gives_back=True)
    call_off(booking, refund=refund, reason=reason, actor=actor)


def call_off(booking: Booking, *, refund: bool, reason: str, actor: Actor) -> None:
    """Cancel a booking whose customers are locked, and give back what it took."""
    booking.reason = reason
    refuse_card_numbers(booking)
    give_back(booking, refund=refund, reason=reason, actor=actor)
    _turn(
        booking,
        Booking.Status.CANCELLED,
        cancelled_at=Clock(),
        cancelled_by=actor.name,
        reason=reason,
        refund=booking.refund,
    )


def _locked(
    booking: Booking,
    actor: Actor,
    *statuses: Booking.Status,
    to_end: bool = False,
    gives_back: bool = False,
) -> Booking:
    """Return the booking as it is now, locked with its customer.

    With `gives_back` the customer who paid is locked too.
    """
    rows = Booking.objects.visible_to(actor).select_related("customer", "transaction__customer")
    known = rows.get(pk=booking.pk)
    people = [known.customer]
    if gives_back and known.transaction is not None:
        people.append(known.transaction.customer)
    lock_customers(people, to_end=to_end, actor=actor)
    if known.event_date_id is not None:
        lock_dates([known.event_date_id], actor=actor)
    locked = rows.select_for_update(no_key=True, of=("self",)).get(pk=booking.pk)
    if locked.status not in statuses:
        facts = {
            "status": locked.get_status_display(),
            "allowed": _(" or ").join(str(status.label) for status in statuses),
        }
        text = _("This booking is %(status)s. It must be %(allowed)s for this.")
        raise BookingNotOpen(text % facts)
    return locked


def _turn(booking: Booking, status: Booking.Status, **facts: object) -> None:
    booking.status = status
    for name, value in facts.items():
        setattr(booking, name, value)
    booking.save(update_fields=["status", *facts, "updated_at"])
