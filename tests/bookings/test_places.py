"""Booking places at an event date, for oneself and for others, and moving them."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from billing.models.money import MOST
from bookings.actions import (
    add_pricing_option,
    archive_pricing_option,
    book_places,
    cancel_booking,
    cancel_event_date,
    change_booking,
    change_event,
    complete_booking,
)
from bookings.actions.booking import MOST_PLACES
from bookings.errors import (
    BookingNotOpen,
    EventArchived,
    EventDateCancelled,
    EventFull,
    InvalidBooking,
    NoPlaces,
)
from bookings.models import Booking, Event, EventDate, PricingOption, Transaction
from bookings.models.events import MOST_SPACES
from config.access.actors import Actor
from config.access.models import Company
from customers.actions import archive_customer, archive_row
from customers.errors import CustomerArchived
from customers.models import Customer
from tests.factories import MORNING, ACustomer, AnEvent, AnEventDate, APlace

pytestmark = pytest.mark.usefixtures("inside")

DAY = datetime.timedelta(days=1)


@pytest.fixture
def event(studio: Company) -> Event:
    """A class of yoga, at 15.00 or a visit."""
    return AnEvent(company=studio)


@pytest.fixture
def date(studio: Company, event: Event) -> EventDate:
    """Its date, with ten spaces."""
    return AnEventDate(company=studio, event=event)


@pytest.fixture
def members(event: Event, actor: Actor) -> PricingOption:
    """What members pay: 9.00, or two visits."""
    option = PricingOption(event=event, name="Members", price=900, visits=2)
    return add_pricing_option(option, actor=actor)


def book(actor: Actor, payer: Customer, *places: Booking, **more: Any) -> Sequence[Booking]:
    """Book places that one customer buys together and return them as they are stored."""
    purchase = book_places(Transaction(customer=payer), places=places, actor=actor, **more)
    return purchase.bookings.order_by("id")


def left(date: EventDate) -> int:
    return EventDate.objects.get(pk=date.pk).spaces_left


def test_a_place_is_when_its_date_is_and_costs_what_its_event_does(
    studio: Company, customer: Customer, actor: Actor
) -> None:
    event = AnEvent(company=studio, tax_rate=Decimal("5.5"))
    date = AnEventDate(company=studio, event=event, duration=75)
    (place,) = book(actor, customer, Booking(customer=customer, event_date=date, spaces=3))
    assert (place.kind, place.status, place.customer_id) == ("place", "confirmed", customer.pk)
    assert (place.starts_at, place.duration, place.spaces) == (MORNING, 75, 3)
    assert place.pricing_option == event.pricing_options.get()
    # 5.5 percent of 45.00 is 2.475, half up.
    assert (place.subtotal, place.tax, place.total, place.currency) == (4_500, 248, 4_748, "GBP")
    assert left(date) == 7


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
        with pytest.raises(InvalidBooking, match="no such pricing option"):
            book(
                actor, customer, Booking(customer=customer, event_date=date, pricing_option=option)
            )
    assert not Transaction.objects.exists()


def test_its_own_price_and_discount_come_first(
    customer: Customer, date: EventDate, actor: Actor
) -> None:
    place = Booking(customer=customer, event_date=date, spaces=2, subtotal=2_000, discount=500)
    (stored,) = book(actor, customer, place)
    assert (stored.subtotal, stored.discount, stored.total) == (2_000, 500, 1_500)


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"spaces": 0}, "spaces"),
        ({"spaces": MOST_SPACES + 1}, "spaces"),
        ({"subtotal": -1}, "subtotal"),
        ({"subtotal": MOST + 1}, "subtotal"),
        ({"discount": 1_501}, "discount"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    customer: Customer, date: EventDate, actor: Actor, fields: dict[str, int], named: str
) -> None:
    with pytest.raises(InvalidBooking) as refused:
        book(actor, customer, Booking(customer=customer, event_date=date, **fields))
    assert list(refused.value.fields) == [named]
    assert left(date) == 10


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
    with pytest.raises(EventFull):
        book(actor, customer, *places)
    assert (left(date), left(other)) == (10, 1)
    assert not Transaction.objects.exists()
    places[2].spaces = 1
    stored = book(actor, customer, *places)
    assert [place.customer_id for place in stored] == [customer.pk, friend.pk, friend.pk]
    assert {place.transaction.customer_id for place in stored} == {customer.pk}
    assert (left(date), left(other)) == (7, 0)


@pytest.mark.parametrize("count", [0, MOST_PLACES + 1])
def test_from_one_to_a_hundred_places_are_bought_together(
    customer: Customer, date: EventDate, actor: Actor, count: int
) -> None:
    places = [Booking(customer=customer, event_date=date) for _ in range(count)]
    with pytest.raises(NoPlaces):
        book(actor, customer, *places)


@pytest.mark.parametrize(("spaces", "fits"), [(9, True), (10, True), (11, False)])
def test_no_more_come_than_there_is_space_for(
    studio: Company, date: EventDate, spaces: int, fits: bool
) -> None:
    if fits:
        APlace(company=studio, event_date=date, spaces=spaces)
        assert left(date) == 10 - spaces
    else:
        with pytest.raises(EventFull):
            APlace(company=studio, event_date=date, spaces=spaces)
        assert left(date) == 10


def test_a_cancelled_place_leaves_its_space_to_others(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    place = APlace(company=studio, event_date=date, spaces=10)
    with pytest.raises(EventFull):
        APlace(company=studio, event_date=date)
    cancel_booking(place, actor=actor)
    assert left(date) == 10
    APlace(company=studio, event_date=date)
    assert left(date) == 9


def test_whoever_came_or_stayed_away_still_took_the_space(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    complete_booking(APlace(company=studio, event_date=date, spaces=10), actor=actor)
    with pytest.raises(EventFull):
        APlace(company=studio, event_date=date)


def test_an_archived_event_and_a_cancelled_date_take_nobody(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    other = AnEventDate(company=studio, event=date.event)
    cancel_event_date(other, actor=actor)
    with pytest.raises(EventDateCancelled):
        APlace(company=studio, event_date=other)
    archive_row(date.event, actor=actor)
    with pytest.raises(EventArchived):
        APlace(company=studio, event_date=date)


def test_neither_who_pays_nor_who_comes_may_be_archived(
    studio: Company, customer: Customer, date: EventDate
) -> None:
    gone = ACustomer(company=studio, archived=True)
    with pytest.raises(CustomerArchived):
        APlace(company=studio, event_date=date, customer=gone, purchased_by=customer)
    with pytest.raises(CustomerArchived):
        APlace(company=studio, event_date=date, customer=customer, purchased_by=gone)
    assert left(date) == 10


def test_a_place_keeps_its_price_when_the_event_changes(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    place = APlace(company=studio, event_date=date)
    change_event(date.event, changes={"tax_rate": Decimal(20)}, actor=actor)
    place.refresh_from_db()
    assert (place.tax_rate, place.total) == (0, 1_500)
    assert APlace(company=studio, event_date=date).total == 1_800


def test_a_place_is_priced_in_its_events_currency(studio: Company, date: EventDate) -> None:
    Company.objects.filter(pk=studio.pk).update(currency="EUR")
    assert APlace(company=studio, event_date=date).currency == "GBP"


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


def test_a_place_does_not_move_to_where_there_is_no_space(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    small = AnEventDate(company=studio, event=date.event, capacity=2)
    place = APlace(company=studio, event_date=date, spaces=3)
    with pytest.raises(EventFull):
        change_booking(place, changes={"event_date": small}, actor=actor)
    place.refresh_from_db()
    assert (place.event_date, left(date), left(small)) == (date, 7, 2)


def test_a_place_moved_to_where_it_is_stays(studio: Company, date: EventDate, actor: Actor) -> None:
    place = APlace(company=studio, event_date=date, spaces=10)
    change_booking(place, changes={"event_date": date}, actor=actor)
    assert left(date) == 0


def test_a_place_moves_neither_to_another_event_nor_to_a_cancelled_date(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    place = APlace(company=studio, event_date=date)
    with pytest.raises(InvalidBooking, match="the same event"):
        change_booking(place, changes={"event_date": AnEventDate(company=studio)}, actor=actor)
    off = AnEventDate(company=studio, event=date.event)
    cancel_event_date(off, actor=actor)
    with pytest.raises(EventDateCancelled):
        change_booking(place, changes={"event_date": off}, actor=actor)


def test_a_place_that_is_over_stays_where_it_was(
    studio: Company, customer: Customer, date: EventDate, actor: Actor
) -> None:
    later = AnEventDate(company=studio, event=date.event, starts_at=MORNING + DAY)
    place = APlace(company=studio, event_date=date, customer=customer)
    complete_booking(place, actor=actor)
    with pytest.raises(BookingNotOpen):
        change_booking(place, changes={"event_date": later}, actor=actor)
    archive_customer(customer, actor=actor)
    with pytest.raises(CustomerArchived):
        change_booking(place, changes={"event_date": later}, actor=actor)


# --- Which purchases have something to come ---


def test_a_purchase_is_of_the_future_while_one_place_of_it_is(
    studio: Company, customer: Customer, date: EventDate, actor: Actor
) -> None:
    past = AnEventDate(company=studio, event=date.event, starts_at=MORNING - 100 * 365 * DAY)
    _over, coming = book(
        actor,
        customer,
        Booking(customer=customer, event_date=past),
        Booking(customer=customer, event_date=date),
    )
    book(actor, customer, Booking(customer=customer, event_date=past))
    future = Transaction.objects.with_future_places()
    assert [one.pk for one in future] == [coming.transaction_id]
    cancel_booking(coming, actor=actor)
    assert not future.all().exists()
