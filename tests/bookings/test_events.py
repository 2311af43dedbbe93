"""Events, their prices and their dates: creating, moving and cancelling them."""

from decimal import Decimal
from typing import Any

import pytest

from billing.models import Payment
from bookings import errors
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
from bookings.models import Booking, Event, EventDate, Facilitator, PricingOption
from bookings.models.catalogue import LONGEST
from bookings.models.events import MOST_SPACES
from config.tenancy.actors import Actor
from config.tenancy.archiving import archive_row, restore_row
from config.tenancy.companies import Company
from config.tenancy.errors import AlreadyArchived
from config.tenancy.money_fields import MOST
from customers.actions import archive_customer
from tests.factories import (
    MORNING,
    ACustomer,
    AFacilitator,
    AnAppointment,
    AnEventDate,
    APass,
    APlace,
)

from .support import DAY, HOUR, LONG_AGO, balance, cash, facts, refusal_of

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def date(studio: Company, event: Event, facilitator: Facilitator) -> EventDate:
    """A date with ten spaces and a facilitator."""
    return AnEventDate(company=studio, event=event, facilitator=facilitator)


def drop_in(**fields: Any) -> PricingOption:
    return PricingOption(**{"name": "Drop-in", "price": 1_500, **fields})


# --- Events ---


def test_an_event_is_made_with_its_prices_and_dates(facilitator: Facilitator, actor: Actor) -> None:
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


def test_what_cannot_be_is_refused_as_a_whole(facilitator: Facilitator, actor: Actor) -> None:
    usual = {"starts_at": MORNING, "duration": 60, "capacity": 8}
    cases: list[tuple[dict[str, Any], list[dict[str, Any]], list[dict[str, Any]], str]] = [
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
    ]
    for event, prices, dates, named in cases:
        parts: dict[str, Any] = {
            "pricing_options": [drop_in(**one) for one in prices],
            "dates": [EventDate(**{**usual, **one}) for one in dates],
        }
        refusal = refusal_of(create_event, Event(**{"name": "Yoga", **event}), **parts, actor=actor)
        assert refusal == (errors.InvalidEvent, named), (event, prices, dates[:1])
    overlapping = [EventDate(**usual, facilitator=facilitator) for _ in range(2)]
    parts = {"pricing_options": [drop_in()], "dates": overlapping, "actor": actor}
    assert refusal_of(create_event, Event(name="Yoga"), **parts) == (errors.FacilitatorBusy,)
    assert not Event.objects.exists()


def test_an_archived_event_changes_in_nothing_until_it_is_restored(
    studio: Company, event: Event, date: EventDate, actor: Actor
) -> None:
    place = APlace(company=studio, event_date=date)
    option = event.pricing_options.get()
    archive_row(event, actor=actor)
    pilates: dict[str, Any] = {"changes": {"name": "Pilates"}, "actor": actor}
    another = EventDate(event=event, starts_at=MORNING, duration=60, capacity=8)
    members = drop_in(event=event, name="Members")
    assert refusal_of(change_event, event, **pilates) == (AlreadyArchived,)
    for act, row in (
        (add_pricing_option, members),
        (archive_pricing_option, option),
        (archive_row, event),
    ):
        assert refusal_of(act, row, actor=actor) == (AlreadyArchived,), act
    assert refusal_of(add_event_date, another, actor=actor)[0] is errors.EventArchived
    move_event_date(date, changes={"starts_at": MORNING + DAY}, actor=actor)
    assert facts(place, "status", "starts_at") == ["confirmed", MORNING + DAY], "it stays"
    restore_row(event, actor=actor)
    assert change_event(event, **pilates).name == "Pilates"
    assert add_event_date(another, actor=actor)


def test_an_event_keeps_a_price_at_least_and_one_of_each_name(event: Event, actor: Actor) -> None:
    first = event.pricing_options.get()
    same_name = refusal_of(add_pricing_option, drop_in(event=event), actor=actor)
    assert same_name == (errors.PricingOptionTaken, "name")
    assert refusal_of(archive_pricing_option, first, actor=actor) == (errors.LastPricingOption,)
    second = add_pricing_option(drop_in(event=event, name="Members"), actor=actor)
    archive_pricing_option(first, actor=actor)
    assert refusal_of(archive_pricing_option, first, actor=actor) == (AlreadyArchived,)
    assert refusal_of(archive_pricing_option, second, actor=actor) == (errors.LastPricingOption,)
    assert add_pricing_option(drop_in(event=event), actor=actor), "among those on offer"


# --- Dates ---


