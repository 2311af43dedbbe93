"""Booking places at an event date, for the customer and for others, and moving them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from bookings import errors
from bookings.actions import (
    add_pricing_option,
    archive_pricing_option,
    book_places,
    cancel_booking,
    cancel_event_date,
    change_booking,
    change_event,
    start_booking,
)
from bookings.actions.booking import MOST_PLACES
from bookings.models import Booking, Event, EventDate, PricingOption, Transaction
from bookings.models.events import MOST_SPACES
from config.tenancy.actors import Actor
from config.tenancy.archiving import archive_row
from config.tenancy.companies import Company
from config.tenancy.money_fields import MOST
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import MORNING, ACustomer, AnEvent, AnEventDate, APlace

from .support import DAY, facts, refusal_of

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def members(event: Event, actor: Actor) -> PricingOption:
    """The price for members: 9.00, or two visits."""
    option = PricingOption(event=event, name="Members", price=900, visits=2)
    return add_pricing_option(option, actor=actor)


def book(actor: Actor, payer: Customer, *places: Booking, **more: Any) -> Sequence[Booking]:
    """Book places that one customer buys together, and return the stored rows."""
    purchase = book_places(Transaction(customer=payer), places=places, actor=actor, **more)
    return purchase.bookings.order_by("id")


def left(date: EventDate) -> int:
    return EventDate.objects.get(pk=date.pk).spaces_left


def test_a_place_is_when_its_date_is_and_costs_what_its_event_does(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    event = AnEvent(company=studio, tax_rate=Decimal("5.5"))
    date = AnEventDate(company=studio, event=event, duration=75)
    Company.objects.filter(pk=studio.pk).update(currency="EUR")
    (place,) = book(actor, customer, Booking(customer=customer, event_date=date, spaces=3))
    assert (place.kind, place.status, place.customer_id) == ("place", "confirmed", customer.pk)
    assert (place.starts_at, place.duration, place.spaces) == (MORNING, 75, 3)
    assert place.pricing_option == event.pricing_options.get()
    # 5.5 percent of 45.00 is 2.475, rounded half up.
    price = ["subtotal", "tax", "total", "currency"]
    assert facts(place, *price) == [4_500, 248, 4_748, "GBP"]
    assert left(date) == 7
    change_event(event, changes={"tax_rate": Decimal(20)}, actor=actor)
    assert facts(place, *price) == [4_500, 248, 4_748, "GBP"]
    assert APlace(company=studio, event_date=date).total == 1_800


def test_the_first_pricing_option_is_taken_unless_one_is_named(
    studio: Company, customer: Customer, date: EventDate, members: PricingOption, actor: Actor
) -> None:
    usual, chosen = book(
        actor,
        customer,
        Booking(customer=customer, event_date=date),
        Booking(customer=customer, event_date=date, pricing_option=members, spaces=2),
    )
    assert (usual.pricing_option.name, usual.total) == ("Drop-in", 1_500)
    assert (chosen.pricing_option.name, chosen.total) == ("Members", 1_800)
    archive_pricing_option(usual.pricing_option, actor=actor)
    (place,) = book(actor, customer, Booking(customer=customer, event_date=date))
    assert place.pricing_option == members


def test_an_archived_or_foreign_pricing_option_is_refused(
    studio: Company, customer: Customer, date: EventDate, members: PricingOption, actor: Actor
) -> None:
    archive_pricing_option(members, actor=actor)
    foreign = AnEvent(company=studio).pricing_options.get()
    for option in (members, foreign):
        with pytest.raises(errors.InvalidBooking, match="no such pricing option"):
            book(
                actor, customer, Booking(customer=customer, event_date=date, pricing_option=option)
            )
    assert not Transaction.objects.exists()


def test_its_own_price_comes_first(customer: Customer, date: EventDate, actor: Actor) -> None:
    place = Booking(customer=customer, event_date=date, spaces=2, subtotal=2_000, discount=500)
    (stored,) = book(actor, customer, place)
    assert (stored.subtotal, stored.discount, stored.total) == (2_000, 500, 1_500)


def test_what_cannot_be_is_refused(
    studio: Company, customer: Customer, date: EventDate, actor: Actor
) -> None:
    gone = ACustomer(company=studio, archived=True)
    for place, refusal in (
        ({"spaces": 0}, (errors.InvalidBooking, "spaces")),
        ({"spaces": MOST_SPACES + 1}, (errors.InvalidBooking, "spaces")),
        ({"spaces": 11}, (errors.EventFull,)),
        ({"subtotal": -1}, (errors.InvalidBooking, "subtotal")),
        ({"subtotal": MOST + 1}, (errors.InvalidBooking, "subtotal")),
        ({"discount": 1_501}, (errors.InvalidBooking, "discount")),
        ({"customer": gone}, (CustomerArchived,)),
        ({"purchased_by": gone}, (CustomerArchived,)),
    ):
        own: dict[str, Any] = {"customer": customer, "purchased_by": customer, **place}
        assert refusal_of(APlace, company=studio, event_date=date, **own) == refusal, place
    for count in (0, MOST_PLACES + 1):
        places = [Booking(customer=customer, event_date=date) for _ in range(count)]
        with pytest.raises(errors.NoPlaces):
            book(actor, customer, *places)
    assert (left(date), Transaction.objects.count()) == (10, 0)


def test_places_bought_together_are_had_together_or_not_at_all(
    studio: Company, customer: Customer, date: EventDate, actor: Actor
) -> None:
    friend = ACustomer(company=studio)
    other = AnEventDate(company=studio, event=date.event, capacity=1)
    places = [
        Booking(customer=customer, event_date=date, spaces=2),
        Booking(customer=friend, event_date=date),
        Booking(customer=friend, event_date=other, spaces=2),
    ]
    with pytest.raises(errors.EventFull):
        book(actor, customer, *places)
    assert (left(date), left(other)) == (10, 1)
    assert not Transaction.objects.exists()
    places[2].spaces = 1
    stored = book(actor, customer, *places)
    assert [place.customer_id for place in stored] == [customer.pk, friend.pk, friend.pk]
    assert {place.transaction.customer_id for place in stored} == {customer.pk}
    assert (left(date), left(other)) == (7, 0)


def test_a_space_is_free_again_once_it_is_cancelled_and_not_once_somebody_came(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    APlace(company=studio, event_date=date, spaces=9)
    last = APlace(company=studio, event_date=date)
    with pytest.raises(errors.EventFull):
        APlace(company=studio, event_date=date)
    cancel_booking(last, actor=actor)
    assert left(date) == 1
    start_booking(APlace(company=studio, event_date=date), actor=actor)
    with pytest.raises(errors.EventFull):
        APlace(company=studio, event_date=date)


def test_a_closed_event_or_date_takes_none(studio: Company, date: EventDate, actor: Actor) -> None:
    other = AnEventDate(company=studio, event=date.event)
    cancel_event_date(other, actor=actor)
    with pytest.raises(errors.EventDateCancelled):
        APlace(company=studio, event_date=other)
    archive_row(date.event, actor=actor)
    with pytest.raises(errors.EventArchived):
        APlace(company=studio, event_date=date)


# --- Moving a place ---


def test_a_place_moves_to_another_date_of_its_event_with_its_spaces(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    later = AnEventDate(
        company=studio, event=date.event, starts_at=MORNING + DAY, duration=90, capacity=4
    )
    place = APlace(company=studio, event_date=date, spaces=3)
    moved = change_booking(place, changes={"event_date": later}, actor=actor)
    moved.refresh_from_db()
    assert (moved.event_date, moved.starts_at, moved.duration) == (later, MORNING + DAY, 90)
    assert (moved.total, moved.spaces, moved.transaction_id) == (4_500, 3, place.transaction_id)
    assert (left(date), left(later)) == (10, 1)


def test_a_place_moves_to_no_other_event_nor_to_a_date_that_is_full_or_cancelled(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    place = APlace(company=studio, event_date=date, spaces=3)
    small = AnEventDate(company=studio, event=date.event, capacity=2)
    off = AnEventDate(company=studio, event=date.event)
    cancel_event_date(off, actor=actor)
    for there, refusal in (
        (small, (errors.EventFull,)),
        (off, (errors.EventDateCancelled,)),
        (AnEventDate(company=studio), (errors.InvalidBooking, "event_date")),
    ):
        changes = {"event_date": there}
        assert refusal_of(change_booking, place, changes=changes, actor=actor) == refusal
    assert facts(place, "event_date") == [date.pk]
    assert (left(date), left(small)) == (7, 2)


def test_a_place_moved_to_where_it_is_stays(studio: Company, date: EventDate, actor: Actor) -> None:
    place = APlace(company=studio, event_date=date, spaces=10)
    change_booking(place, changes={"event_date": date}, actor=actor)
    assert left(date) == 0
