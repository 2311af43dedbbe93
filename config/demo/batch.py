"""A run of `load_sample`, and one batch of its customers in memory."""

import datetime
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import uuid_utils
from django.db import models

from billing.models import Invoice
from billing.models.invoices import invoice_number
from config.tenancy.companies import Company

from .calendar import Calendar
from .nations import NATIONS, Nation, nation_of
from .offers import Catalogue
from .tables import MODELS, TABLES, Table

# The first batch is small: PostgreSQL then has statistics to plan the statements of the others.
FIRST_BATCH = 500


@dataclass(frozen=True)
class Run:
    """The settings of one run, as every process that works on it has them.

    `mark` is the prefix of this run's external ids, which are unique within a company.
    """

    company: Company
    catalogue: Catalogue
    customers: int
    until: datetime.date
    seed: int
    mark: str
    per_batch: int

    @cached_property
    def batches(self) -> list[range]:
        """The numbers of the customers in each batch."""
        second = min(FIRST_BATCH, self.per_batch)
        starts = [0, *range(second, self.customers, self.per_batch), self.customers]
        return [range(start, end) for start, end in pairwise(starts)]

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar(self.company.timezone, self.until)

    @cached_property
    def home(self) -> Nation:
        return nation_of(self.company.country)

    @cached_property
    def abroad(self) -> list[Nation]:
        return [nation for nation in NATIONS.values() if nation is not self.home]

    @cached_property
    def tables(self) -> dict[type[models.Model], Table]:
        fixed = {"company_id": self.company.pk.hex, "currency": self.company.currency}
        return {model: Table(model, **fixed) for model in MODELS}


@dataclass(slots=True)
class Person:
    """The facts about a customer that their history depends on.

    They signed up on the day `since`, and their last visit is on or before the day `last`. They pay
    by `method`; `card` is their stored payment method, if any. `days` are the days of their visits.
    """

    id: str
    nation: Nation
    joined: int
    since: int
    last: int
    archived: int | None
    is_active: bool
    is_organisation: bool
    address: str | None = None
    card: str | None = None
    method: str = "card"
    days: list[int] = field(default_factory=list)
    holdings: list[Any] = field(default_factory=list)


class Batch:
    """The rows of some customers, in COPY's text format, and the random generator that it uses.

    `late` rows belong to invoices, which get their numbers after the earlier batches are written.
    Moments are seconds since 1970, and days are numbers of the `Calendar`.
    """

    def __init__(self, run: Run, number: int) -> None:
        self.run, self.calendar, self.catalogue = run, run.calendar, run.catalogue
        offers = run.catalogue
        self.services, self.events = list(offers.services.values()), list(offers.events.values())
        self.plans, self.media = list(offers.plans.values()), list(offers.media.values())
        self.numbers = run.batches[number]
        self.now, self.today = self.calendar.now, self.calendar.today
        self.early: dict[str, list[str]] = defaultdict(list)
        self.late: dict[str, list[str]] = defaultdict(list)
        self._invoices: list[tuple[str, int, int, dict[str, Any]]] = []
        self.draw = random.Random(f"{run.seed} {number}")  # noqa: S311
        self.random = self.draw.random

    def put(
        self, model: type[models.Model], moment: int, *, late: bool = False, **values: Any
    ) -> str:
        """Add a row that was created at a moment; return its id."""
        id: str = values.get("id") or new_id(moment)
        values["id"] = id
        table = self.run.tables[model]
        rows = self.late if late else self.early
        rows[table.name].append(table.line(moment, values, self.calendar.show))
        return id

    def put_invoice(self, id: str, moment: int, **values: Any) -> None:
        """Add an invoice that was issued at a moment; it gets its number later."""
        year = self.calendar.dates[self.calendar.day_of(moment)].year
        self._invoices.append((id, moment, year, values))

    def issued(self) -> Counter[int]:
        """Return how many invoices were issued, by year."""
        return Counter(year for _, _, year, _ in self._invoices)

    def number_invoices(self, last: dict[int, int]) -> None:
        """Number the invoices, oldest first, so that each year ends with its number in `last`."""
        place = {year: last[year] - count for year, count in self.issued().items()}
        for id, moment, year, values in sorted(self._invoices, key=lambda invoice: invoice[0]):
            place[year] += 1
            number = invoice_number(year, place[year])
            self.put(Invoice, moment, late=True, id=id, number=number, **values)

    def counts(self) -> dict[str, int]:
        """Return the number of rows, by table."""
        return {name: len(self.early[name]) + len(self.late[name]) for name in TABLES}

    def some[T](self, among: Sequence[T]) -> T:
        """Return a random element."""
        return among[int(self.random() * len(among))]

    def chance(self, of: float) -> bool:
        """Return true with the probability `of`."""
        return self.random() < of

    def between(self, low: int, high: int) -> int:
        """Return a random number from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def opening(self, day: int) -> int:
        """Return a random moment in the opening hours of a day."""
        return self.calendar.at(day, self.between(8 * 60, 21 * 60)) + self.between(0, 59)


def new_id(moment: int) -> str:
    """Return a UUIDv7 of a moment, so that ids sort in the order of creation.

    Its random part does not follow from the seed, so a sample can be loaded again.
    """
    return uuid_utils.uuid7(nanoseconds=moment * 1_000_000_000).hex
