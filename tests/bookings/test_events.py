"""Events, what places at them cost, and their dates: making, moving and cancelling them."""

import datetime
from decimal import Decimal
from typing import Any

import pytest

from billing.models import Payment
from billing.models.money import MOST
from bookings.actions import (
    add_event_date,
    add_pricing_option,
    archive_pricing_option,
    cancel_booking,
    cancel_event_date,
    change_event,
    complete_booking,
    create_event,
    miss_booking,
    move_event_date,
    start_booking,
)
from bookings.actions.events import MOST_DATES
from bookings.errors import (
    EventArchived,
    EventDateCancelled,
    EventDateOver,
    FacilitatorArchived,
    FacilitatorBusy,
    FewerThanTaken,
    InvalidEvent,
    LastPricingOption,
    PricingOptionTaken,
)
from bookings.models import Booking, Event, EventDate, Facilitator, PricingOption
from bookings.models.catalogue import LONGEST
from bookings.models.events import MOST_SPACES
from config.access.actors import Actor
from config.access.models import Company
from credits.models import PassPurchase
from customers.actions import archive_customer, archive_row, restore_row
from customers.errors import AlreadyArchived
from tests.factories import (
    MORNING,
    ACustomer,
    AFacilitator,
    AnAppointment,
    AnEvent,
    AnEventDate,
    APass,
    APlace,
)

pytestmark = pytest.mark.usefixtures("inside")

HOUR = datetime.timedelta(hours=1)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def event(studio: Company) -> Event:
    return AnEvent(company=studio)


@pytest.fixture
def facilitator(studio: Company) -> Facilitator:
    return AFacilitator(company=studio)


@pytest.fixture
def date(studio: Company, event: Event, facilitator: Facilitator) -> EventDate:
    """A date with ten spaces, led by somebody."""
    return AnEventDate(company=studio, event=event, facilitator=facilitator)


def drop_in(**fields: Any) -> PricingOption:
    return PricingOption(**{"name": "Drop-in", "price": 1_500, **fields})


# --- Events ---


def test_an_event_is_offered_with_its_prices_and_dates(
    facilitator: Facilitator, actor: Actor
) -> None:
    days = [MORNING + n * DAY for n in range(3)]
    event = create_event(
        Event(name=" Yoga "),
        pricing_options=[drop_in(), drop_in(name="Members", price=0, visits=2)],
        dates=[
            EventDate(starts_at=day, duration=60, capacity=8, facilitator=facilitator)
            for day in days
        ],
        actor=actor,
    )
    event.refresh_from_db()
    assert (event.name, event.currency) == ("Yoga", "GBP")
    prices = event.pricing_options.order_by("id").values_list("name", "price", "visits")
    assert list(prices) == [("Drop-in", 1_500, 1), ("Members", 0, 2)]
    stored = event.dates.order_by("starts_at")
    assert [(one.starts_at, one.spaces_left) for one in stored] == [(day, 8) for day in days]


