"""The number of rows and fields held about people, and the words that find mentions of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.db.models.functions import Left, Lower, Trim

from config.tenancy.scoping import TenantQuerySet

from .registry import PersonalTable, personal_tables, rows_of_others

# Shorter words would match too much. The first limit is for identifying values.
SHORTEST_KNOWN_BY, SHORTEST = 5, 12
LONGEST_WORD = 200
NAMES = ("first_name", "last_name", "name", "legal_name")

# The number of rows with a value, by field.
type Counts = dict[str, int]


@dataclass(frozen=True)
class Held:
    """The data that a table holds about people: its rows, and the filled rows of each column."""

    table: PersonalTable
    rows: int
    erased: Counts
    kept: Counts


@dataclass(frozen=True)
class Words:
    """The search words for people: ids of their rows, identifying words, and all their words."""

    ids: list[str] = field(default_factory=list)
    strong: list[str] = field(default_factory=list)
    weak: list[str] = field(default_factory=list)


def held_about(people: list[UUID]) -> list[Held]:
    """Return the data that each table holds about people, without tables that hold none."""
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
    """Return the condition that a column has a value that is not the value of erased rows."""
    column = table.model._meta.get_field(name)
    default: Any = table.erased.get(name, "")
    condition = table.holding(name, default)
    return condition & ~Q(**{name: ""}) if default and not column.null else condition


def words_of(people: list[UUID]) -> Words:
    """Return the words that find people in texts; call it before the erasure.

    Leaves out words that another person has too, such as the phone of a household.
    """
    ids, strong, weak = set[str](), set[str](), set[str]()
    others = rows_of_others(people)
    for table in personal_tables():
        if not table.personal.erase:
            continue
        told: dict[str, set[str]] = {name: set() for name, was in table.erased.items() if was == ""}
        told |= {name: set() for name in table.personal.identifies}
        for row in table.rows_of(people).values("pk", *told).iterator(chunk_size=500):
            if row["pk"] in others:
                continue
            ids.add(row["pk"].hex)
            weak |= _full_names(row)
            for name in told:
                told[name].add(_word(row[name]))
        for name, found in told.items():
            alone = _of_nobody_else(table, name, people, {*filter(_is_telling(table, name), found)})
            (strong if name in table.personal.identifies else weak).update(alone)
    # One person's e-mail address may be another person's contact point.
    for table in personal_tables():
        for name in table.personal.identifies:
            strong = _of_nobody_else(table, name, people, strong)
    return Words(sorted(ids), sorted(strong), sorted(weak | strong))


def _word(value: object) -> str:
    return value.strip().lower()[:LONGEST_WORD] if isinstance(value, str) else ""


def _full_names(row: Mapping[str, Any]) -> set[str]:
    """Return the names of a person in both orders, if both are known."""
    first, last = (_word(row.get(name)) for name in ("first_name", "last_name"))
    return {f"{first} {last}", f"{last} {first}"} if first and last else set()


def _is_telling(table: PersonalTable, name: str) -> Callable[[str], bool]:
    """Return a function that says whether a word of a column is long enough to search for."""
    is_known_by = name in table.personal.identifies or name in NAMES
    shortest = SHORTEST_KNOWN_BY if is_known_by else SHORTEST
    empty = table.erased.get(name)
    return lambda word: len(word) >= shortest and word != empty


def _of_nobody_else(
    table: PersonalTable, name: str, people: list[UUID], words: set[str]
) -> set[str]:
    """Return the words that no row of another person has in a column."""
    if not words:
        return words
    rows = TenantQuerySet(table.model).annotate(word=Lower(Left(Trim(name), LONGEST_WORD)))
    others = rows.filter(word__in=words).exclude(pk__in=table.rows_of(people).values("pk"))
    return words - {*others.values_list("word", flat=True)}
