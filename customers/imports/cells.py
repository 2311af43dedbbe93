"""What a cell says: absent, literal text, yes or no. Shared with the export, which writes them.

A spreadsheet runs a cell that begins with `=` and the like. The export therefore puts an
apostrophe before such a cell, and the import takes it away. Text that itself begins with an
apostrophe and such a character gets one more, so every text comes back as it was. A phone number
stays as people write it: what begins with `+` and is made of digits, spaces and `( ) . / -` alone
is sums at worst, and reaches nothing.
A text of exactly `NULL` outside of a person's name is marked in the same way, in both formats.
"""

import re
from typing import Any

PERSON = frozenset({"first_name", "last_name", "full_name"})

_FORMULA = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_NULL = re.compile(r"'*NULL\Z")
_DIALLED = re.compile(r"\+[\d ()./-]*\Z", re.ASCII)

_WORDS = dict.fromkeys(("true", "yes", "y", "t", "1", "on"), True) | dict.fromkeys(
    ("false", "no", "n", "f", "0", "off"), False
)


def guard(text: str) -> str:
    """Return text as a cell that no spreadsheet runs."""
    return f"'{text}" if _FORMULA.match(text) and not _DIALLED.match(text) else text


def unguard(text: str) -> str:
    """Return the text behind a guarded cell, and any other as it is."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def mark_null(text: str, field: str) -> str:
    """Return text so that one of exactly `NULL` is not taken for an absent one."""
    return f"'{text}" if field not in PERSON and _NULL.match(text) else text


def read_text(text: str, field: str) -> str:
    """Return what a cell holds, trimmed: "" where that is nothing or exactly `NULL`."""
    text = text.strip()
    if field in PERSON:
        return text
    if text == "NULL":
        return ""
    return text[1:] if text.startswith("'") and _NULL.match(text) else text


def read_flag(value: Any) -> Any:
    """Return true or false for a word or number that says so, anything else as it is."""
    if isinstance(value, bool | str | int):
        return _WORDS.get(str(value).casefold(), value)
    return value
