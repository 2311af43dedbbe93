"""A batch from its first customer to its last row."""

from .batch import Batch, World
from .calendar import HISTORY, HOUR
from .guests import Guest
from .holdings import Holding, close, give_credit
from .money import draft
from .people import Person, take_on
from .settling import buy_media
from .subscriptions import subscribe
from .visits import plan_visits, staff_for, visit

_PRESENTS, _MEDIA, _DRAFTS = 0.17, 0.1, 0.005
_BUY_PASSES, _VISITS_OF_BUYERS = 0.7, 3


def make_batch(world: World, number: int) -> Batch:
    """Make the customers of a batch with all that happened to them, complete in itself."""
    batch = Batch(world, number)
    people = [take_on(batch, one) for one in batch.numbers]
    guests = [_invite(batch, people, place) for place in range(len(people))]
    diary, timetable = staff_for(batch, guests)
    for guest in guests:
        guest.holdings += subscribe(batch, guest.person, _tax_rate(batch))
        guest.holdings += _present(batch, guest.person)
        visit(batch, guest, diary, timetable)
        _buy(batch, guest.person)
        for holding in guest.holdings:
            close(batch, guest.person, holding)
    return batch


def _invite(batch: Batch, people: list[Person], place: int) -> Guest:
    """Plan somebody's visits; their friend is one who signed up before them."""
    person = people[place]
    visits = plan_visits(batch, person)
    buys = len(visits) >= _VISITS_OF_BUYERS and batch.chance(_BUY_PASSES)
    friend = people[batch.between(0, place - 1)] if place else None
    if friend is not None and friend.is_archived:
        friend = None
    return Guest(person, visits, friend, buys)


def _present(batch: Batch, person: Person) -> list[Holding]:
    """Give some people a credit on a day on which they are with us."""
    moment = _some_moment(batch, person, _PRESENTS)
    return [give_credit(batch, batch.some(batch.offers.presents), moment)] if moment else []


def _buy(batch: Batch, person: Person) -> None:
    """Let some people buy a medium, and write a draft of an invoice for a few."""
    if moment := _some_moment(batch, person, _MEDIA):
        buy_media(batch, person, moment)
    if person.last >= batch.today and batch.chance(_DRAFTS):
        moment = max(person.joined + HOUR // 2, batch.now - batch.between(2, 200) * HOUR)
        what = batch.some(batch.offers.services)
        draft(batch, person, moment, (what.name, batch.between(1, 12), what.price))


def _some_moment(batch: Batch, person: Person, chance: float) -> int:
    """Return a moment of somebody's time with us, 0 for those whom chance passes by."""
    first = max(person.since, batch.today - HISTORY)
    last = min(person.last, batch.today - 1)
    if first > last or not batch.chance(chance):
        return 0
    return max(person.joined + HOUR // 4, batch.opening(batch.between(first, last)))


def _tax_rate(batch: Batch) -> int:
    return batch.offers.services[0].tax_rate
