from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from billing.models.money import MOST
from config.access.actors import Actor
from config.access.constraints import refusing
from config.statements.inserting import insert
from customers.actions import archive_row
from customers.errors import AlreadyArchived
from customers.models import Customer

from ..errors import (
    EventArchived,
    EventDateCancelled,
    EventDateOver,
    FacilitatorBusy,
    FewerThanTaken,
    InvalidEvent,
    LastPricingOption,
    PricingOptionTaken,
)
from ..models import Booking, Event, EventDate, PricingOption
from ..models.bookings import BookingQuerySet
from ..models.catalogue import LONGEST
from ..models.events import MOST_SPACES
from .catalogue import check_facilitator
from .lifecycle import call_off
from .locks import hold_facilitators, lock_dates
from .prices import currency_of

MOST_DATES = 400


@transaction.atomic
def create_event(
    event: Event,
    *,
    pricing_options: Sequence[PricingOption],
    dates: Sequence[EventDate] = (),
    actor: Actor,
) -> Event:
    """Offer an event with what its places cost, and its first dates.

    Raises InvalidEvent, PricingOptionTaken, FacilitatorArchived or FacilitatorBusy.
    """
    event.company_id, event.currency = actor.company_id, currency_of(actor)
    _check_event(event)
    if not pricing_options:
        _refuse("pricing_options", _("Say what a place costs."))
    if len(dates) > MOST_DATES:
        _refuse(
            "dates",
            _("Give %(most_dates)s at the most; add the others after that.")
            % {"most_dates": MOST_DATES},
        )
    insert(event)
    for option in pricing_options:
        option.event = event
        add_pricing_option(option, actor=actor)
    hold_facilitators(*(date.facilitator_id for date in dates))
    for date in dates:
        date.event = event
        add_event_date(date, actor=actor)
    return event


@transaction.atomic
def change_event(event: Event, *, changes: dict[str, Any], actor: Actor) -> Event:
    """Change an event; places that were booked keep their price. Raises as `create_event` does."""
    event = _live(event, actor)
    for name, value in changes.items():
        setattr(event, name, value)
    _check_event(event)
    event.save(update_fields=[*changes, "updated_at"])
    return event


@transaction.atomic
def add_pricing_option(option: PricingOption, *, actor: Actor) -> PricingOption:
    """Offer one more way to pay for a place; raises InvalidEvent or PricingOptionTaken."""
    option.event = _live(option.event, actor)
    option.company_id, option.name = actor.company_id, option.name.strip()
    if not option.name:
        _refuse("name", _("Say what it is called."))
    if not 0 <= option.price <= MOST:
        _refuse("price", _("From 0 to %(most)s of the smallest unit.") % {"most": f"{MOST:,}"})
    if not 1 <= option.visits <= MOST_SPACES:
        _refuse("visits", _("From 1 to %(most_spaces)s.") % {"most_spaces": f"{MOST_SPACES:,}"})
    with refusing(pricing_option_once=PricingOptionTaken):
        insert(option)
    return option


@transaction.atomic
def archive_pricing_option(option: PricingOption, *, actor: Actor) -> None:
    """Stop offering a price; raises AlreadyArchived, or LastPricingOption for the only one."""
    event = _live(option.event, actor)
    others = PricingOption.objects.visible_to(actor).live().filter(event=event)
    if not others.exclude(pk=option.pk).exists():
        raise LastPricingOption
    archive_row(option, actor=actor)


@transaction.atomic
def add_event_date(date: EventDate, *, actor: Actor) -> EventDate:
    """Let an event take place once more.

    Raises EventArchived, InvalidEvent, FacilitatorArchived or FacilitatorBusy.
    """
    event = Event.objects.visible_to(actor).get(pk=date.event_id)
    if event.is_archived:
        raise EventArchived
    date.company_id = actor.company_id
    _check_date(date)
    check_facilitator(date.facilitator_id, actor=actor)
    hold_facilitators(date.facilitator_id)
    with refusing(facilitator_one_at_a_time=FacilitatorBusy):
        insert(date)
    # The database counts the spaces from here on.
    date.spaces_taken = 0
    return date