def test_an_archived_facilitator_leads_nothing_new(
    studio: Company, event: Event, date: EventDate, facilitator: Facilitator, actor: Actor
) -> None:
    archive_row(facilitator, actor=actor)
    with pytest.raises(errors.FacilitatorArchived):
        AnEventDate(company=studio, event=event, facilitator=facilitator, starts_at=MORNING + DAY)
    with pytest.raises(errors.FacilitatorArchived):
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
    moved_at = place.updated_at
    move_event_date(date, changes={"capacity": 12}, actor=actor)
    place.refresh_from_db()
    assert place.updated_at == moved_at, "more spaces leave it as it was"
    AnAppointment(company=studio, facilitator=facilitator)
    with pytest.raises(errors.FacilitatorBusy):
        AnAppointment(company=studio, facilitator=facilitator, starts_at=MORNING + DAY + HOUR)


def test_a_date_moves_only_to_where_who_leads_it_is_free_and_keeps_spaces_for_who_comes(
    studio: Company, date: EventDate, facilitator: Facilitator, actor: Actor
) -> None:
    other = AFacilitator(company=studio)
    AnAppointment(company=studio, facilitator=facilitator, starts_at=MORNING + 2 * HOUR)
    AnAppointment(company=studio, facilitator=other)
    for spaces in (4, 2):
        APlace(company=studio, event_date=date, spaces=spaces)
    changes: dict[str, Any]
    for changes, refusal in (
        ({"duration": 121}, (errors.FacilitatorBusy,)),
        ({"starts_at": MORNING + 2 * HOUR}, (errors.FacilitatorBusy,)),
        ({"facilitator": other}, (errors.FacilitatorBusy,)),
        ({"facilitator": other, "starts_at": MORNING + HOUR}, ()),
        ({"capacity": 7}, ()),
        ({"capacity": 6}, ()),
        ({"capacity": 5}, (errors.FewerThanTaken,)),
    ):
        assert refusal_of(move_event_date, date, changes=changes, actor=actor) == refusal, changes
    found = facts(date, "facilitator", "starts_at", "duration", "capacity", "spaces_taken")
    assert found == [other.pk, MORNING + HOUR, 60, 6, 6]


# --- Cancelling a date ---


def test_a_date_is_cancelled_with_its_places_and_what_they_took(
    studio: Company, date: EventDate, facilitator: Facilitator, actor: Actor
) -> None:
    ann, bob = (ACustomer(company=studio) for _ in range(2))
    ten, own = APass(company=studio, customer=ann), {"company": studio, "event_date": date}
    by_pass = APlace(**own, customer=ann, means=ten)
    by_card = APlace(**own, customer=bob, means=cash(), spaces=2)
    unpaid = APlace(**own)
    start_booking(unpaid, actor=actor)
    assert cancel_event_date(date, reason="Snow", actor=actor) == 3
    date.refresh_from_db()
    assert (date.is_cancelled, date.spaces_taken) == (True, 0)
    for place in (by_pass, by_card, unpaid):
        found = facts(place, "status", "reason", "cancelled_by")
        assert found == ["cancelled", "Snow", "manage.py"]
    assert balance(ten) == 10
    assert facts(by_card, "refund__amount") == [3_000]
    AnAppointment(company=studio, facilitator=facilitator)
    more: dict[str, Any] = {"capacity": 20}
    assert refusal_of(cancel_event_date, date, actor=actor) == (errors.EventDateCancelled,)
    assert refusal_of(move_event_date, date, changes=more, actor=actor) == (
        errors.EventDateCancelled,
    )


def test_a_date_is_cancelled_with_its_money_kept_and_what_was_cancelled_before_left_alone(
    studio: Company, date: EventDate, actor: Actor
) -> None:
    early = APlace(company=studio, event_date=date)
    cancel_booking(early, reason="Ill", actor=actor)
    APlace(company=studio, event_date=date, means=cash())
    assert cancel_event_date(date, refund=False, reason="Snow", actor=actor) == 1
    assert not Payment.objects.given_back().exists()
    assert facts(early, "reason") == ["Ill"]


def test_a_date_is_cancelled_whoever_left(studio: Company, date: EventDate, actor: Actor) -> None:
    payer, gone_guest, gone_payer, guest = (ACustomer(company=studio) for _ in range(4))
    own = {"company": studio, "event_date": date}
    places = [
        APlace(**own, customer=gone_guest, purchased_by=payer, means=cash()),
        APlace(**own, customer=guest, purchased_by=gone_payer, means=cash()),
    ]
    for gone in (gone_guest, gone_payer):
        archive_customer(gone, actor=actor)
    assert cancel_event_date(date, actor=actor) == 2
    for place in places:
        assert facts(place, "status", "refund__amount") == ["cancelled", 1_500]


def test_a_date_that_took_place_is_over(studio: Company, event: Event, actor: Actor) -> None:
    for become in (complete_booking, miss_booking):
        date = AnEventDate(company=studio, event=event, starts_at=LONG_AGO)
        over, still_open = (APlace(company=studio, event_date=date) for _ in range(2))
        become(over, actor=actor)
        with pytest.raises(errors.EventDateOver):
            cancel_event_date(date, actor=actor)
        assert facts(still_open, "status") == ["confirmed"]
