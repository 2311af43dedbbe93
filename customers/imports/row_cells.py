"""The cells of a row by field, before their values are interpreted."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from config.card_numbers import CardNumber, holds_masked_number

from .birthdays import BIRTHDAYS
from .cells import is_placeholder, read_text
from .columns import Column, columns_of, plain
from .damage import DigitsLost, mend, mend_exported, mend_number
from .errors import InvalidRow
from .mapping import short

# Fields that spreadsheets damage. Phone numbers are repaired one by one (row_contacts.py).
_MENDED = frozenset({"external_id", "postal_code", "tax_id", *BIRTHDAYS})


class Cell(NamedTuple):
    """A filled cell of a column to read."""

    column: Column
    value: Any

    @property
    def heading(self) -> str:
        return short(self.column.heading)

    @property
    def text(self) -> str:
        return self.value if isinstance(self.value, str) else str(self.value)


@dataclass(slots=True)
class RowCells:
    """The filled cells of a row by field, and sentences about the skipped ones."""

    given: dict[str, list[Cell]]
    left: list[str] = field(default_factory=list)
    is_ours: bool = False

    def all(self, name: str) -> list[Cell]:
        return self.given.get(name, [])

    def first(self, name: str) -> Cell | None:
        cells = self.given.get(name)
        return cells[0] if cells else None

    def leave(self, cell: Cell, why: str) -> None:
        """Record that a cell, or a part of it, is skipped."""
        self.left.append(f"{cell.heading}: {why}")

    def one(self, name: str, *others: str) -> Cell | None:
        """Return the only value of a field; raises InvalidRow if two columns differ.

        `others` are other fields with the same meaning.
        """
        cells = self.given.get(name)
        if others:
            cells = [cell for field in (name, *others) for cell in self.all(field)]
        if not cells:
            return None
        if any(cell.value != cells[0].value for cell in cells[1:]):
            raise InvalidRow(_("Two columns give %(name)s, and not the same.") % {"name": name})
        return cells[0]


class CellReader:
    """Collects the cells of rows by a mapping of headings to fields.

    A file with our own ids is one of our exports: its cells are not repaired.
    """

    def __init__(self, mapping: Mapping[str, str]) -> None:
        self.columns = columns_of(mapping)
        self.is_ours = "regulars_id" in mapping.values()

    def gather(self, values: Mapping[str, Any], left: tuple[str, ...]) -> RowCells:
        """Return the filled cells of a row; raises InvalidRow for a masked or rounded number."""
        found = RowCells({}, [*left], self.is_ours)
        for column in self.columns:
            value = values.get(column.heading)
            if value is None or value == "":
                continue
            if isinstance(value, int | float) and not isinstance(value, bool):
                value = str(value)
            if isinstance(value, str):
                value = self._text(value, column, found)
                if not value:
                    continue
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            if len(text) > 12 and holds_masked_number(text):
                raise InvalidRow(f"{short(column.heading)}: {CardNumber.message}")
            found.given.setdefault(column.field, []).append(Cell(column, value))
        return found

    def _text(self, given: str, column: Column, found: RowCells) -> str:
        """Return the text of a cell, "" if it is a placeholder."""
        field = column.field
        text = read_text(given, field)
        if not text:
            return ""
        if self.is_ours:
            return self._exported(text, column, found)
        text = mend(text)
        if field in _MENDED and not text.isalpha():
            try:
                text = mend_number(text)
            except DigitsLost as problem:
                if field == "external_id":
                    raise InvalidRow(f"{short(column.heading)}: {problem}")
                found.left.append(f"{short(column.heading)}: {problem}")
                return ""
        if is_placeholder(text, field) and not given.strip().startswith("'"):
            return ""
        return text

    def _exported(self, text: str, column: Column, found: RowCells) -> str:
        """Return a text of our own export, "" for a number that a spreadsheet has rounded."""
        if column.field not in _MENDED:
            return text
        try:
            return mend_exported(text)
        except DigitsLost as problem:
            found.left.append(f"{short(column.heading)}: {problem}")
            return ""


def spelled(cell: Cell) -> str:
    """Return the heading of a cell in the form in which headings are compared."""
    return plain(cell.column.heading)
