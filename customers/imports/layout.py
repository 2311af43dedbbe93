"""Find the line of headings in a sheet, and the lines that are not customers."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from .columns import find_field
from .mapping import OWN_HEADINGS, is_either_name

# The most lines above the headings.
MOST_TITLES = 30
_TOTALS = re.compile(
    r"(?:grand |sub-?)?totals?"
    r"(?: (?:clients|customers|contacts|members|rows|records|count|of)\b.*)?(?:\W*\d+)?"
    r"|(?:page|seite) \d+(?: (?:of|von|/) \d+)?|(?:gesamt)?summe|gesamt(?:betrag)?|insgesamt"
    r"|total g[eé]n[eé]ral|totale|totaal|\d+ (?:rows?|records?|customers?|contacts?)",
    re.IGNORECASE,
)
_WORD = re.compile(r"(?!(?-i:[A-Z]{3}\b))[^\W\d_]{2,}")
TOTAL = "This line is a total or a footer, not a customer."


def find_headings(lines: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Return the index of the line of headings, and how many of its headings are known.

    One known heading is enough on the first line, two on later lines. The next line wins if it has
    more known headings: some sheets have a line of groups above the headings. Returns (0, 0) if no
    heading is known.

    >>> find_headings([["Customer", ""], ["First", "Email"], ["Ann", "a@x.org"]])
    (1, 2)
    >>> find_headings([["Name", "", "Contact"], ["First", "Last", "Email"]])
    (1, 3)
    """
    known = [_count_known(cells) for cells in lines]
    at = next((at for at, count in enumerate(known) if count >= (2 if at else 1)), None)
    if at is None:
        return 0, 0
    while at + 1 < len(known) and known[at + 1] > known[at]:
        at += 1
    return at, known[at]


def _count_known(cells: Sequence[str]) -> int:
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) < 2:
        return 0
    return sum(
        1 for cell in filled if len(cell) < 60 and (find_field(cell) or is_either_name(cell))
    )


def number_repeated(headings: Iterable[str]) -> tuple[str, ...]:
    """Return unique headings; a column without a heading gets its number.

    >>> number_repeated(["Phone", "", "Phone", "Phone"])
    ('Phone', 'column 2', 'Phone (2)', 'Phone (3)')
    """
    seen: Counter[str] = Counter()
    found: dict[str, None] = {}
    for at, given in enumerate(headings, start=1):
        name = given or f"column {at}"
        seen[name] += 1
        unique = name if seen[name] == 1 else f"{name} ({seen[name]})"
        while unique in found:
            seen[name] += 1
            unique = f"{name} ({seen[name]})"
        found[unique] = None
    return tuple(found)


def is_total(cells: Sequence[str]) -> bool:
    """Whether a line is a total: it begins with such a word, and has no other words.

    >>> is_total(["Total", "", "1,200.00"]), is_total(["Total", "Ann", "ann@x.org"])
    (True, False)
    """
    at = next((at for at, cell in enumerate(cells) if cell and not cell.isspace()), None)
    if at is None or len(cells[at]) > 40:
        return False
    if not _TOTALS.fullmatch(cells[at].strip(" :\t\r\n")):
        return False
    return not any("@" in cell or _WORD.search(cell) for cell in cells[at + 1 :])


def fit(cells: list[str], headings: int, width: int, own: int) -> list[str]:
    """Return the cells of a row: one per heading, then those without a heading.

    A row that has lost fewer than half of its cells at its end is filled up. `width` is the number
    of columns in the line of headings, `own` the number of columns that a report has added in
    front. Raises ValueError for a row of another width.

    >>> fit(["Ann", "Lee", "a@x.org"], 4, 4, 0), fit(["Ann", "", "x"], 2, 3, 0)
    (['Ann', 'Lee', 'a@x.org', ''], ['Ann', '', 'x'])
    """
    given, cells = len(cells), without_blanks(cells, headings)
    # If a cell has no heading, a blank cell after it means that the row has too many cells.
    if (len(cells) > headings and given > width) or (len(cells) - own) * 2 <= headings - own:
        raise ValueError
    return [*cells, *[""] * (headings - len(cells))]


def wrong_width(cells: int, headings: int) -> str:
    columns = "1 column" if cells == 1 else f"{cells} columns"
    return f"The row has {columns} where the heading has {headings}."


def own_columns(headings: Sequence[str], own: Sequence[str] = OWN_HEADINGS) -> int:
    """Return how many columns a report has added before those of the original file.

    >>> own_columns(["line", "reason", "Name"]), own_columns(["line", "Name"])
    (2, 0)
    """
    most = next((at for at, name in enumerate(own) if [*headings[at : at + 1]] != [name]), len(own))
    return most if most >= len(OWN_HEADINGS) else 0


def without_blanks(cells: list[str], least: int) -> list[str]:
    """Return the cells without blank ones at the end, but at least this many."""
    end = len(cells)
    while end > least and not cells[end - 1].strip():
        end -= 1
    return cells[:end]