@transaction.atomic
def move_event_date(date: EventDate, *, changes: dict[str, Any], actor: Actor) -> EventDate:
    """Change when a date is, who leads it or how many it takes; its bookings move along.

    Raises EventDateCancelled, InvalidEvent, FacilitatorArchived, FacilitatorBusy or FewerThanTaken.
    """
    led_by = EventDate.objects.visible_to(actor).values_list("facilitator_id", flat=True)
    facilitator = changes.get("facilitator")
    hold_facilitators(led_by.get(pk=date.pk), facilitator and facilitator.pk)
    date = lock_dates([date.pk], actor=actor)[date.pk]
    if date.is_cancelled:
        raise EventDateCancelled
    for name, value in changes.items():
        setattr(date, name, value)
    _check_date(date)
    is_moved = bool({"starts_at", "duration", "facilitator"} & changes.keys())
    if is_moved:
        check_facilitator(date.facilitator_id, actor=actor)
    with refusing(facilitator_one_at_a_time=FacilitatorBusy, event_date_capacity=FewerThanTaken):
        date.save(update_fields=[*changes, "updated_at"])
    if is_moved:
        Booking.objects.visible_to(actor).filter(event_date=date).update(updated_at=Now())
    return date


@transaction.atomic
def cancel_event_date(
    date: EventDate, *, reason: str = "", refund: bool = True, actor: Actor
) -> int:
    """Cancel a date with every place at it, give back what was paid, and return how many.

    Raises EventDateCancelled, EventDateOver or CardNumber. Places of archived customers are
    cancelled as well; what they paid can be given back once those are restored.
    """
    places = Booking.objects.visible_to(actor).filter(event_date=date)
    _lock_people(places, actor)
    date = lock_dates([date.pk], actor=actor)[date.pk]
    if date.is_cancelled:
        raise EventDateCancelled
    # Whoever has booked while others were waited for comes after the date, out of order.
    archived = _lock_people(places, actor)
    taken = list(places.counted().select_related("transaction").order_by("pk"))
    if not all(place.is_open for place in taken):
        raise EventDateOver
    for place in taken:
        payer = place.transaction.customer_id  # type: ignore[union-attr]
        call_off(place, refund=refund, keep=payer in archived, reason=reason, actor=actor)
    date.cancelled_at = Now()
    date.save(update_fields=["cancelled_at", "updated_at"])
    return len(taken)


def _lock_people(places: BookingQuerySet, actor: Actor) -> set[UUID]:
    """Lock everybody who comes or pays, the archived ones too; return the ids of those."""
    customers = Customer.objects.visible_to(actor)
    taken = places.counted()
    who = customers.filter(pk__in=taken.values("customer_id"))
    who |= customers.filter(pk__in=taken.values("transaction__customer_id"))
    locked = who.order_by("pk").select_for_update(no_key=True)
    return {customer.pk for customer in locked if customer.is_archived}


def _live(event: Event, actor: Actor) -> Event:
    rows = Event.objects.visible_to(actor).select_for_update(no_key=True)
    event = rows.get(pk=event.pk)
    if event.is_archived:
        raise AlreadyArchived(_("This event is archived. Restore it first."))
    return event


def _check_event(event: Event) -> None:
    event.name = event.name.strip()
    if not event.name:
        _refuse("name", _("Say what it is called."))
    if not 0 <= Decimal(event.tax_rate) <= 100:
        _refuse("tax_rate", _("From 0 to 100 percent."))


def _check_date(date: EventDate) -> None:
    if not 1 <= date.duration <= LONGEST:
        _refuse("duration", _("From 1 to %(longest)s minutes.") % {"longest": f"{LONGEST:,}"})
    if not 1 <= date.capacity <= MOST_SPACES:
        _refuse("capacity", _("From 1 to %(most_spaces)s.") % {"most_spaces": f"{MOST_SPACES:,}"})


def _refuse(field: str, sentence: str) -> None:
    raise InvalidEvent(f"{field}: {sentence}", fields={field: sentence})
