"""A batch of customers while its rows are made."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from .calendar import Calendar
from .ids import Ids
from .nations import NATIONS, Nation, Phone, nation_of
from .offers import Plan
from .tables import INVOICE, NULL, TABLES, Table

# Where one comes from who does not live where the company is.
_NUMBERS_HOME, _NUMBERS_ABROAD = 5_000, 300


@dataclass
class World:
    """What all batches of a run share, made once in each process."""

    plan: Plan
    ids: Ids = field(default_factory=Ids)

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar(self.plan.timezone, self.plan.until)

    @cached_property
    def home(self) -> Nation:
        return nation_of(self.plan.country)

    @cached_property
    def abroad(self) -> list[Nation]:
        return [nation for nation in NATIONS if nation is not self.home]

    @cached_property
    def phones(self) -> dict[str, list[Phone]]:
        """Telephone numbers by the code of their country."""
        counts = {nation.code: _NUMBERS_ABROAD for nation in NATIONS}
        counts[self.home.code] = _NUMBERS_HOME
        home = self.plan.country
        return {one.code: one.numbers(home, counts[one.code]) for one in NATIONS}


class Batch:
    """The rows of some customers, in COPY's text format.

    `late` rows stand on invoices: those are written at the end, when their numbers are known.
    """

    def __init__(self, world: World, number: int) -> None:
        self.plan, self.calendar, self.ids = world.plan, world.calendar, world.ids
        self.offers, self.world = world.plan.offers, world
        self.numbers = world.plan.batches[number]
        self.draw = random.Random(f"{world.plan.seed} {number}")  # noqa: S311
        self.show = self.calendar.show
        self.now, self.today = self.calendar.now, self.calendar.today
        self.early: dict[str, list[str]] = defaultdict(list)
        self.late: dict[str, list[str]] = defaultdict(list)
        self._invoices: list[dict[str, Any]] = []
        self._years: list[int] = []

    def put(
        self, table: Table, moment: int, *, id: str = "", late: bool = False, **values: Any
    ) -> str:
        """Add a row that was made at a moment; return its id."""
        values["id"] = id = id or self.ids.at(moment)
        values["company_id"] = self.plan.company
        values["created_at"] = self.show(moment)
        (self.late if late else self.early)[table.name].append(table.line(values))
        return id

    def put_invoice(self, moment: int, *, year: int, id: str, **values: Any) -> None:
        """Add an invoice that was issued at a moment of a year; 0 is the year of a draft."""
        values |= {"id": id, "company_id": self.plan.company, "created_at": self.show(moment)}
        self._invoices.append(values)
        self._years.append(year)

    def issued(self) -> dict[int, int]:
        """Return how many invoices were issued, by their years."""
        years = sorted(set(self._years) - {0})
        return {year: self._years.count(year) for year in years}

    def number_invoices(self, last: dict[int, int]) -> None:
        """Number the invoices, oldest first, so that those of a year end at its `last` number."""
        upcoming = {year: last[year] - count + 1 for year, count in self.issued().items()}
        pairs = zip(self._invoices, self._years, strict=True)
        for values, year in sorted(pairs, key=lambda pair: pair[0]["id"]):
            if year:
                values["number"] = f"INV-{year:04}-{upcoming[year]:05}"
                upcoming[year] += 1
            self.late[INVOICE.name].append(INVOICE.line(values))

    def counts(self) -> dict[str, int]:
        """Return how many rows there are, by table."""
        return {
            table.name: len(self.early[table.name]) + len(self.late[table.name]) for table in TABLES
        }

    def some[T](self, among: Sequence[T]) -> T:
        """Return one of several, all of them as likely."""
        return among[int(self.draw.random() * len(among))]

    def chance(self, of: float) -> bool:
        """Say yes with a probability."""
        return self.draw.random() < of

    def between(self, low: int, high: int) -> int:
        """Return a number from one to another, both included."""
        return low + int(self.draw.random() * (high - low + 1))

    def opening(self, day: int) -> int:
        """Return a moment within the opening hours of a day."""
        return self.calendar.at(day, self.between(8 * 60, 21 * 60)) + self.between(0, 59)


def shown(moment: int | None, calendar: Calendar) -> str:
    """Return a moment as PostgreSQL reads it, or NULL."""
    return NULL if moment is None else calendar.show(moment)


def array(texts: Iterable[str]) -> str:
    """Return texts as PostgreSQL reads an array of them."""
    quoted = (text.replace("\\", r"\\").replace('"', r"\"") for text in texts)
    return escape("{" + ",".join(f'"{text}"' for text in quoted) + "}")


def escape(text: str) -> str:
    """Return a text that somebody else wrote so that COPY reads it as it is."""
    return text.translate(_ESCAPED)


_ESCAPED = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})