@pytest.mark.parametrize(
    ("event", "prices", "dates", "named"),
    [
        ({"name": " "}, [{}], [], "name"),
        ({"tax_rate": Decimal("100.1")}, [{}], [], "tax_rate"),
        ({"tax_rate": Decimal(-1)}, [{}], [], "tax_rate"),
        ({}, [], [], "pricing_options"),
        ({}, [{"name": " "}], [], "name"),
        ({}, [{"price": -1}], [], "price"),
        ({}, [{"price": MOST + 1}], [], "price"),
        ({}, [{"visits": 0}], [], "visits"),
        ({}, [{"visits": MOST_SPACES + 1}], [], "visits"),
        ({}, [{}], [{"duration": 0}], "duration"),
        ({}, [{}], [{"duration": LONGEST + 1}], "duration"),
        ({}, [{}], [{"capacity": 0}], "capacity"),
        ({}, [{}], [{"capacity": MOST_SPACES + 1}], "capacity"),
        ({}, [{}], [{}] * (MOST_DATES + 1), "dates"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    actor: Actor,
    event: dict[str, Any],
    prices: list[dict[str, Any]],
    dates: list[dict[str, Any]],
    named: str,
) -> None:
    usual = {"starts_at": MORNING, "duration": 60, "capacity": 8}
    with pytest.raises(InvalidEvent) as refused:
        create_event(
            Event(**{"name": "Yoga", **event}),
            pricing_options=[drop_in(**one) for one in prices],
            dates=[EventDate(**{**usual, **one}) for one in dates],
            actor=actor,
        )
    assert list(refused.value.fields) == [named]
    assert not Event.objects.exists()


def test_an_event_whose_own_dates_overlap_is_refused_as_a_whole(
    facilitator: Facilitator, actor: Actor
) -> None:
    dates = [
        EventDate(starts_at=MORNING, duration=60, capacity=8, facilitator=facilitator)
        for _ in range(2)
    ]
    with pytest.raises(FacilitatorBusy):
        create_event(Event(name="Yoga"), pricing_options=[drop_in()], dates=dates, actor=actor)
    assert not Event.objects.exists()


def test_an_archived_event_changes_in_nothing_until_it_is_restored(
    event: Event, actor: Actor
) -> None:
    option = event.pricing_options.get()
    archive_row(event, actor=actor)
    date = EventDate(event=event, starts_at=MORNING, duration=60, capacity=8)
    for write in (
        lambda: change_event(event, changes={"name": "Pilates"}, actor=actor),
        lambda: add_pricing_option(drop_in(event=event, name="Members"), actor=actor),
        lambda: archive_pricing_option(option, actor=actor),
        lambda: archive_row(event, actor=actor),
    ):
        with pytest.raises(AlreadyArchived):
            write()
    with pytest.raises(EventArchived):
        add_event_date(date, actor=actor)
    restore_row(event, actor=actor)
    assert change_event(event, changes={"name": "Pilates"}, actor=actor).name == "Pilates"
    assert add_event_date(date, actor=actor)


def test_places_booked_at_an_event_stay_when_it_is_archived(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    place = APlace(company=studio, event_date=date)
    archive_row(date.event, actor=actor)
    place.refresh_from_db()
    assert place.status == "confirmed"
    moved = move_event_date(date, changes={"starts_at": MORNING + DAY}, actor=actor)
    assert moved.starts_at == MORNING + DAY


# --- Prices ---


def test_a_name_of_a_price_is_there_once_among_those_on_offer(event: Event, actor: Actor) -> None:
    with pytest.raises(PricingOptionTaken):
        add_pricing_option(drop_in(event=event), actor=actor)
    members = add_pricing_option(drop_in(event=event, name="Members"), actor=actor)
    archive_pricing_option(members, actor=actor)
    assert add_pricing_option(drop_in(event=event, name="Members"), actor=actor)


def test_an_event_keeps_a_price_at_least(event: Event, actor: Actor) -> None:
    first = event.pricing_options.get()
    with pytest.raises(LastPricingOption):
        archive_pricing_option(first, actor=actor)
    second = add_pricing_option(drop_in(event=event, name="Members"), actor=actor)
    archive_pricing_option(first, actor=actor)
    with pytest.raises(AlreadyArchived):
        archive_pricing_option(first, actor=actor)
    with pytest.raises(LastPricingOption):
        archive_pricing_option(second, actor=actor)


# --- Dates ---


def test_an_archived_facilitator_leads_nothing_new(
    studio: Company, event: Event, date: EventDate, facilitator: Facilitator, actor: Actor
) -> None:
    archive_row(facilitator, actor=actor)
    with pytest.raises(FacilitatorArchived):
        AnEventDate(company=studio, event=event, facilitator=facilitator, starts_at=MORNING + DAY)
    with pytest.raises(FacilitatorArchived):
        move_event_date(date, changes={"starts_at": MORNING + DAY}, actor=actor)
    moved = move_event_date(date, changes={"capacity": 12}, actor=actor)
    assert moved.capacity == 12, "who leads it does not matter to that"
    move_event_date(date, changes={"facilitator": None}, actor=actor)


def test_a_date_moves_with_every_place_at_it(
    studio: Company, date: EventDate, facilitator: Facilitator, actor: Actor
) -> None:
    place, off = (APlace(company=studio, event_date=date) for _ in range(2))
    cancel_booking(off, actor=actor)
    before = Booking.objects.get(pk=place.pk).updated_at
    changes = {"starts_at": MORNING + DAY, "duration": 90}
    move_event_date(date, changes=changes, actor=actor)
    for one in (place, off):
        one.refresh_from_db()
        assert (one.starts_at, one.duration) == (MORNING + DAY, 90)
    assert place.updated_at > before
    AnAppointment(company=studio, facilitator=facilitator)
    with pytest.raises(FacilitatorBusy):
        AnAppointment(company=studio, facilitator=facilitator, starts_at=MORNING + DAY + HOUR)


def test_more_spaces_leave_the_places_as_they_were(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    place = APlace(company=studio, event_date=date)
    before = Booking.objects.get(pk=place.pk).updated_at
    move_event_date(date, changes={"capacity": 12}, actor=actor)
    assert Booking.objects.get(pk=place.pk).updated_at == before


def test_a_date_moves_only_to_where_who_leads_it_is_free(
    studio: Company, date: EventDate, facilitator: Facilitator, actor: Actor
) -> None:
    AnAppointment(company=studio, facilitator=facilitator, starts_at=MORNING + 2 * HOUR)
    for changes in ({"duration": 121}, {"starts_at": MORNING + 2 * HOUR}):
        with pytest.raises(FacilitatorBusy):
            move_event_date(date, changes=changes, actor=actor)
    other = AFacilitator(company=studio)
    AnAppointment(company=studio, facilitator=other)
    with pytest.raises(FacilitatorBusy):
        move_event_date(date, changes={"facilitator": other}, actor=actor)
    both = {"facilitator": other, "starts_at": MORNING + HOUR}
    assert move_event_date(date, changes=both, actor=actor).facilitator == other


@pytest.mark.parametrize(("capacity", "fits"), [(7, True), (6, True), (5, False)])
def test_spaces_are_not_fewer_than_are_taken(
    studio: Company, date: EventDate, actor: Actor, capacity: int, fits: bool
) -> None:
    APlace(company=studio, event_date=date, spaces=4)
    APlace(company=studio, event_date=date, spaces=2)
    if fits:
        moved = move_event_date(date, changes={"capacity": capacity}, actor=actor)
        assert moved.spaces_left == capacity - 6
    else:
        with pytest.raises(FewerThanTaken):
            move_event_date(date, changes={"capacity": capacity}, actor=actor)


# --- Cancelling a date ---


def test_a_date_is_cancelled_with_its_places_and_what_they_took(
    studio: Company, date: EventDate, facilitator: Facilitator, actor: Actor
) -> None:
    ann, bob = (ACustomer(company=studio) for _ in range(2))
    ten = APass(company=studio, customer=ann)
    by_pass = APlace(company=studio, event_date=date, customer=ann, means=ten)
    by_card = APlace(
        company=studio, event_date=date, customer=bob, means=Payment(method="card"), spaces=2
    )
    unpaid = APlace(company=studio, event_date=date)
    start_booking(unpaid, actor=actor)
    assert cancel_event_date(date, reason="Snow", actor=actor) == 3
    date.refresh_from_db()
    assert (date.is_cancelled, date.spaces_taken) == (True, 0)
    for place in (by_pass, by_card, unpaid):
        place.refresh_from_db()
        assert (place.status, place.reason, place.cancelled_by) == (
            "cancelled",
            "Snow",
            "manage.py",
        )
    assert PassPurchase.objects.get().balance == 10
    assert by_card.refund is not None
    assert by_card.refund.amount == 3_000
    AnAppointment(company=studio, facilitator=facilitator)
    with pytest.raises(EventDateCancelled):
        cancel_event_date(date, actor=actor)
    with pytest.raises(EventDateCancelled):
        move_event_date(date, changes={"capacity": 20}, actor=actor)


def test_a_date_can_be_cancelled_and_its_money_kept(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    APlace(company=studio, event_date=date, means=Payment(method="card"))
    assert cancel_event_date(date, refund=False, actor=actor) == 1
    assert not Payment.objects.given_back().exists()


def test_a_place_cancelled_before_is_not_cancelled_again(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    early = APlace(company=studio, event_date=date)
    cancel_booking(early, reason="Ill", actor=actor)
    assert cancel_event_date(date, reason="Snow", actor=actor) == 0
    early.refresh_from_db()
    assert early.reason == "Ill"


@pytest.mark.parametrize("archived", ["who comes", "who pays"])
def test_a_date_is_cancelled_whoever_has_been_archived(
    studio: Company, date: EventDate, actor: Actor, archived: str
) -> None:
    payer, guest = ACustomer(company=studio), ACustomer(company=studio)
    place = APlace(
        company=studio,
        event_date=date,
        customer=guest,
        purchased_by=payer,
        means=Payment(method="card"),
    )
    archive_customer(guest if archived == "who comes" else payer, actor=actor)
    assert cancel_event_date(date, actor=actor) == 1
    place.refresh_from_db()
    assert place.status == "cancelled"
    # What an archived customer paid is given back once the customer is restored.
    assert (place.refund is not None) == (archived == "who comes")


@pytest.mark.parametrize("become", [complete_booking, miss_booking])
def test_a_date_that_some_have_come_to_or_missed_is_over(
    studio: Company, event: Event, actor: Actor, become: Any
) -> None:
    date = AnEventDate(company=studio, event=event, starts_at=MORNING - 100 * 365 * DAY)
    over, still_open = (APlace(company=studio, event_date=date) for _ in range(2))
    become(over, actor=actor)
    with pytest.raises(EventDateOver):
        cancel_event_date(date, actor=actor)
    still_open.refresh_from_db()
    assert still_open.status == "confirmed"
