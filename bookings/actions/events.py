from collections.abc import Sequence

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from billing.actions.tax import check_tax, fill_tax
from config.statements.changing import Changes, apply_changes, save_changes
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.archiving import archive_row, lock_live, restore_row
from config.tenancy.companies import currency_of
from config.tenancy.constraints import refusing
from config.tenancy.money_fields import check_amount
from config.tenancy.money_permissions import MoneyAction, check_money_action, check_price_change
from customers.models import Customer

from .. import errors
from ..models import Booking, Event, EventDate, Facilitator, PricingOption
from ..models.bookings import BookingQuerySet
from .catalogue import check_facilitator, check_minutes, check_name, check_spaces, facilitator_busy
from .lifecycle import call_off
from .locks import hold_facilitators, lock_dates

MOST_DATES = 400


@transaction.atomic
def create_event(
    event: Event,
    *,
    pricing_options: Sequence[PricingOption],
    dates: Sequence[EventDate] = (),
    actor: Actor,
) -> Event:
    """Create an event with its pricing options and its first dates.

    By default the event has the company's tax, and an option the event's. Raises InvalidEvent,
    PricingOptionTaken, FacilitatorArchived or FacilitatorBusy.
    """
    event.company_id, event.currency = actor.company_id, currency_of(actor.company_id)
    fill_tax(event, company_id=actor.company_id, refusal=errors.InvalidEvent)
    _check_event(event)
    if not pricing_options:
        raise errors.InvalidEvent.at(
            "pricing_options", _("Send at least one: it says what a place costs.")
        )
    if len(dates) > MOST_DATES:
        raise errors.InvalidEvent.at(
            "dates",
            _("Must have at most %(most_dates)s entries; got %(dates)s. Add the others later.")
            % {"most_dates": MOST_DATES, "dates": len(dates)},
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
def change_event(event: Event, *, changes: Changes, actor: Actor) -> Event:
    """Change an event; booked places keep their price.

    A change of the event's tax also changes its pricing options, except those with a tax of their
    own. Raises AlreadyArchived or InvalidEvent.
    """
    event = lock_live(event, actor=actor)
    options = PricingOption.objects.visible_to(actor).filter(event=event)
    as_event = options.filter(tax_rate=event.tax_rate, tax_behavior=event.tax_behavior)
    changed = apply_changes(event, changes)
    check_price_change(actor, changed)
    _check_event(event)
    save_changes(event, changed)
    if not {"tax_rate", "tax_behavior"}.isdisjoint(changed):
        as_event.update(tax_rate=event.tax_rate, tax_behavior=event.tax_behavior)
    return event


@transaction.atomic
def add_pricing_option(option: PricingOption, *, actor: Actor) -> PricingOption:
    """Add a pricing option to an event, by default with the event's tax.

    Raises AlreadyArchived, InvalidEvent or PricingOptionTaken.
    """
    check_money_action(actor, MoneyAction.CHANGE_PRICES)
    option.event = lock_live(option.event, actor=actor)
    option.company_id = actor.company_id
    check_name(option, refusal=errors.InvalidEvent)
    check_amount(option.price, field="price", refusal=errors.InvalidEvent)
    fill_tax(option, default=option.event, company_id=actor.company_id, refusal=errors.InvalidEvent)
    check_spaces(option.visits, field="visits", refusal=errors.InvalidEvent)
    with refusing(pricing_option_once=errors.PricingOptionTaken):
        insert(option)
    return option


@transaction.atomic
def archive_pricing_option(option: PricingOption, *, actor: Actor) -> None:
    """Archive a pricing option; raises AlreadyArchived, or LastPricingOption for the last one."""
    event = lock_live(option.event, actor=actor)
    others = PricingOption.objects.visible_to(actor).live().filter(event=event)
    if not others.exclude(pk=option.pk).exists():
        raise errors.LastPricingOption
    archive_row(option, actor=actor)


@transaction.atomic
def restore_pricing_option(option: PricingOption, *, actor: Actor) -> None:
    """Restore a pricing option.

    Raises NotArchived, AlreadyArchived for an archived event, or PricingOptionTaken.
    """
    lock_live(option.event, actor=actor)
    with refusing(pricing_option_once=errors.PricingOptionTaken):
        restore_row(option, actor=actor)


@transaction.atomic
def add_event_date(date: EventDate, *, actor: Actor) -> EventDate:
    """Add a date to an event.

    Raises EventArchived, InvalidEvent, FacilitatorArchived or FacilitatorBusy.
    """
    event = Event.objects.visible_to(actor).get(pk=date.event_id)
    if event.is_archived:
        raise errors.EventArchived
    date.company_id = actor.company_id
    _check_date(date)
    check_facilitator(date.facilitator_id, actor=actor)
    hold_facilitators(date.facilitator_id)
    with refusing(facilitator_one_at_a_time=lambda: facilitator_busy(date, actor=actor)):
        insert(date)
    # The database counts the taken spaces from now on.
    date.spaces_taken = 0
    return date


@transaction.atomic
def move_event_date(date: EventDate, *, changes: Changes, actor: Actor) -> EventDate:
    """Change the time, the facilitator or the capacity of a date; its bookings move with it.

    Raises EventDateCancelled, InvalidEvent, FacilitatorArchived, FacilitatorBusy or FewerThanTaken.
    """
    led_by = EventDate.objects.visible_to(actor).values_list("facilitator_id", flat=True)
    facilitator = changes.get("facilitator")
    wanted = facilitator.pk if isinstance(facilitator, Facilitator) else None
    hold_facilitators(led_by.get(pk=date.pk), wanted)
    date = lock_dates([date.pk], actor=actor)[date.pk]
    if date.is_cancelled:
        raise errors.EventDateCancelled
    changed = apply_changes(date, changes)
    _check_date(date)
    is_moved = not {"starts_at", "duration", "facilitator"}.isdisjoint(changed)
    if is_moved:
        check_facilitator(date.facilitator_id, actor=actor)
    with refusing(
        facilitator_one_at_a_time=lambda: facilitator_busy(date, actor=actor),
        event_date_capacity=lambda: _too_few(date, actor),
    ):
        save_changes(date, changed)
    if is_moved:
        Booking.objects.visible_to(actor).filter(event_date=date).update(updated_at=Now())
    return date


@transaction.atomic
def cancel_event_date(
    date: EventDate, *, reason: str = "", refund: bool = True, actor: Actor
) -> int:
    """Cancel a date and its places, refund them, and return the number of places.

    Raises EventDateCancelled, EventDateOver or CardNumber.
    """
    places = Booking.objects.visible_to(actor).filter(event_date=date)
    _lock_people(places, actor)
    date = lock_dates([date.pk], actor=actor)[date.pk]
    if date.is_cancelled:
        raise errors.EventDateCancelled
    # Lock customers who booked while this transaction waited; this breaks the usual lock order.
    _lock_people(places, actor)
    taken = list(places.counted().order_by("pk"))
    if not all(place.is_open for place in taken):
        raise errors.EventDateOver
    for place in taken:
        call_off(place, refund=refund, reason=reason, actor=actor)
    date.cancelled_at = Now()
    date.save(update_fields=["cancelled_at", "updated_at"])
    return len(taken)


def _lock_people(places: BookingQuerySet, actor: Actor) -> None:
    """Lock the customers of the places and the customers who paid for them."""
    customers = Customer.objects.visible_to(actor)
    taken = places.counted()
    people = customers.filter(pk__in=taken.values("customer_id"))
    people |= customers.filter(pk__in=taken.values("transaction__customer_id"))
    list(people.order_by("pk").select_for_update(no_key=True))


def _too_few(date: EventDate, actor: Actor) -> errors.FewerThanTaken:
    """Return the refusal with the number of booked spaces."""
    taken = EventDate.objects.visible_to(actor).get(pk=date.pk).spaces_taken
    text = _(
        "Spaces booked: %(taken)s. Spaces asked for: %(capacity)s. Leave as many as are booked."
    )
    return errors.FewerThanTaken(text % {"taken": taken, "capacity": date.capacity})


def _check_event(event: Event) -> None:
    check_name(event, refusal=errors.InvalidEvent)
    check_tax(event, refusal=errors.InvalidEvent)


def _check_date(date: EventDate) -> None:
    check_minutes(date.duration, refusal=errors.InvalidEvent)
    check_spaces(date.capacity, field="capacity", refusal=errors.InvalidEvent)
