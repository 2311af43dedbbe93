"""Make all rows of a batch."""

from .batch import Batch, Person, Run
from .calendar import HISTORY, HOUR
from .holdings import close, give
from .people import sign_up
from .schedule import Schedule
from .subscriptions import subscribe
from .visits import buy_media, plan_visits, visit

_GIFTS, _MEDIA = 0.17, 0.1


def make_batch(run: Run, number: int) -> Batch:
    """Make the customers of a batch with their whole history, without rows of other batches."""
    batch = Batch(run, number)
    schedule = Schedule(batch)
    _perk, *gifts = run.catalogue.coupons.values()
    for one in batch.numbers:
        person = sign_up(batch, one)
        plan_visits(batch, person)
        subscribe(batch, person)
        if moment := _some_moment(batch, person, _GIFTS):
            person.holdings.append(give(batch, person.id, batch.some(gifts), moment))
        visit(batch, person, schedule)
        if moment := _some_moment(batch, person, _MEDIA):
            buy_media(batch, person, moment)
        for holding in person.holdings:
            close(batch, person.id, holding)
    return batch


def _some_moment(batch: Batch, person: Person, chance: float) -> int:
    """Return, with the given probability, a random moment in the customer's time, else 0."""
    first = max(person.since, batch.today - HISTORY)
    last = min(person.last, batch.today - 1)
    if first > last or not batch.chance(chance):
        return 0
    return max(person.joined + HOUR // 4, batch.opening(batch.between(first, last)))
