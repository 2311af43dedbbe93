"""Which column holds what, by the headings of a table and by its first rows."""

from collections.abc import Iterable
from itertools import islice

from django.utils.translation import gettext as _

from .birthdays import find_order
from .damage import DigitsLost, mend, mend_number
from .mapping import guess_mapping, short
from .tables import Row, Table

_ROWS = 1000
# Of how many repetitions in a hundred rows a column is of households or accounts, not of people.
_MOST_REPEATED = 10


def recognise_columns(table: Table) -> dict[str, str]:
    """Return the field of each recognised heading; a column whose values repeat is no id.

    Where several rows have one id and are of different people, it numbers something else. The next
    column that could be an id takes its place, as it does where a column is empty. One date of a
    column says of the others whether the day or the month comes first; where none does, the table
    gets a question.
    """
    mapping = _without_repeated_ids(table)
    for heading in [heading for heading, field in mapping.items() if field == "birthday"]:
        mapping[heading] = _order_of(table, heading)
    return mapping


def _order_of(table: Table, heading: str) -> str:
    """Return the field of a column of birthdays; a few rows are looked at where those are clear."""
    orders: set[str] = set()
    unclear = ""
    for at, row in enumerate(table.rows()):
        text = mend(str(row.values.get(heading) or ""))
        if (order := find_order(text)) is None:
            if at > _ROWS and not unclear:
                break
        elif order:
            orders.add(order)
            if at > _ROWS:
                break
        else:
            unclear = unclear or text
    if len(orders) == 1:
        return orders.pop()
    if unclear:
        table.questions[heading] = _(
            "“%(text)s” can be two days, and no other row says whether the day or the month comes"
            " first. Choose which; without that such birthdays are left out."
        ) % {"text": short(unclear)}
    return "birthday"


def _without_repeated_ids(table: Table) -> dict[str, str]:
    headings = [*table.headings]
    mapping = guess_mapping(headings)
    if "external_id" not in mapping.values() or "regulars_id" in mapping.values():
        return mapping
    rows = [row for row in islice(table.rows(), _ROWS) if not row.problem]
    while ids := [heading for heading, field in mapping.items() if field == "external_id"]:
        is_empty = not any(row.values.get(heading) for row in rows for heading in ids)
        if not (is_empty or any(_repeats(rows, heading, mapping) for heading in ids)):
            break
        others = [heading for heading in headings if heading not in ids]
        guess = guess_mapping(others)
        if is_empty and "external_id" not in guess.values():
            break
        headings, mapping = others, guess
    return {heading: mapping[heading] for heading in table.headings if heading in mapping}


def _repeats(rows: Iterable[Row], heading: str, mapping: dict[str, str]) -> bool:
    """Whether a column has the same value for many different people."""
    seen: dict[str, list[str]] = {}
    filled = repeated = 0
    for row in rows:
        value = str(row.values.get(heading) or "").strip()
        if not value or _is_rounded(value):
            continue
        filled += 1
        person = _person(row, mapping)
        repeated += _differ(seen.setdefault(value, person), person)
    return repeated * 100 > filled * _MOST_REPEATED


def _is_rounded(value: str) -> bool:
    """Whether a spreadsheet has lost digits of a number, so that others look the same."""
    try:
        mend_number(value)
    except DigitsLost:
        return True
    return False


def _person(row: Row, mapping: dict[str, str]) -> list[str]:
    """Return by what one row's person differs from another's."""
    told = {"first_name", "full_name", "email", "phone"}
    return [
        str(row.values.get(heading) or "").strip().casefold()
        for heading, field in mapping.items()
        if field in told
    ]


def _differ(one: list[str], other: list[str]) -> bool:
    """Whether two people differ in something and agree in nothing.

    >>> _differ(["ann", "a@x.org"], ["bob", "b@x.org"]), _differ(["ann", "a@x.org"], ["ann", ""])
    (True, False)
    """
    pairs = [(mine, theirs) for mine, theirs in zip(one, other, strict=True) if mine and theirs]
    return bool(pairs) and all(mine != theirs for mine, theirs in pairs)
