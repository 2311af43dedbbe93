"""What a company offers, as far as rows are made of it: plain facts that any process can read."""

import datetime
from dataclasses import dataclass
from functools import cached_property

from credits.durations import last_day


@dataclass(frozen=True)
class Service:
    """What is done for a customer; `tax_rate` in ten-thousandths of a percent."""

    id: str
    name: str
    duration: int
    price: int
    tax_rate: int
    configuration: str


@dataclass(frozen=True)
class Option:
    """A way to pay for a place."""

    id: str
    price: int
    visits: int


@dataclass(frozen=True)
class Event:
    """What people come to; how long it takes and how many it holds is the sample's."""

    id: str
    name: str
    duration: int
    capacity: int
    tax_rate: int
    options: tuple[Option, ...]


@dataclass(frozen=True)
class Coupon:
    """What a credit gives; None where it says nothing."""

    id: str
    entitlement: str
    amount: int | None
    percentage: int | None
    offering: str
    multi_use: bool
    valid_for: str


@dataclass(frozen=True)
class Pass:
    """A bundle of visits; `offerings` are what they are good for, none named: for anything."""

    id: str
    visits: int
    price: int
    valid_for: str
    offerings: tuple[str, ...]


@dataclass(frozen=True)
class Membership:
    """A plan to sign up for."""

    id: str
    name: str
    price: int
    billing_period: str
    grace_days: int
    minimum_periods: int


@dataclass(frozen=True)
class Perk:
    """A coupon that a plan grants for every billing period that began since a day."""

    id: str
    plan: str
    coupon: Coupon
    since: datetime.date


@dataclass(frozen=True)
class Medium:
    """A video that can be bought."""

    id: str
    price: int
    valid_for: str


@dataclass(frozen=True)
class Offers:
    """Everything that a company offers."""

    services: tuple[Service, ...]
    events: tuple[Event, ...]
    plans: tuple[Membership, ...]
    perk: Perk | None
    presents: tuple[Coupon, ...]
    passes: tuple[Pass, ...]
    media: tuple[Medium, ...]


@dataclass(frozen=True)
class Plan:
    """A whole run: whose customers, how many, until when, of which seed, in how large batches.

    `mark` begins the external ids of this run, which no two customers of a company may share.
    """

    company: str
    currency: str
    timezone: str
    country: str
    offers: Offers
    customers: int
    until: datetime.date
    seed: int
    mark: str
    per_batch: int

    @cached_property
    def batches(self) -> list[range]:
        """The numbers of the customers of each batch."""
        numbers = range(self.customers)
        return [
            numbers[first : first + self.per_batch]
            for first in range(0, self.customers, self.per_batch)
        ]


def ends_on(start: datetime.date, valid_for: str) -> datetime.date | None:
    """Return the last day of what lasts so long from a day on, None for ever."""
    return last_day(start, valid_for)


def tax_on(net: int, rate: int) -> int:
    """Return the tax on a sum, rounded half up, as the database reckons it."""
    return (net * rate * 2 + 1_000_000) // 2_000_000
