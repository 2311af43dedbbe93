"""The CSV report of refused rows, for every table whose rows are lists of cells."""

import csv
import io
from itertools import zip_longest

from config.card_numbers import mask_card_numbers
from config.spreadsheets import BYTE_ORDER_MARK, guard, unguard

from .layout import own_columns
from .mapping import OWN_HEADINGS, TAKEN_HEADINGS
from .tables import Row, Table

# Replaces line breaks in the cells of a copy, where each row is one line.
LINE_BREAK = "\u2028"


def own_cells(row: Row, reason: str) -> list[str]:
    """Return the cells that a report adds before the cells of a row."""
    return [str(row.line), reason, *([row.customer] if row.customer else ())]


class CsvReport(Table):
    """A table with a CSV report of refused rows; `raw` of a row is a list of cells."""

    suffix = ".csv"
    delimiter = ","

    def _masked(self, row: Row, kept: set[str]) -> list[str]:
        headings = () if row.problem else self.headings
        return [
            cell if heading in kept else mask_card_numbers(cell)
            for heading, cell in zip_longest(headings, row.raw)
        ]

    def written(self, row: Row) -> str:
        return self._written(row.raw)

    def report_heading(self, *, taken: bool) -> str:
        """Return the heading of a report: `line` and `reason` come before the columns of the file.

        It begins with a byte order mark, by which spreadsheets recognise UTF-8.
        """
        own = TAKEN_HEADINGS if taken else OWN_HEADINGS
        kept = self.headings[own_columns(self.headings, own) :]
        return BYTE_ORDER_MARK + self._written([*own, *map(guard, kept)])

    def report(self, row: Row, reason: str) -> str:
        count = len(self.headings)
        kept = row.raw if row.problem else row.raw[:count]
        if not row.problem or len(kept) > 1:
            own = TAKEN_HEADINGS if row.customer else OWN_HEADINGS
            kept = kept[own_columns(self.headings, own) :]
        cells = (guard(unguard(cell.replace(LINE_BREAK, "\n"))) for cell in kept)
        return self._written([*own_cells(row, reason), *cells])

    def _written(self, cells: list[str]) -> str:
        out = io.StringIO()
        csv.writer(out, delimiter=self.delimiter, lineterminator="\r\n").writerow(cells)
        return out.getvalue()
