"""Write CSV for spreadsheets, which run a cell that begins with `=` or a similar character.

An apostrophe is added before the text of such a cell. One more is added if the text already begins
with apostrophes and such a character, so that every text can be read back. Phone numbers stay
unchanged: `+`, digits, spaces and `( ) . / -` can do arithmetic at worst, and call nothing.
"""

import csv
import io
import re
from collections.abc import Iterable

# Spreadsheets recognize UTF-8 by it.
BYTE_ORDER_MARK = "\ufeff"

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_DIALLED = re.compile(r"\+[\d ()./-]*\Z", re.ASCII)


def guard(text: str) -> str:
    """Return text as a cell that no spreadsheet runs as a formula."""
    return f"'{text}" if _FORMULA.match(text) and not _DIALLED.match(text) else text


def unguard(text: str) -> str:
    """Return the text of a guarded cell; other text is returned unchanged."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def csv_line(cells: Iterable[str]) -> str:
    """Return cells as a line of CSV (RFC 4180)."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
