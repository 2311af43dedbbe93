"""Writers of export files; rows are written one at a time and not kept in memory."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from config.spreadsheets import BYTE_ORDER_MARK, csv_line, guard

from .columns import Cell

# The limits of XLSX: rows of a sheet, headings included, and characters of a cell.
ROWS_OF_A_SHEET = 1_048_576
LETTERS_OF_A_CELL = 32_767
# XLSX cannot represent earlier dates correctly.
FIRST_DAY = datetime.date(1900, 3, 1)
# Larger numbers lose digits in XLSX.
LONGEST_NUMBER = 10**15


class CsvSheets:
    """CSV in UTF-8 with a byte order mark; text that spreadsheets would run as formulas is escaped.

    Dates are written 2025-06-30, times 2025-06-30 14:05 in the company's time zone.
    """

    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        self._handle = path.open("w", encoding="utf-8", errors="backslashreplace", newline="")
        self._handle.write(BYTE_ORDER_MARK)
        self.add(headings)

    def add(self, cells: Sequence[Cell]) -> None:
        self._handle.write(csv_line(map(_as_text, cells)))

    def close(self) -> None:
        self._handle.close()


class XlsxSheets:
    """An XLSX workbook with typed dates and numbers; text is never converted to a formula or link.

    Rows that do not fit on one sheet continue on the next.
    """

    def __init__(self, path: Path, headings: Sequence[str]) -> None:
        # Import here, since the package takes much memory and only this class needs it.
        from xlsxwriter import Workbook

        self._headings = headings
        self._book = Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": str(path.parent),
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
                "default_date_format": "yyyy-mm-dd",
            },
        )
        self._bold = self._book.add_format({"bold": True})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._begin()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.set_column(0, max(len(self._headings) - 1, 0), 18)
        for at, heading in enumerate(self._headings):
            self._sheet.write_string(0, at, heading[:LETTERS_OF_A_CELL], self._bold)
        self._next = 1

    def add(self, cells: Sequence[Cell]) -> None:
        if self._next == ROWS_OF_A_SHEET:
            self._begin()
        for at, cell in enumerate(cells):
            self._write(at, cell)
        self._next += 1

    def _write(self, at: int, cell: Cell) -> None:
        where = self._next, at
        match cell:
            case None | "":
                return
            case datetime.datetime() if cell.date() >= FIRST_DAY:
                self._sheet.write_datetime(*where, cell, self._moment)
            case datetime.date() if not isinstance(cell, datetime.datetime) and cell >= FIRST_DAY:
                self._sheet.write_datetime(*where, cell, self._day)
            case int() | Decimal() if -LONGEST_NUMBER < cell < LONGEST_NUMBER:
                self._sheet.write_number(*where, cell)
            case _:
                self._sheet.write_string(*where, _plain_text(cell)[:LETTERS_OF_A_CELL])

    def close(self) -> None:
        self._book.close()


FORMATS: dict[str, tuple[type[CsvSheets | XlsxSheets], str]] = {
    "csv": (CsvSheets, "text/csv; charset=utf-8"),
    "xlsx": (XlsxSheets, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
}


def _plain_text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case datetime.datetime():
            return cell.isoformat(" ", "minutes")
        case datetime.date():
            return cell.isoformat()
        case Decimal():
            return f"{cell:f}"
    return str(cell)


def _as_text(cell: Any) -> str:
    text = _plain_text(cell)
    # Numbers need no formula guard, even negative ones.
    return text if isinstance(cell, int | Decimal) else guard(text)
