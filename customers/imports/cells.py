"""Read a cell: absent, text, yes or no. Shared with the export, which writes them.

What a spreadsheet would run is guarded by the export and freed by the import (config.spreadsheets).
A text of exactly `NULL` outside of a person's name is marked in the same way, in both formats.
"""

import json
import re
from typing import Any

PERSON = frozenset({"first_name", "last_name", "full_name"})

_NULL = re.compile(r"'*NULL\Z")

_WORDS = dict.fromkeys(("true", "yes", "y", "t", "1", "on"), True) | dict.fromkeys(
    ("false", "no", "n", "f", "0", "off"), False
)


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


def read_list(text: str) -> list[str]:
    """Return the values of a cell: those between semicolons, or a list that is JSON."""
    if text.startswith("["):
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if isinstance(found, list) and all(isinstance(one, str) for one in found):
            return found
    return [part.strip() for part in text.split(";") if part.strip()]


def join_list(values: list[str]) -> str:
    """Return a cell that `read_list` reads back: JSON where a value has a semicolon in it."""
    text = "; ".join(values)
    return text if read_list(text) == values else json.dumps(values, ensure_ascii=False)
