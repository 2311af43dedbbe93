"""XLSX workbooks: the rows of the first sheet with customers, with cells as shown."""

import csv
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError

from django.utils.translation import gettext as _
from openpyxl import load_workbook

from config.card_numbers import mask_card_numbers

from .csv_report import LINE_BREAK, CsvReport
from .errors import UnreadableFile
from .layout import MOST_TITLES, TOTAL, find_headings, is_total, number_repeated
from .mapping import short
from .shown_cells import as_shown
from .tables import Lines, Row
from .xlsx_limits import MOST_BLANK, MOST_SHEETS, Given, is_too_dense, shown_format

# The library warns about unknown styles and rules, which are not read here.
warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")

MOST_UNPACKED = 50 * 1024 * 1024
# The most columns to read, whatever size a sheet declares.
MOST_COLUMNS = 300
MOST_ROWS = 1_048_576
# The number of columns after those with headings that are checked for stray cells.
COLUMNS_BESIDE = 20
# The most blank lines above the headings of a copy: headings must be in the first 4 kB.
MOST_ABOVE = 2_000
_WORKBOOK = "xl/workbook.xml"
# The errors that the readers of ZIP, XML and workbooks raise for a damaged or foreign archive.
# `zipfile` raises NotImplementedError for an unknown compression.
_BROKEN = (
    *(zipfile.BadZipFile, ParseError, KeyError, ValueError, TypeError, IndexError),
    *(AttributeError, NotImplementedError, EOFError, OverflowError, RuntimeError),
)


