from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from billing.actions.tax import gross, tax_on
from config.card_numbers import refuse_card_numbers
from config.statements.changing import Changes, apply_changes, save_changes
from config.statements.inserting import insert
from config.tenancy.actors import Actor
from config.tenancy.constraints import refusing
from config.tenancy.money_fields import check_amount
from config.tenancy.money_permissions import MoneyAction, check_money_action
from customers.actions.locks import check_owner, lock_customer
from customers.models import Address, Customer

from .. import errors
from ..late_cancellation import is_late
from ..models import Booking, EventDate, Facilitator, PricingOption, Service, Transaction
from .catalogue import check_facilitator, check_minutes, check_spaces, event_full, facilitator_busy
from .locks import hold_facilitators, lock_customers, lock_dates
from .paying import Means, Parts, check_still_paid, pay_together

MOST_PLACES = 100

_OF_APPOINTMENTS = {"starts_at", "duration", "facilitator", "address"}


@transaction.atomic
def book_appointment(
    booking: Booking,
    *,
    means: Means | Parts | None = None,
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> Booking:
    """Book a service for a customer, and pay for it if `means` is given.

    A booking without a duration or a price uses the service's. Raises CustomerArchived,
    ServiceArchived, FacilitatorArchived, FacilitatorBusy, InvalidBooking, CardNumber, NotYourRole
    if front desk sets a price, or the refusals of paying.
    """
    booking.customer = lock_customer(booking.customer, actor=actor)
    booking.company_id, booking.kind = actor.company_id, Booking.Kind.APPOINTMENT
    assert booking.service_id is not None
    service = Service.objects.visible_to(actor).get(pk=booking.service_id)
    if service.is_archived:
        raise errors.ServiceArchived
    if booking.duration is None:
        booking.duration = service.duration
    if booking.subtotal is None:
        booking.subtotal = service.price
    booking.tax_rate, booking.tax_behavior = service.tax_rate, service.tax_behavior
    booking.currency = service.currency
    booking.configuration = service.configuration | booking.configuration
    _check_own_price(booking, service.price, actor)
    price_booking(booking)
    _check_appointment(booking, actor)
    hold_facilitators(booking.facilitator_id)
    with refusing(facilitator_one_at_a_time=lambda: facilitator_busy(booking, actor=actor)):
        insert(booking)
    if means is not None:
        pay_together(
            [booking],
            payer=booking.customer,
            means=means,
            keep_excess_as_credit=keep_excess_as_credit,
            actor=actor,
        )
    return booking


@transaction.atomic
def book_places(
    purchase: Transaction,
    *,
    places: Sequence[Booking],
    means: Means | Parts | None = None,
    keep_excess_as_credit: bool = False,
    actor: Actor,
) -> Transaction:
    """Book places at event dates that one customer buys together, for one or several people.

    A place without a pricing option takes the first of its event. Raises NoPlaces,
    CustomerArchived, EventArchived, EventDateCancelled, EventFull, InvalidBooking, CardNumber, or
    the refusals of paying.
    """
    if not 1 <= len(places) <= MOST_PLACES:
        raise errors.NoPlaces
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
        pay_together(
            places,
            payer=purchase.customer,
            means=means,
            keep_excess_as_credit=keep_excess_as_credit,
            actor=actor,
        )
    return purchase


@transaction.atomic
def book_places_apart(
    purchase: Transaction, *, groups: Sequence[tuple[Means | None, Sequence[Booking]]], actor: Actor
) -> Transaction:
    """Book places as `book_places` does, and pay for each group with its own means.

    A group without means is paid later. If one group is refused, nothing is booked.
    """
    places = [place for _means, group in groups for place in group]
    purchase = book_places(purchase, places=places, actor=actor)
    for means, group in groups:
        if means is not None:
            pay_together(group, payer=purchase.customer, means=means, actor=actor)
    return purchase


@transaction.atomic
def change_booking(booking: Booking, *, changes: Changes, actor: Actor) -> Booking:
    """Move a booking, or change its facilitator, address or notes; payments do not change.

    An appointment moves to another time. A place moves to another date of its event, if the pass or
    credit that paid for it has not expired by then. If cancelling is already late, it remains late
    after the move. Raises CustomerArchived, BookingNotOpen, FacilitatorArchived, FacilitatorBusy,
    EventFull, EventDateCancelled, EndsTooSoon, InvalidBooking or CardNumber.
    """
    customer = lock_customer(booking.customer, actor=actor)
    # The lock of the customer prevents concurrent changes of the facilitator or the date.
    booking = Booking.objects.visible_to(actor).get(pk=booking.pk)
    facilitator, date = changes.get("facilitator"), changes.get("event_date")
    wanted = facilitator.pk if isinstance(facilitator, Facilitator) else None
    hold_facilitators(booking.facilitator_id, wanted)
    if isinstance(date, EventDate):
        dates = lock_dates([date.pk, booking.event_date_id or date.pk], actor=actor)
        changes = {**changes, "event_date": dates[date.pk]}
    booking = lock_booking(booking, actor=actor)
    check_owner(booking, customer)
    booking.customer = customer
    if not booking.is_open:
        raise errors.BookingNotOpen
    begins_at, was_late = booking.starts_at, is_late(booking)
    fields = _apply(booking, changes, actor)
    if was_late and booking.starts_at > begins_at:
        booking.moved_late_from = min(begins_at, booking.moved_late_from or begins_at)
        fields.append("moved_late_from")
    if booking.starts_at > begins_at:
        check_still_paid(booking)
    with refusing(
        facilitator_one_at_a_time=lambda: facilitator_busy(booking, actor=actor),
        event_date_capacity=lambda: event_full(booking, actor=actor),
    ):
        save_changes(booking, fields)
    return booking


def price_booking(booking: Booking) -> None:
    """Compute the tax and the total of a booking from its price, discount and tax behavior.

    Raises InvalidBooking.
    """
    check_amount(booking.subtotal, field="subtotal", refusal=errors.InvalidBooking)
    if not 0 <= booking.discount <= booking.subtotal:
        sentence = _("Must be from 0 to the price of %(price)s; got “%(discount)s”.")
        facts = {"price": f"{booking.subtotal:,}", "discount": f"{booking.discount:,}"}
        raise errors.InvalidBooking.at("discount", sentence % facts)
    amount = booking.subtotal - booking.discount
    booking.tax = tax_on(amount, booking.tax_rate, booking.tax_behavior)
    booking.total = gross(amount, booking.tax_rate, booking.tax_behavior)


def lock_booking(booking: Booking, *, actor: Actor) -> Booking:
    """Return the booking as it is now, locked until the transaction ends."""
    rows = Booking.objects.visible_to(actor).select_for_update(no_key=True)
    return rows.get(pk=booking.pk)


def _book_place(
    place: Booking,
    purchase: Transaction,
    date: EventDate,
    people: dict[UUID, Customer],
    actor: Actor,
) -> None:
    if date.event.is_archived:
        raise errors.EventArchived
    if date.is_cancelled:
        raise errors.EventDateCancelled
    place.customer, place.event_date = people[place.customer.pk], date
    place.company_id, place.kind = actor.company_id, Booking.Kind.PLACE
    place.transaction, place.pricing_option = purchase, _option(place, date, actor)
    place.starts_at, place.duration = date.starts_at, date.duration
    check_spaces(place.spaces, field="spaces", refusal=errors.InvalidBooking)
    if place.subtotal is None:
        place.subtotal = place.pricing_option.price * place.spaces
    option = place.pricing_option
    place.tax_rate, place.tax_behavior = option.tax_rate, option.tax_behavior
    place.currency = date.event.currency
    _check_own_price(place, option.price * place.spaces, actor)
    price_booking(place)
    refuse_card_numbers(place)
    with refusing(event_date_capacity=lambda: event_full(place, actor=actor)):
        insert(place)


def _check_own_price(booking: Booking, price: int, actor: Actor) -> None:
    """Raise NotYourRole for a custom price or discount that the actor may not give."""
    if booking.subtotal != price or booking.discount:
        check_money_action(actor, MoneyAction.CHANGE_PRICES)


def _option(place: Booking, date: EventDate, actor: Actor) -> PricingOption:
    """Return the pricing option of a place, by default the first one of its event."""
    options = PricingOption.objects.visible_to(actor).live().filter(event_id=date.event_id)
    if place.pricing_option_id is not None:
        options = options.filter(pk=place.pricing_option_id)
    option = options.oldest_first().first()
    if option is None:
        raise errors.InvalidBooking.at(
            "pricing_option", _("This event has no such pricing option. Name one of its own.")
        )
    return option


def _check_appointment(booking: Booking, actor: Actor) -> None:
    """Check the duration, the facilitator and the address of an appointment."""
    refuse_card_numbers(booking)
    check_minutes(booking.duration, refusal=errors.InvalidBooking)
    check_facilitator(booking.facilitator_id, actor=actor)
    addresses = Address.objects.visible_to(actor).live().filter(customer=booking.customer)
    if booking.address_id and not addresses.filter(pk=booking.address_id).exists():
        raise errors.InvalidBooking.at(
            "address", _("This customer has no such address. Name one of the customer's own.")
        )


def _apply(booking: Booking, changes: Changes, actor: Actor) -> list[str]:
    """Set fields of a booking and return their names; raises InvalidBooking for a wrong field.

    Ignores unchanged fields, so that a client can send back the whole booking.
    """
    changes = {name: new for name, new in changes.items() if getattr(booking, name) != new}
    for name in changes:
        if booking.is_appointment and name == "event_date":
            raise errors.InvalidBooking.at(
                name, _("An appointment has no event date. Leave it out.")
            )
        if not booking.is_appointment and name == "configuration":
            raise errors.InvalidBooking.at(
                name, _("A place at an event has no configuration. Leave it out.")
            )
        if not booking.is_appointment and name in _OF_APPOINTMENTS:
            raise errors.InvalidBooking.at(
                name, _("A place takes it from its event date: change event_date.")
            )
    date = changes.get("event_date")
    if isinstance(date, EventDate):
        changes = {**changes, **_times_at(booking, date)}
    elif "event_date" in changes:
        raise errors.InvalidBooking.at("event_date", _("A place is at a date of its event."))
    changed = apply_changes(booking, changes)
    if booking.is_appointment and not _OF_APPOINTMENTS.isdisjoint(changed):
        _check_appointment(booking, actor)
    refuse_card_numbers(booking)
    return changed


def _times_at(booking: Booking, date: EventDate) -> Changes:
    if booking.event_date is None or date.event_id != booking.event_date.event_id:
        raise errors.InvalidBooking.at("event_date", _("Choose a date of the same event."))
    if date.is_cancelled:
        raise errors.EventDateCancelled
    return {"starts_at": date.starts_at, "duration": date.duration}
