"""Detect card numbers, which are never stored: 13 to 19 digits of an issuer, with a Luhn check.

Free text that contains a card number is refused; files and logs mask it. Ids and phone numbers are
not checked, because long numbers are normal there.
"""

import logging
import re
from collections.abc import Iterator

from django.db import models
from django.utils.translation import gettext_lazy as _

from config.errors import Invalid

# Columns that may contain long numbers.
NUMBERS = frozenset({"external_id", "phone"})

# Separators between groups of digits, as in text, forms and query strings. A comma or a bar next to
# a space separates the items of a list instead.
_DASHES = r"\-\u2010-\u2015\u2212\ufe58\ufe63\uff0d"
_GAP = (
    r"(?:[\s\u00ad\u200b-\u200d\u2060\ufeff]+"
    rf"|\s?[{_DASHES}./\\\u00b7\uff0e\uff0f]{{1,2}}\s?"
    r"|[_,|+\uff0c\uff3f]|%20|%C2%A0)"
)
# A number that touches a letter is part of a code.
_RUN = re.compile(rf"(?<!\w)\d+(?:{_GAP}\d+)*(?!\w)", re.IGNORECASE)
_PART = re.compile(rf"{_GAP}|(\d+)", re.IGNORECASE)
_UUID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE)
LEAST, MOST = 13, 19
# The group lengths of printed and typed card numbers. Dates, phone numbers, amounts and most order
# numbers have other groups.
_GROUPINGS = frozenset(
    tuple(map(int, lengths.split("-")))
    for lengths in (
        *("4-4-5", "4-4-4-1", "4-6-4", "4-4-4-2", "4-6-5", "4-4-4-3"),
        *("4-4-4-4", "4-6-6", "4-4-8", "4-8-4", "8-8"),
        *("4-4-4-4-1", "4-4-4-4-2", "4-4-4-4-3", "6-13"),
    )
)
# The length of the longest phone number (ITU-T E.164). Without `+` it can look like a card number.
_LONGEST_PHONE = 15
MASK = "•"
_MASKED = re.compile(rf"{MASK}(?:{_GAP}?{MASK}){{{LEAST - 1}}}", re.IGNORECASE)

# Lengths and first digits of the issuers' numbers (ISO/IEC 7812).
_ISSUERS = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})"  # Visa
    r"|(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)\d*(?<=\d{16})(?<!\d{17})"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|095|[689])\d*(?<=\d{14})"  # Diners Club
    r"|(?:6011|64[4-9]|65|622|35(?:2[89]|[3-8])|62|81)\d*(?<=\d{16})"  # Discover, JCB, UnionPay
    r"|(?:50|5[6-8]|6304|6759|676[1-3])\d*(?<=\d{13})"  # Maestro
    r"|(?:220[0-4]|60|82|508|9792)\d*(?<=\d{16})"  # Mir, RuPay, Troy
)


class CardNumber(Invalid, code="card_number"):
    message = _("This contains a card number, which is never stored here. Leave it out.")
    advice = "Send the processor's token, the brand and the last four digits instead."


class MaskingFormatter(logging.Formatter):
    """Format a line of the log, its exception and its stack with card numbers masked."""

    def __init__(self, source: str) -> None:
        super().__init__(f"{{asctime}} {{levelname}} {source}: {{message}}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        return mask_card_numbers(super().format(record))


def holds_card_number(text: str) -> bool:
    """Return whether a text contains a card number."""
    return next(_card_numbers(text), None) is not None


def mask_card_numbers(text: str) -> str:
    """Return a text with each digit of its card numbers replaced by MASK."""
    found = [*_card_numbers(text)]
    if not found:
        return text
    letters = list(text)
    for begin, end in found:
        for at in range(begin, end):
            letters[at] = MASK if letters[at].isdecimal() else letters[at]
    return "".join(letters)


def holds_masked_number(text: str) -> bool:
    """Return whether a text contains a masked card number."""
    return _MASKED.search(text) is not None


def refuse_card_numbers(row: models.Model, where: str = "") -> None:
    """Raise CardNumber if a text field has a card number; `where` goes before the field's name."""
    for field in row._meta.concrete_fields:
        if not isinstance(field, models.CharField | models.TextField) or field.generated:
            continue
        if field.name in NUMBERS:
            continue
        if holds_card_number(field.value_from_object(row) or ""):
            raise CardNumber(field=where + field.name)


def _card_numbers(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each card number in a text."""
    if len(text) < LEAST:
        return
    for run in _RUN.finditer(_UUID.sub(lambda uuid: "x" * len(uuid[0]), text)):
        groups = [part for part in _PART.finditer(text, *run.span()) if part[1]]
        follows_plus = text.endswith("+", 0, run.start())
        for first, last in _candidates([len(group[1]) for group in groups]):
            digits = "".join(group[1] for group in groups[first : last + 1])
            is_phone = follows_plus and first == 0 and len(digits) <= _LONGEST_PHONE
            if not is_phone and _is_card_number(digits):
                yield groups[first].start(), groups[last].end()


def _candidates(lengths: list[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last index of adjacent groups whose lengths fit a card number."""
    for first in range(len(lengths)):
        total = 0
        for last in range(first, len(lengths)):
            total += lengths[last]
            if total > MOST:
                break
            shape = tuple(lengths[first : last + 1])
            if total >= LEAST and (len(shape) in (1, total) or shape in _GROUPINGS):
                yield first, last


def _is_card_number(written: str) -> bool:
    digits = "".join(str(int(digit)) for digit in written)
    return (
        _ISSUERS.fullmatch(digits) is not None
        and _passes_luhn(digits)
        and not (len(digits) == LEAST and _is_barcode(digits))
    )


def _passes_luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_barcode(digits: str) -> bool:
    """Whether 13 digits end with the check digit of a barcode (EAN-13)."""
    return sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(digits)) % 10 == 0
