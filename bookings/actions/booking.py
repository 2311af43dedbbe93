from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from billing.cards import refuse_card_numbers
from config.access.actors import Actor
from config.access.constraints import refusing
from config.statements.inserting import insert
from customers.actions import lock_customer
from customers.models import Address, Customer

from ..errors import (
    BookingNotOpen,
    EventArchived,
    EventDateCancelled,
    EventFull,
    FacilitatorBusy,
    NoPlaces,
    ServiceArchived,
)
from ..models import Booking, EventDate, PricingOption, Service, Transaction
from ..models.catalogue import LONGEST
from ..models.events import MOST_SPACES
from .catalogue import check_facilitator
from .locks import hold_facilitators, lock_customers, lock_dates
from .paying import Means, pay_together
from .prices import price_booking, refuse

MOST_PLACES = 100

_OF_APPOINTMENTS = {"starts_at", "duration", "facilitator", "address"}


@transaction.atomic
def book_appointment(booking: Booking, *, means: Means | None = None, actor: Actor) -> Booking:
    """Book a service for a customer, and pay for it where `means` says what with.

    How long it takes and what it costs are the service's unless the booking says otherwise. Raises
    CustomerArchived, ServiceArchived, FacilitatorArchived, FacilitatorBusy, InvalidBooking,
    CardNumber, or what paying raises.
    """
    booking.customer = lock_customer(booking.customer, actor=actor)
    booking.company_id, booking.kind = actor.company_id, Booking.Kind.APPOINTMENT
    assert booking.service_id is not None
    service = Service.objects.visible_to(actor).get(pk=booking.service_id)
    if service.is_archived:
        raise ServiceArchived
    if booking.duration is None:
        booking.duration = service.duration
    if booking.subtotal is None:
        booking.subtotal = service.price
    booking.tax_rate, booking.currency = service.tax_rate, service.currency
    booking.configuration = service.configuration | booking.configuration
    price_booking(booking)
    _check_appointment(booking, actor)
    hold_facilitators(booking.facilitator_id)
    with refusing(facilitator_one_at_a_time=FacilitatorBusy):
        insert(booking)
    if means is not None:
        pay_together([booking], booking.customer, means, actor=actor)
    return booking


@transaction.atomic
def book_places(
    purchase: Transaction,
    *,
    places: Sequence[Booking],
    means: Means | None = None,
    actor: Actor,
) -> Transaction:
    """Book places at event dates, bought together by one customer for themselves or for others.

    A place without a pricing option takes the event's first. Raises NoPlaces, CustomerArchived,
    EventArchived, EventDateCancelled, EventFull, InvalidBooking, CardNumber, or what paying raises.
    """
    if not 1 <= len(places) <= MOST_PLACES:
        raise NoPlaces
    people = [purchase.customer, *(place.customer for place in places)]
    locked = lock_customers(people, actor=actor)
    purchase.customer = locked[purchase.customer.pk]
    purchase.company_id = actor.company_id
    insert(purchase)
    wanted = [place.event_date_id for place in places if place.event_date_id]
    dates = lock_dates(wanted, actor=actor)
    for place, date_id in zip(places, wanted, strict=True):
        _book_place(place, purchase, dates[date_id], locked, actor)
    if means is not None:
        pay_together(list(places), purchase.customer, means, actor=actor)
    return purchase


@transaction.atomic
def change_booking(booking: Booking, *, changes: dict[str, Any], actor: Actor) -> Booking:
    """Move a booking, or change who does it, where, or its notes; what was paid stays.

    An appointment takes another time; a place takes another date of its event. Raises
    CustomerArchived, BookingNotOpen, FacilitatorArchived, FacilitatorBusy, EventFull,
    EventDateCancelled, InvalidBooking or CardNumber.
    """
    customer = lock_customer(booking.customer, actor=actor)
    # From here on nobody else gives it another facilitator or date.
    booking = Booking.objects.visible_to(actor).get(pk=booking.pk)
    facilitator = changes.get("facilitator")
    hold_facilitators(booking.facilitator_id, facilitator and facilitator.pk)
    moved_to = changes.get("event_date")
    if moved_to is not None:
        dates = lock_dates([moved_to.pk, booking.event_date_id or moved_to.pk], actor=actor)
        changes = {**changes, "event_date": dates[moved_to.pk]}
    booking = lock_booking(booking, actor=actor)
    booking.customer = customer
    if not booking.is_open:
        raise BookingNotOpen
    fields = _apply(booking, changes, actor)
    with refusing(facilitator_one_at_a_time=FacilitatorBusy, event_date_capacity=EventFull):
        booking.save(update_fields=[*fields, "updated_at"])
    return booking


