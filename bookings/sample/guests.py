"""Customers while their visits are booked."""

from dataclasses import dataclass, field

from .holdings import Holding
from .people import Person


@dataclass(slots=True)
class Visit:
    """That somebody comes on a day, to an event or for an appointment."""

    day: int
    is_place: bool


@dataclass(slots=True)
class Guest:
    """A customer with what they come for, what they hold, and whom they bring along."""

    person: Person
    visits: list[Visit]
    friend: Person | None = None
    buys_passes: bool = False
    holdings: list[Holding] = field(default_factory=list)
