"""CSV with commas, semicolons, tabs or bars, as spreadsheets and databases write it."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from config.spreadsheets import unguard

from .csv_report import LINE_BREAK, CsvReport
from .errors import UnreadableFile
from .layout import (
    MOST_TITLES,
    TOTAL,
    find_headings,
    fit,
    is_total,
    number_repeated,
    own_columns,
    without_blanks,
    wrong_width,
)
from .mapping import short
from .tables import Lines, LineTooLong, Row

DELIMITERS = ",;\t|"
# Longer lines with bare quotation marks are refused.
_LONGEST_MENDED = 20_000
_QUOTED = re.compile(r'"[^"]*"')
_QUOTE = re.compile(r'""|\\"')
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*\Z", re.IGNORECASE)


class CsvTable(CsvReport):
    """CSV with headings. `line` is the first line of a row: quoted cells may contain newlines."""

    # The number of lines above the headings, and the number of columns in the line of headings.
    titles = 0
    width = 0

    def _scan(self) -> None:
        self._find_headings()
        self.count = sum(1 for _ in self.rows())

    def _find_headings(self) -> None:
        """Find the line of headings and its delimiter, below titles or a line with `sep=`."""
        found: list[tuple[int, str, list[str]]] = []
        with (
            suppress(UnicodeError, LineTooLong),
            self.path.open(encoding=self.encoding, newline="") as handle,
        ):
            for number, line in enumerate(Lines(handle)):
                if not line.strip("\ufeff \t\r\n"):
                    continue
                if not found and (named := _SEPARATOR_LINE.match(line.lstrip("\ufeff"))):
                    self.titles, self.delimiter = number + 1, named[1]
                    return
                found.append((number, *_cells_of(line)))
                if len(found) == MOST_TITLES:
                    break
        if found:
            at, _known = find_headings([cells for *_where, cells in found])
            self.titles, self.delimiter, _cells = found[at]
            if at:
                self.notices.append(_above(self.titles))

    def _read(self, lines: Lines) -> Iterator[Row]:
        try:
            for _line in islice(lines, self.titles):
                pass
            reader = csv.reader(lines, delimiter=self.delimiter, strict=True, skipinitialspace=True)
            given = self._read_heading(reader)
        except StopIteration:
            raise UnreadableFile(_("%(name)s is empty.") % {"name": self.path.name})
        except (csv.Error, LineTooLong):
            raise UnreadableFile(
                _("The first line of %(name)s has no column headings. Save the file as CSV.")
                % {"name": self.path.name}
            )
        while True:
            lines.taken.clear()
            line = lines.number + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except LineTooLong as problem:
                height = lines.number - line + 1
                yield Row(line, raw=["".join(lines.taken)], problem=str(problem), height=height)
            except csv.Error as error:
                text = lines.give_back(kept=1)
                mended = None if "limit" in str(error) else self._mend(text)
                if mended is None:
                    yield Row(line, raw=[text], problem=_explain(error))
                else:
                    yield self._row(line, mended, 1)
            else:
                # Printed sheets repeat their headings on each page.
                if any(cell and not cell.isspace() for cell in cells) and cells != given:
                    yield self._row(line, cells, lines.number - line + 1)

    def _read_heading(self, reader: Any) -> list[str]:
        """Read the headings, make them unique, and return their original cells."""
        given = next(reader)
        headings = [cell.strip("\ufeff \t\r\n").replace(LINE_BREAK, "\n") for cell in given]
        self.width = len(headings)
        while headings and not headings[-1]:
            headings.pop()
        self.headings = number_repeated(headings)
        return list(given)

    def _mend(self, text: str) -> list[str] | None:
        """Return the cells of a line with bare quotation marks in a quoted cell.

        A quotation mark closes a cell only before a delimiter or the end of the line. Returns None
        if the number of cells then differs from the number of headings.
        """
        if len(text) > _LONGEST_MENDED:
            return None
        mark = re.escape(self.delimiter)
        cell = rf'\s*"((?:[^"]|"(?!\s*(?:{mark}|\Z)))*)"\s*|([^"{mark}]*)'
        cells: list[str] = []
        at = 0
        while (found := re.compile(rf"(?:{cell})({mark}|\Z)").match(text, at)) is not None:
            quoted = found[1]
            cells.append(found[2] if quoted is None else _QUOTE.sub('"', quoted))
            at = found.end()
            if not found[3]:
                break
        return cells if at == len(text) and len(cells) == len(self.headings) else None

    def _row(self, line: int, cells: list[str], height: int) -> Row:
        count = len(self.headings)
        if len(cells) != count:
            try:
                cells = fit(cells, count, self.width, own_columns(self.headings))
            except ValueError:
                found = len(without_blanks(cells, count))
                problem = TOTAL if is_total(cells) else wrong_width(found, count)
                return Row(line, raw=cells, problem=problem, height=height)
        if is_total(cells):
            return Row(line, raw=cells, problem=TOTAL, height=height)
        texts = (unguard(cell.strip().replace(LINE_BREAK, "\n")) for cell in cells)
        values = dict(zip(self.headings, texts, strict=False))
        left = tuple(_beyond(cell) for cell in cells[count:] if cell.strip())
        return Row(line, values, raw=cells, height=height, left=left)


def _explain(error: csv.Error) -> str:
    if "limit" in str(error):
        limit = csv.field_size_limit()
        return f"A cell is longer than {limit:,} characters, or a quotation mark is not closed."
    return "A quotation mark is not closed, or stands inside a cell without being doubled."


def _cells_of(line: str) -> tuple[str, list[str]]:
    """Return the most frequent delimiter of a line, and the cells that it separates."""
    counts = Counter(_QUOTED.sub("", line))
    delimiter = max(DELIMITERS, key=lambda one: counts[one])
    try:
        return delimiter, next(csv.reader([line], delimiter=delimiter, skipinitialspace=True))
    except (csv.Error, StopIteration):
        return delimiter, []


def _above(count: int) -> str:
    return _("The %(count)d lines above the headings were left out.") % {"count": count}


def _beyond(cell: str) -> str:
    return _("“%(text)s” stands under no heading and was left out.") % {"text": short(cell)}
