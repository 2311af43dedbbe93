"""The cells of a workbook as a spreadsheet shows them.

>>> as_shown(2134, "00000"), as_shown(447911123456, "General"), as_shown(1001.0, "0")
('02134', '447911123456', '1001')
>>> as_shown(date(1988, 2, 29), "dd/mm/yyyy"), as_shown(True, "General")
('1988-02-29', 'TRUE')
"""

import re
from datetime import date, datetime, time, timedelta
from typing import Any

# Spreadsheets store fifteen digits of a number.
_EXACT = 1e15
_LITERAL = re.compile(r"\[[^\]]*\]|_.|\*.")
_DIGITS_AND_MARKS = re.compile(r'(?:[0#]|[-+() /.\\]|"[^"]*")+\Z')
_QUOTED = re.compile(r'"([^"]*)"|\\(.)')


def as_shown(value: Any, number_format: str | None) -> str:
    """Return the text of a value: dates in ISO order, numbers in full.

    A format of digits (`00000`, `(000) 000-0000`) adds its zeros and marks to a number. A
    spreadsheet shows long numbers in scientific notation but stores them whole; only numbers from
    1e15 on have lost digits, and stay in scientific notation.
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        is_day = not (value.hour or value.minute or value.second)
        return value.date().isoformat() if is_day else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    if isinstance(value, float) and abs(value) >= _EXACT:
        return f"{value:.14E}"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and value >= 0 and number_format not in (None, "General", "@"):
        return _in_format(value, str(number_format))
    return str(value)


def _in_format(number: int, number_format: str) -> str:
    """Return a whole number in a format of digits, with its zeros and marks."""
    pattern = _LITERAL.sub("", number_format.split(";")[0])
    if not _DIGITS_AND_MARKS.match(pattern) or pattern.count("0") + pattern.count("#") < 2:
        return str(number)
    pattern = _QUOTED.sub(lambda found: found[1] or found[2] or "", pattern)
    if pattern.count(".") == 1:
        return str(number)
    digits, out = str(number), []
    for mark in reversed(pattern):
        if mark not in "0#":
            out.append(mark)
        elif digits or mark == "0":
            out.append(digits[-1:] or "0")
            digits = digits[:-1]
    text = "".join(reversed(out)).strip()
    # Put digits for which the format has no place before its first one.
    at = next((at for at, letter in enumerate(text) if letter.isdigit()), 0)
    return f"{text[:at]}{digits}{text[at:]}"
