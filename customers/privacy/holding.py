"""How many rows and fields are held about people, and the words by which they are found."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from .registry import PersonalTable, personal_tables

# Shorter words would be found in everything.
SHORTEST_STRONG, SHORTEST_WEAK = 5, 3
LONGEST_WORD = 200

# Of each table, how many rows there are and how many of them have something in each field.
type Counts = dict[str, int]


@dataclass(frozen=True)
class Held:
    """What a table holds about people: how many rows, and how many of them fill each column."""

    table: PersonalTable
    rows: int
    erased: Counts
    kept: Counts


@dataclass(frozen=True)
class Words:
    """What people are found by: ids of their rows, words of theirs alone, and their other words."""

    ids: list[str] = field(default_factory=list)
    strong: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)


def held_about(people: list[UUID]) -> list[Held]:
    """Return what each table holds about people, tables without a row of theirs left out."""
    found = (_held(one, people) for one in personal_tables() if one.erased or one.personal.keep)
    return [held for held in found if held.rows]


def _held(table: PersonalTable, people: list[UUID]) -> Held:
    values = table.erased | dict.fromkeys(table.personal.keep, "")
    counts = table.rows_of(people).aggregate(
        rows=Count("pk"),
        **{f"has_{name}": Count("pk", filter=_filled(table, name)) for name in values},
    )
    filled = {name: counts[f"has_{name}"] for name in values if counts[f"has_{name}"]}
    return Held(
        table,
        counts["rows"],
        {name: count for name, count in filled.items() if name in table.erased},
        {name: count for name, count in filled.items() if name in table.personal.keep},
    )


def _filled(table: PersonalTable, name: str) -> Q:
    """Return the condition that a column has a value, and not the one of an erased row."""
    column = table.model._meta.get_field(name)
    default: Any = table.erased.get(name, "")
    condition = table.holding(name, default)
    return condition & ~Q(**{name: ""}) if default and not column.null else condition


def words_of(people: list[UUID]) -> Words:
    """Return by what people are found in texts: read before they are erased."""
    ids, strong, weak = set[str](), set[str](), set[str]()
    for table in personal_tables():
        names = [name for name in table.erased if isinstance(table.erased[name], str)]
        lists = [name for name in table.erased if isinstance(table.erased[name], list)]
        if not table.personal.erase:
            continue
        for row in table.rows_of(people).values("pk", *names, *lists).iterator(chunk_size=500):
            ids.add(row["pk"].hex)
            told = {name: row[name] for name in row if row[name] != table.erased.get(name)}
            _sort(told, table.personal.identifies, strong, weak)
    return Words(sorted(ids), sorted(strong), sorted(weak | strong))


def _sort(
    row: Mapping[str, Any], identifies: Iterable[str], strong: set[str], weak: set[str]
) -> None:
    for name, value in row.items():
        for text in value if isinstance(value, list) else [value]:
            word = text.strip().lower()[:LONGEST_WORD] if isinstance(text, str) else ""
            if name in identifies and len(word) >= SHORTEST_STRONG:
                strong.add(word)
            elif len(word) >= SHORTEST_WEAK:
                weak.add(word)
