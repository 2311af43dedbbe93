"""The names in a row: a person, an organisation, or a person at an organisation."""

import re
from typing import Any

from django.utils.translation import gettext as _

from config.api.problems import quoted

from ..countries import country_code
from .cells import read_flag
from .columns import plain
from .errors import InvalidRow
from .mapping import is_either_name, short
from .names import is_ending, is_title, read_name
from .organisations import is_organisation, read_kind
from .row_cells import Cell, RowCells

# Headings of whole names that begin with the family name.
_FAMILY_FIRST = frozenset(
    {"nev", "teljesnev", "nometprenom", "nomprenom", "cognomenome", "cognomeenome"}
    | {"apellidosynombre", "apellidosnombre", "apellidoynombre", "lastnamefirstname", "lastfirst"}
    | {"surnamefirstname", "namevorname", "nachnamevorname"}
)


def read_names(cells: RowCells, country: str) -> dict[str, Any]:
    """Return the first, last and organisation name; `country` is the country of the address."""
    found = _parts(cells)
    organisation = _organisation(cells, found)
    if organisation is not None:
        found["name"] = organisation
    whole = cells.one("full_name")
    if whole is not None:
        _add_whole(whole, found, cells, country)
    return found


def _parts(cells: RowCells) -> dict[str, Any]:
    """Return the first and last name from their own columns, with middle names and suffixes."""
    found: dict[str, Any] = {}
    for name in ("first_name", "last_name"):
        if cell := cells.one(name):
            found[name] = cell.value
    if middle := cells.first("middle_name"):
        found["first_name"] = f"{found.get('first_name', '')} {middle.text}".strip()
    if ending := cells.first("name_ending"):
        if is_ending(ending.text) and isinstance(found.get("last_name"), str):
            found["last_name"] = f"{found['last_name']} {ending.text}"
        else:
            cells.leave(ending, _("“%(text)s” was left out.") % {"text": short(ending.text)})
    return found


def _organisation(cells: RowCells, person: dict[str, Any]) -> Any:
    """Return the first organisation of the row; a `Name` that repeats the person does not count."""
    chosen: Cell | None = None
    for cell in cells.all("name"):
        if is_either_name(cell.column.heading) and _repeats(cell.text, person):
            continue
        if chosen is None:
            chosen = cell
        elif _fold(cell.text) != _fold(chosen.text):
            cells.leave(
                cell,
                _("“%(text)s” was left out: the organisation is “%(name)s”.")
                % {"text": short(cell.text), "name": short(chosen.text)},
            )
    return chosen.value if chosen else None


def _add_whole(whole: Cell, found: dict[str, Any], cells: RowCells, country: str) -> None:
    """Use a whole name for the person or the organisation, whichever has no name yet."""
    if not isinstance(whole.value, str):
        facts = {"heading": whole.heading, "given": quoted(whole.value)}
        raise InvalidRow(_("%(heading)s: Must be text; got %(given)s.") % facts)
    name = found.get("name")
    if _repeats(whole.value, found) or (
        isinstance(name, str) and _fold(name) == _fold(whole.value)
    ):
        return
    has_person = bool(found.get("first_name") or found.get("last_name"))
    kind = _kind(cells)
    is_company = is_organisation(whole.value) and not cells.is_ours if kind is None else kind
    if is_company or has_person:
        if name is None:
            found["name"] = whole.value
        else:
            cells.leave(
                whole,
                _("“%(text)s” was left out: the organisation is “%(name)s”.")
                % {"text": short(whole.value), "name": short(str(name))},
            )
        return
    is_hungarian = plain(whole.column.heading) in _FAMILY_FIRST or country_code(country) == "HU"
    person = read_name(whole.value, hungarian=is_hungarian)
    if person.first:
        found["first_name"] = person.first
    if person.last:
        found["last_name"] = person.last
    for title in person.titles:
        cells.leave(whole, _("“%(title)s” was taken for a title and left out.") % {"title": title})


def _kind(cells: RowCells) -> bool | None:
    """Return whether a flag or a type says that the customer is an organisation, None if none."""
    for cell in cells.all("is_organisation"):
        told = read_flag(cell.value)
        if isinstance(told, bool):
            return told
        if (kind := read_kind(cell.text)) is not None:
            return kind
        cells.leave(cell, _("“%(text)s” was left out.") % {"text": short(cell.text)})
    return None


def _repeats(whole: str, person: dict[str, Any]) -> bool:
    """Whether all words of a whole name occur in the parts of a person's name.

    >>> _repeats("Dr. Hanna Holm", {"first_name": "Hanna Maria", "last_name": "Holm"})
    True
    >>> _repeats("Hanna Holm Yoga", {"first_name": "Hanna", "last_name": "Holm"})
    False
    """
    words = {word for word in _words(whole) if not is_title(word)}
    return bool(words) and words <= _words(" ".join(map(str, person.values())))


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _fold(text: str) -> str:
    return " ".join(text.casefold().split())
