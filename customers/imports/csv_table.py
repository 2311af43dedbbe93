"""CSV, with commas, semicolons, tabs or bars, as spreadsheets and databases write it."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from config.card_numbers import mask_card_numbers
from config.spreadsheets import BYTE_ORDER_MARK, guard, unguard

from .errors import UnreadableFile
from .mapping import OWN_HEADINGS, short
from .tables import Lines, LineTooLong, Row, Table

DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
_SEPARATOR_LINE = re.compile(r"sep=(.)\s*\Z", re.IGNORECASE)


class CsvTable(Table):
    """CSV with a heading. `line` of a row is where it begins: quoted cells may hold newlines."""

    suffix = ".csv"
    delimiter = ","

    def _scan(self) -> None:
        self.count = sum(1 for _ in self.rows())

    def _read(self, lines: Lines) -> Iterator[Row]:
        try:
            reader = self._reader(lines)
            self._read_heading(reader)
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
                yield Row(line, raw=[lines.give_back(kept=1)], problem=_explain(error))
            else:
                if any(cell and not cell.isspace() for cell in cells):
                    yield self._row(line, cells, lines.number - line + 1)

    def _reader(self, lines: Lines) -> Any:
        """Return a reader set to the delimiter of the heading, which it is about to read."""
        first = next(line for line in lines if line.strip("\ufeff \t\r\n"))
        if named := _SEPARATOR_LINE.match(first):
            self.delimiter = named[1]
        else:
            counts = Counter(_QUOTED.sub("", first))
            self.delimiter = max(DELIMITERS, key=lambda one: counts[one])
            lines.taken[:] = [first]
            lines.give_back(kept=0)
        return csv.reader(lines, delimiter=self.delimiter, strict=True, skipinitialspace=True)

    def _read_heading(self, reader: Any) -> None:
        """Take the headings; a column without one in their midst is called by its number."""
        headings = [cell.strip("\ufeff \t\r\n") for cell in next(reader)]
        while headings and not headings[-1]:
            headings.pop()
        headings = [name or f"column {at}" for at, name in enumerate(headings, start=1)]
        twice = [name for name, count in Counter(headings).items() if count > 1]
        if twice:
            raise UnreadableFile(
                _("Two columns of %(name)s are called “%(short)s”.")
                % {"name": self.path.name, "short": short(twice[0])}
            )
        self.headings = tuple(headings)

    def _row(self, line: int, cells: list[str], height: int) -> Row:
        expected = len(self.headings)
        while len(cells) > expected and not cells[-1].strip():
            cells = cells[:-1]
        if len(cells) != expected:
            columns = "1 column" if len(cells) == 1 else f"{len(cells)} columns"
            problem = f"The row has {columns} where the heading has {expected}."
            return Row(line, raw=cells, problem=problem, height=height)
        values = (unguard(cell.strip()) for cell in cells)
        return Row(line, dict(zip(self.headings, values, strict=True)), raw=cells, height=height)

    def _masked(self, row: Row, kept: set[str]) -> list[str]:
        if row.problem:
            return [mask_card_numbers(cell) for cell in row.raw]
        return [
            cell if heading in kept else mask_card_numbers(cell)
            for heading, cell in zip(self.headings, row.raw, strict=True)
        ]

    def written(self, row: Row) -> str:
        return self._written(row.raw)

    def report_heading(self) -> str:
        """Return the heading of a report: `line` and `reason` first, so that rows keep their ends.

        It begins with a byte order mark, by which a spreadsheet knows UTF-8.
        """
        kept = self.headings[self._own_columns :]
        return BYTE_ORDER_MARK + self._written([*OWN_HEADINGS, *map(guard, kept)])

    def report(self, row: Row, reason: str) -> str:
        kept = row.raw if row.problem and len(row.raw) < 2 else row.raw[self._own_columns :]
        return self._written([str(row.line), reason, *(guard(unguard(cell)) for cell in kept)])

    @property
    def _own_columns(self) -> int:
        """How many columns a report has put before those of the original file."""
        return len(OWN_HEADINGS) if self.headings[: len(OWN_HEADINGS)] == OWN_HEADINGS else 0

    def _written(self, cells: list[str]) -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter, lineterminator="\r\n").writerow(cells)
        return out.getvalue()


def _explain(error: csv.Error) -> str:
    if "limit" in str(error):
        limit = csv.field_size_limit()
        return f"A cell is longer than {limit:,} characters, or a quotation mark is not closed."
    return "A quotation mark is not closed, or stands inside a cell without being doubled."
