"""Recognise the columns of a table by its headings and its first rows."""

from collections.abc import Iterable
from itertools import islice

from django.utils.translation import gettext as _

from .birthdays import find_order
from .damage import DigitsLost, mend, mend_number
from .mapping import guess_mapping, short
from .tables import Row, Table

_ROWS = 1000
# Above this percentage of repeated values, a column identifies households or accounts.
_MOST_REPEATED = 10


def recognise_columns(table: Table) -> dict[str, str]:
    """Return the field of each recognised heading; a column with repeated values is not an id.

    If several rows have the same id but different people, the column numbers something else. The
    next possible column becomes the id, also if a column is empty. One clear date decides the order
    of day and month for its column; if there is none, the table gets a question.
    """
    mapping = _without_repeated_ids(table)
    for heading in [heading for heading, field in mapping.items() if field == "birthday"]:
        mapping[heading] = _order_of(table, heading)
    return mapping


def _order_of(table: Table, heading: str) -> str:
    """Return the field of a column of birthdays; clear columns need only a few rows."""
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
    """Whether a spreadsheet has rounded a number, so that different numbers look the same."""
    try:
        mend_number(value)
    except DigitsLost:
        return True
    return False


def _person(row: Row, mapping: dict[str, str]) -> list[str]:
    """Return the values by which the person of a row differs from others."""
    told = {"first_name", "full_name", "email", "phone"}
    return [
        str(row.values.get(heading) or "").strip().casefold()
        for heading, field in mapping.items()
        if field in told
    ]


def _differ(one: list[str], other: list[str]) -> bool:
    """Whether two people differ in at least one value and agree in none.

    >>> _differ(["ann", "a@x.org"], ["bob", "b@x.org"]), _differ(["ann", "a@x.org"], ["ann", ""])
    (True, False)
    """
    pairs = [(mine, theirs) for mine, theirs in zip(one, other, strict=True) if mine and theirs]
    return bool(pairs) and all(mine != theirs for mine, theirs in pairs)
