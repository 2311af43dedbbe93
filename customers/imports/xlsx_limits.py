"""Limits for workbooks: a small archive can repeat the same text or blank row a million times."""

import re
import zipfile
from collections.abc import Sequence
from typing import Any

# The most characters and cells, blank ones included, that one reading returns.
MOST_LETTERS = 50 * 1024 * 1024
MOST_CELLS = 20_000_000
MOST_SHEETS = 50
# This many blank rows are the end of a sheet.
MOST_BLANK = 10_000
# The longest number format in a spreadsheet.
LONGEST_FORMAT = 255
# A row is in memory as a whole: the most bytes of a row, and the most tags of an archive.
MOST_ROW_BYTES = 2 * 1024 * 1024
MOST_TAGS = 8_000_000
_PIECE, _WINDOW, _LONGEST_TAG = 1024 * 1024, 16 * 1024, 20
_MARK = re.compile(rb"<(/?)(?:\w+:)?(row|sheetData)\b")
# The beginnings of UTF-16, in which these tags are not found; no spreadsheet writes it.
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


class Given:
    """The characters and cells of a workbook that were returned so far."""

    def __init__(self) -> None:
        self.letters = self.cells = 0

    def is_beyond(self, cells: Sequence[str]) -> bool:
        """Count a row, and return whether a limit is exceeded."""
        self.cells += len(cells)
        self.letters += sum(map(len, cells))
        return self.cells > MOST_CELLS or self.letters > MOST_LETTERS


def shown_format(cell: Any) -> str | None:
    """Return the number format of a cell, None if it is longer than allowed."""
    found: str | None = cell.number_format
    return None if found is None or len(found) > LONGEST_FORMAT else found


def is_too_dense(archive: zipfile.ZipFile) -> bool:
    """Return whether an archive has too many tags, or a row that is too long."""
    tags = 0
    for part in archive.infolist():
        with archive.open(part) as handle:
            end, since, is_in_rows = b"", 0, False
            while piece := handle.read(_PIECE):
                tags += piece.count(b"<")
                if tags > MOST_TAGS or (not end and piece.startswith(_WIDE)):
                    return True
                # The end of a piece may cut a tag.
                data, since = end + piece, since + len(piece)
                if mark := _last_mark(data):
                    is_in_rows = mark[1] != b"/" or mark[2] == b"row"
                    since = len(data) - mark.end()
                if is_in_rows and since > MOST_ROW_BYTES:
                    return True
                end = data[-_LONGEST_TAG:]
    return False


def _last_mark(data: bytes) -> re.Match[bytes] | None:
    """Return the last tag of a row or of all rows, searching from the end."""
    for start in range(len(data), 0, -_WINDOW):
        window = _MARK.finditer(data, max(start - _WINDOW, 0), start + _LONGEST_TAG)
        if found := [*window]:
            return found[-1]
    return None
