"""Restore customers with the rows that ended when they were archived, and forecast it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from billing.actions.subscriptions import bring_back_subscription, record_rest
from billing.models import Invoice, Subscription
from config.errors import Refusal
from config.tenancy.actors import Actor
from config.tenancy.constraints import refusing
from config.tenancy.days import zone_of
from config.times import database_now, show_moment
from credits.models import Credit, Entry, PassPurchase
from credits.models.entries import AGAIN
from customers.actions.customers import restore_customer
from customers.actions.locks import lock_customer
from customers.models import Customer

from ..errors import EventDateCancelled, RestoreClashes
from ..models import Booking
from .catalogue import event_full, facilitator_busy
from .lifecycle import turn
from .locks import hold_facilitators, lock_customers, lock_dates
from .using import reference_of, save_fields, use_credit_for, use_pass_for

# The most clashes that a refusal names.
MOST_NAMED = 10


@dataclass(frozen=True)
class Restoration:
    """The rows that ended with a customer, grouped by what a restore does with them.

    The restore brings back `bookings` and `subscriptions`. Bookings in `over` have a start time
    that has passed since: they stay cancelled. Rows in `clashes` stay cancelled too; each has the
    refusal that prevents its return. Invoices in `void` stay void.
    """

    bookings: list[Booking] = field(default_factory=list)
    subscriptions: list[Subscription] = field(default_factory=list)
    over: list[Booking] = field(default_factory=list)
    clashes: list[tuple[Booking | Subscription, Refusal]] = field(default_factory=list)
    void: list[Invoice] = field(default_factory=list)


@transaction.atomic
def bring_back_customer(
    customer: Customer, *, leave_clashes: bool = False, actor: Actor
) -> Restoration:
    """Restore a customer, with the bookings and subscriptions that ended with the archiving.

    A pass or a credit that paid for a booking pays again if possible. Money was refunded, so a
    booking paid with money becomes unpaid. Invoices stay void. Subscriptions continue from now and
    grant nothing for the time between. Raises CustomerNotArchived or ExternalIdTaken, and
    RestoreClashes if a row cannot come back, unless `leave_clashes` is set.
    """
    ended = _ended_bookings(customer, actor)
    lock_customers([customer, *(one.payer for one in ended)], to_end=True, actor=actor)
    hold_facilitators(*(one.facilitator_id for one in ended))
    lock_dates([one.event_date_id for one in ended if one.event_date_id], actor=actor)
    subscriptions = Subscription.objects.visible_to(actor).filter(customer=customer)
    subscriptions = subscriptions.select_related("customer", "plan")
    invoices = Invoice.objects.visible_to(actor).filter(customer=customer)
    archived_at = lock_customer(customer, to_end=True, actor=actor).archived_at
    taken = _Taken(
        _ended_bookings(customer, actor),
        list(subscriptions.filter(cancelled_at=archived_at).order_by("id")),
        list(invoices.filter(voided_at=archived_at).order_by("id")),
    )
    restore_customer(customer, actor=actor)
    assert archived_at is not None
    restoration = _bring_back(taken, actor)
    if restoration.clashes and not leave_clashes:
        raise _clashing(restoration.clashes)
    record_rest(customer, since=archived_at, actor=actor)
    return restoration


def forecast_restoration(customer: Customer, *, actor: Actor) -> Restoration:
    """Forecast what restoring a customer now would do: restore it, then roll back.

    Raises CustomerNotArchived or ExternalIdTaken.
    """
    with transaction.atomic():
        again = Customer.objects.visible_to(actor).get(pk=customer.pk)
        restoration = bring_back_customer(again, leave_clashes=True, actor=actor)
        transaction.set_rollback(True)
    return restoration


@dataclass(frozen=True)
class _Taken:
    """The rows that ended when a customer was archived."""

    bookings: Sequence[Booking]
    subscriptions: Sequence[Subscription]
    invoices: list[Invoice]


def _ended_bookings(customer: Customer, actor: Actor) -> list[Booking]:
    """Return the bookings that ended with a customer, in their present state."""
    rows = Booking.objects.visible_to(actor).filter(
        customer=customer, cancelled_at=F("customer__archived_at")
    )
    related = ("customer", "transaction__customer", "service", "event_date__event", "entry")
    return list(rows.select_related(*related).order_by("starts_at", "id"))


def _bring_back(taken: _Taken, actor: Actor) -> Restoration:
    now, restoration = database_now(), Restoration(void=list(taken.invoices))
    for booking in taken.bookings:
        if booking.starts_at <= now:
            restoration.over.append(booking)
            continue
        try:
            _rebook(booking, actor)
        except Refusal as refusal:
            restoration.clashes.append((booking, refusal))
        else:
            restoration.bookings.append(booking)
    for subscription in taken.subscriptions:
        try:
            restoration.subscriptions.append(bring_back_subscription(subscription, actor=actor))
        except Refusal as refusal:
            restoration.clashes.append((subscription, refusal))
    return restoration


def _rebook(booking: Booking, actor: Actor) -> None:
    """Book a cancelled booking again, and charge the pass or credit that had paid for it.

    Raises EventDateCancelled, EventFull or FacilitatorBusy.
    """
    if booking.event_date is not None and booking.event_date.is_cancelled:
        raise EventDateCancelled
    was_started = booking.started_at is not None
    status = Booking.Status.IN_PROGRESS if was_started else Booking.Status.CONFIRMED
    with refusing(
        facilitator_one_at_a_time=lambda: facilitator_busy(booking, actor=actor),
        event_date_capacity=lambda: event_full(booking, actor=actor),
    ):
        turn(booking, status, cancelled_at=None, cancelled_by="", reason="")
    _pay_again(booking, actor)


def _pay_again(booking: Booking, actor: Actor) -> None:
    """Remove the refunded payment from a booking, and use its returned pass or credit again."""
    booking.payment = booking.refund = None
    entry = booking.entry
    if entry is None or not Entry.objects.filter(reverses=entry).exists():
        save_fields(booking, "payment", "refund")
        return
    booking.entry, booking.covered = None, 0
    save_fields(booking, "payment", "refund", "entry", "covered")
    # If the pass or credit can no longer pay, the booking stays unpaid.
    with suppress(Refusal), transaction.atomic():
        _use_again(booking, entry, actor)


def _use_again(booking: Booking, entry: Entry, actor: Actor) -> None:
    holding = entry.credit or entry.purchase
    uses = Entry.objects.visible_to(actor).uses()
    before = uses.filter(credit=entry.credit, purchase=entry.purchase)
    first = reference_of(booking)
    count = before.filter(reference__startswith=first).count()
    payer, reference = booking.payer, f"{first}{AGAIN}{count + 1}"
    if isinstance(holding, Credit):
        use_credit_for([booking], credit=holding, payer=payer, reference=reference, actor=actor)
    elif isinstance(holding, PassPurchase):
        use_pass_for(booking, purchase=holding, payer=payer, reference=reference, actor=actor)


def _clashing(clashes: Sequence[tuple[Booking | Subscription, Refusal]]) -> RestoreClashes:
    told = [f"{_name(row)}: {refusal}" for row, refusal in clashes[:MOST_NAMED]]
    more = len(clashes) - MOST_NAMED
    text = _(
        "Not everything that ended with this customer can come back, so nothing was restored. "
        "%(clashes)s"
    ) % {"clashes": " ".join(told)}
    return RestoreClashes(f"{text} {_('And %(n)d more.') % {'n': more}}" if more > 0 else text)


def _name(row: Booking | Subscription) -> str:
    """Return the name of a clashing row, without the customer."""
    if isinstance(row, Subscription):
        return str(row.plan)
    zone = zone_of(row.company_id)
    return f"{row.offering}, {show_moment(row.starts_at, zone)} ({zone})"