class XlsxTable(CsvReport):
    """The first sheet of a workbook with customers. `line` of a row is its number in the sheet.

    Refused rows are reported in CSV. Hidden sheets are read last.
    """

    sheet = ""
    titles = 0
    # The number of cells in the longest row.
    width = 0

    def rows(self) -> Iterator[Row]:
        """Yield the rows except blank ones; raises UnreadableFile."""
        with self._reading() as book:
            yield from self._rows(book)

    def _read(self, lines: Lines) -> Iterator[Row]:
        """Yield nothing: a workbook has no lines of text."""
        yield from ()

    def _scan(self) -> None:
        self._check_size()
        with self._reading() as book:
            self._choose_sheet(book)
            self.width = len(self.headings)
            for row in self._rows(book):
                self.count += 1
                self.width = max(self.width, len(row.raw))

    def _check_size(self) -> None:
        """Refuse an archive that is not a workbook, or that declares too large a size.

        No part of an archive unpacks to more than its declared size: the reader stops there.
        """
        try:
            with zipfile.ZipFile(self.path) as archive:
                parts = archive.infolist()
                size = sum(part.file_size for part in parts)
                is_dense = size <= MOST_UNPACKED and is_too_dense(archive)
        except (*_BROKEN, OSError):
            raise self._broken()
        if _WORKBOOK not in {part.filename for part in parts}:
            raise UnreadableFile(
                _("%(name)s is an archive, not a workbook: unpack it and choose one file of it.")
                % {"name": self.path.name}
            )
        if is_dense:
            raise self._too_large()
        if size > MOST_UNPACKED:
            raise UnreadableFile(
                _(
                    "%(name)s is %(size)d MB when it is unpacked, more than %(most)d MB. Save it as"
                    " CSV, or split it."
                )
                % {"name": self.path.name, "size": size >> 20, "most": MOST_UNPACKED >> 20}
            )

    @contextmanager
    def _reading(self) -> Iterator[Any]:
        """Open the workbook; raises UnreadableFile if it is damaged."""
        with self.path.open("rb") as handle:
            try:
                book = load_workbook(handle, read_only=True, data_only=True, keep_links=False)
            except (*_BROKEN, OSError):
                raise self._broken()
            try:
                yield book
            finally:
                book.close()

    def _choose_sheet(self, book: Any) -> None:
        """Choose the first sheet with two known headings and a row, else the next best."""
        sheets = sorted(book.worksheets, key=lambda sheet: sheet.sheet_state != "visible")
        given = Given()
        best: tuple[int, Any, int, list[str]] | None = None
        for sheet in sheets[:MOST_SHEETS]:
            first = [*islice(self._cells(sheet, MOST_COLUMNS, given), MOST_TITLES)]
            if not first:
                continue
            at, known = find_headings([cells for _line, cells in first])
            score = min(known, 2) if len(first) > at + 1 else 0
            if best is None or score > best[0]:
                best = (score, sheet, *first[at])
            if score == 2:
                break
        if best is None:
            raise UnreadableFile(_("%(name)s is empty.") % {"name": self.path.name})
        _score, sheet, self.titles, cells = best
        self.sheet = sheet.title
        self.headings = number_repeated(_trimmed(cells))
        self._tell_left_out([one.title for one in book.worksheets if one.title != self.sheet])

    def _tell_left_out(self, others: list[str]) -> None:
        if self.titles > 1:
            self.notices.append(
                _("The %(count)d lines above the headings were left out.")
                % {"count": self.titles - 1}
            )
        if others:
            names = ", ".join(f"“{short(name)}”" for name in others[:12])
            self.notices.append(
                _("The sheet “%(sheet)s” was read. Sheets left out: %(names)s.")
                % {"sheet": short(self.sheet), "names": names}
            )

    def _rows(self, book: Any) -> Iterator[Row]:
        count, given = len(self.headings), list(self.headings)
        columns = min(count + COLUMNS_BESIDE, MOST_COLUMNS)
        for line, cells in self._cells(book[self.sheet], columns, Given()):
            if line <= self.titles or cells[:count] == given:
                continue
            cells += [""] * (count - len(cells))
            if is_total(cells):
                yield Row(line, raw=cells, problem=TOTAL)
                continue
            beyond = tuple(
                _("“%(text)s” stands under no heading and was left out.") % {"text": short(cell)}
                for cell in cells[count:]
                if cell
            )
            values = dict(zip(self.headings, cells, strict=False))
            yield Row(line, values, raw=cells, left=beyond)

    def _cells(self, sheet: Any, columns: int, given: Given) -> Iterator[tuple[int, list[str]]]:
        """Yield the number and the cells of each row of a sheet, except blank rows.

        Stops after MOST_BLANK blank rows. Raises UnreadableFile if `given` exceeds the limits.
        """
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=columns)
        line = last = 0
        try:
            for row in rows:
                line += 1
                if line - last > MOST_BLANK:
                    return
                cells = [
                    "" if cell.value is None else as_shown(cell.value, shown_format(cell))
                    for cell in row
                ]
                if given.is_beyond(cells):
                    raise self._too_large()
                if any(cells):
                    last = line
                    yield line, _trimmed(cells)
        except (*_BROKEN, OSError):
            raise self._broken()

    def _broken(self) -> UnreadableFile:
        return UnreadableFile(
            _("%(name)s is a workbook that cannot be opened. Save it again as XLSX, or as CSV.")
            % {"name": self.path.name}
        )

    def _too_large(self) -> UnreadableFile:
        return UnreadableFile(
            _(
                "%(name)s holds more cells or text than is read of a workbook. Save it as CSV, or"
                " split it."
            )
            % {"name": self.path.name}
        )

    def copy_masked(self, path: Path, mapping: Any) -> None:
        """Write the sheet as UTF-8 CSV with masked card numbers; each row keeps its line.

        Every cell is written as shown, in quotation marks, so that none is read as a delimiter or
        as the headings of another kind of file.
        """
        with path.open("w", encoding="utf-8", errors="replace", newline="") as out:
            write = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow
            line = min(self.titles, MOST_ABOVE)
            out.write("\n" * (line - 1))
            heading = [mask_card_numbers(one) for one in self.headings]
            write(map(_on_one_line, [*heading, *[""] * (self.width - len(heading))]))
            for row in self.rows():
                out.write("\n" * (row.line - line - 1))
                write(map(_on_one_line, self.masked(row, mapping).raw))
                line = row.line


def _on_one_line(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", LINE_BREAK)


def _trimmed(cells: Sequence[str]) -> list[str]:
    end = len(cells)
    while end and not cells[end - 1]:
        end -= 1
    return [*cells[:end]]
