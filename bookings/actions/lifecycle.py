"""What becomes of a booking."""

from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.cards import refuse_card_numbers
from config.access.actors import Actor

from ..errors import BookingNotOpen, TooEarly
from ..models import Booking
from .locks import lock_customers, lock_dates
from .paying import give_back

_CONFIRMED, _IN_PROGRESS = Booking.Status.CONFIRMED, Booking.Status.IN_PROGRESS


@transaction.atomic
def start_booking(booking: Booking, *, actor: Actor) -> None:
    """Note that the customer is there; raises CustomerArchived or BookingNotOpen."""
    booking = _locked(booking, actor, _CONFIRMED)
    _turn(booking, Booking.Status.IN_PROGRESS, started_at=timezone.now())


@transaction.atomic
def complete_booking(booking: Booking, *, actor: Actor) -> None:
    """Note that it is done, started before or not; raises CustomerArchived or BookingNotOpen."""
    booking = _locked(booking, actor, _CONFIRMED, _IN_PROGRESS)
    _turn(booking, Booking.Status.COMPLETED, completed_at=timezone.now())


@transaction.atomic
def miss_booking(booking: Booking, *, actor: Actor) -> None:
    """Note that nobody came; what was paid stays paid.

    Raises CustomerArchived, BookingNotOpen, or TooEarly before it begins.
    """
    booking = _locked(booking, actor, _CONFIRMED)
    if booking.starts_at > timezone.now():
        raise TooEarly
    _turn(booking, Booking.Status.NO_SHOW, missed_at=timezone.now())


@transaction.atomic
def cancel_booking(
    booking: Booking, *, reason: str = "", refund: bool = True, actor: Actor
) -> None:
    """Cancel a booking and give back what it took: visits, credit, and money unless told not to.

    Raises CustomerArchived, BookingNotOpen or CardNumber.
    """
    booking = _locked(booking, actor, *Booking.OPEN, gives_back=True)
    call_off(booking, refund=refund, reason=reason, actor=actor)


def call_off(
    booking: Booking, *, refund: bool, keep: bool = False, reason: str, actor: Actor
) -> None:
    """Cancel a booking whose customers are locked; `keep` gives nothing back."""
    booking.reason = reason
    refuse_card_numbers(booking)
    if not keep:
        give_back(booking, refund=refund, reason=reason, actor=actor)
    _turn(
        booking,
        Booking.Status.CANCELLED,
        cancelled_at=timezone.now(),
        cancelled_by=actor.name,
        reason=reason,
        refund=booking.refund,
    )


def _locked(
    booking: Booking, actor: Actor, *statuses: Booking.Status, gives_back: bool = False
) -> Booking:
    """Return the booking as it is now, locked with who comes, and with who paid if need be."""
    rows = Booking.objects.visible_to(actor).select_related("customer", "transaction__customer")
    known = rows.get(pk=booking.pk)
    people = [known.customer]
    if gives_back and known.transaction is not None:
        people.append(known.transaction.customer)
    lock_customers(people, actor=actor)
    if known.event_date_id is not None:
        lock_dates([known.event_date_id], actor=actor)
    locked = rows.select_for_update(no_key=True, of=("self",)).get(pk=booking.pk)
    if locked.status not in statuses:
        raise BookingNotOpen(
            _("This booking is %(status)s.") % {"status": locked.get_status_display()}
        )
    return locked


def _turn(booking: Booking, status: Booking.Status, **facts: Any) -> None:
    booking.status = status
    for name, value in facts.items():
        setattr(booking, name, value)
    booking.save(update_fields=["status", *facts, "updated_at"])