def lock_booking(booking: Booking, *, actor: Actor) -> Booking:
    """Return the booking as it is now, locked until the transaction ends."""
    rows = Booking.objects.visible_to(actor).select_for_update(no_key=True)
    return rows.get(pk=booking.pk)


def _book_place(
    place: Booking,
    purchase: Transaction,
    date: EventDate,
    people: dict[Any, Customer],
    actor: Actor,
) -> None:
    if date.event.is_archived:
        raise EventArchived
    if date.is_cancelled:
        raise EventDateCancelled
    place.customer, place.event_date = people[place.customer.pk], date
    place.company_id, place.kind = actor.company_id, Booking.Kind.PLACE
    place.transaction, place.pricing_option = purchase, _option(place, date, actor)
    place.starts_at, place.duration = date.starts_at, date.duration
    if not 1 <= place.spaces <= MOST_SPACES:
        refuse("spaces", _("From 1 to %(most_spaces)s.") % {"most_spaces": f"{MOST_SPACES:,}"})
    if place.subtotal is None:
        place.subtotal = place.pricing_option.price * place.spaces
    place.tax_rate, place.currency = date.event.tax_rate, date.event.currency
    price_booking(place)
    refuse_card_numbers(place)
    with refusing(event_date_capacity=EventFull):
        insert(place)


def _option(place: Booking, date: EventDate, actor: Actor) -> PricingOption:
    """Return the pricing option of a place: its own, or the first that its event has."""
    options = PricingOption.objects.visible_to(actor).live().filter(event_id=date.event_id)
    if place.pricing_option_id is not None:
        options = options.filter(pk=place.pricing_option_id)
    option = options.oldest_first().first()
    if option is None:
        refuse("pricing_option", _("This event has no such pricing option."))
    assert option is not None
    return option


def _check_appointment(booking: Booking, actor: Actor) -> None:
    """Refuse what an appointment cannot be: too long, with nobody, at somebody else's."""
    refuse_card_numbers(booking)
    if not 1 <= booking.duration <= LONGEST:
        refuse("duration", _("From 1 to %(longest)s minutes.") % {"longest": f"{LONGEST:,}"})
    check_facilitator(booking.facilitator_id, actor=actor)
    addresses = Address.objects.visible_to(actor).live().filter(customer=booking.customer)
    if booking.address_id and not addresses.filter(pk=booking.address_id).exists():
        refuse("address", _("This customer has no such address."))


def _apply(booking: Booking, changes: dict[str, Any], actor: Actor) -> list[str]:
    """Change the fields of a booking and return which; raises what does not fit its kind."""
    for name in changes:
        if booking.is_appointment and name == "event_date":
            refuse(name, _("An appointment has no event date."))
        if not booking.is_appointment and name == "configuration":
            refuse(name, _("A place at an event has no configuration."))
        if not booking.is_appointment and name in _OF_APPOINTMENTS:
            refuse(name, _("A place is when and with whom its event date is: change event_date."))
    date = changes.get("event_date")
    if date is not None:
        changes = {**changes, **_moved(booking, date)}
    before = (booking.facilitator_id, booking.address_id)
    for name, value in changes.items():
        setattr(booking, name, value)
    if booking.is_appointment and (
        {"starts_at", "duration"} & changes.keys()
        or before != (booking.facilitator_id, booking.address_id)
    ):
        _check_appointment(booking, actor)
    refuse_card_numbers(booking)
    return list(changes)


def _moved(booking: Booking, date: EventDate) -> dict[str, Any]:
    if booking.event_date is None or date.event_id != booking.event_date.event_id:
        refuse("event_date", _("Choose a date of the same event."))
    if date.is_cancelled:
        raise EventDateCancelled
    return {"starts_at": date.starts_at, "duration": date.duration}
