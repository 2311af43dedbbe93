"""CSV that people open in a spreadsheet, which runs a cell that begins with `=` and the like.

Such a cell therefore gets an apostrophe before it. Text that itself begins with an apostrophe and
such a character gets one more, so every text can be read back as it was. A phone number stays as
people write it: what begins with `+` and is made of digits, spaces and `( ) . / -` alone is sums at
worst, and reaches nothing.
"""

import csv
import io
import re
from collections.abc import Iterable

# By which a spreadsheet knows UTF-8.
BYTE_ORDER_MARK = "\ufeff"

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_DIALLED = re.compile(r"\+[\d ()./-]*\Z", re.ASCII)


def guard(text: str) -> str:
    """Return text as a cell that no spreadsheet runs."""
    return f"'{text}" if _FORMULA.match(text) and not _DIALLED.match(text) else text


def unguard(text: str) -> str:
    """Return the text behind a guarded cell, and any other as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def csv_line(cells: Iterable[str]) -> str:
    """Return cells as a line of CSV, as RFC 4180 writes them."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
