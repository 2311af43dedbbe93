"""Card numbers, which are never kept: 13 to 19 digits that pass a Luhn check."""

import re
from collections.abc import Iterator

from django.db import models

from .errors import CardNumber

# Digits may stand in groups, with spaces, dashes or dots between them. A dash with a space on each
# side is one between two things, such as two dates.
_GAP = r"(?:[\s\u00ad\u200b-\u200d\u2060]+|[.\-\u2010-\u2015\u2212_]{1,2})"
_RUN = re.compile(rf"\d+(?:{_GAP}\d+)*")
_GROUP = re.compile(r"\d+")
LEAST, MOST = 13, 19


def holds_card_number(text: str) -> bool:
    """Tell whether a text has a card number in it."""
    return any(_passes_luhn(digits) for run in _RUN.findall(text) for digits in _candidates(run))


def refuse_card_numbers(row: models.Model, where: str = "") -> None:
    """Raise CardNumber where a text field of a row holds one; `where` stands before its name."""
    for field in row._meta.concrete_fields:
        if not isinstance(field, models.CharField | models.TextField) or field.generated:
            continue
        if holds_card_number(field.value_from_object(row) or ""):
            raise CardNumber(where + field.name)


def _candidates(run: str) -> Iterator[str]:
    """Yield the digits of neighbouring groups that are together as long as a card number."""
    groups = _GROUP.findall(run)
    for start in range(len(groups)):
        digits = ""
        for group in groups[start:]:
            digits += group
            if len(digits) > MOST:
                break
            if len(digits) >= LEAST:
                yield digits


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
